"""Which version is `latest`, the one that consumers get when they don't ask for any.

The state of one machine is not enough: another one may have published since, or this one may have been set
up a minute ago. So the catalogue, the workspace's seals and the registries are all read. Where somebody has
decided what `latest` is, it is that, until a higher version is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from generators.target import Kind
from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue, PublishedArtifact
from ..catalogue.facts.events import LATEST_MOVED, RESTORED, WITHDRAWN, NewEvent
from ..publishers.dist_tags import followed_tags, line_tags, tags_in
from ..publishers.latest_decision import LatestDecision
from ..publishers.publisher import Publisher
from ..publishers.withdrawal_mark import shown_withdrawals
from .latest_rule import latest_of, takes_over


class Places(Protocol):
    """Where it is written what is published."""

    @property
    def catalogue(self) -> Catalogue:
        """What this machine knows."""

    @property
    def publishers(self) -> Mapping[Kind, Publisher]:
        """What everybody sees."""


def settle_latest(
    context: Places,
    artifacts: Sequence[PublishedArtifact],
    published: SchemaVersion,
    sealed: SchemaVersion | None,
    *,
    may_be_new: bool = True,
) -> SchemaVersion:
    """Let every registry that has the latest version agree on it, whatever they had before; returns it.

    It is the highest of what the catalogue, the seals (``sealed``) and the registries' own tags say, once
    ``published`` is published. A tag that would have to move to a lower version stays where it is.

    After a decision it is the version that was chosen, until a higher one is released. ``may_be_new``: this
    may be the first release of ``published``; repeating one changes nothing.
    """
    places = places_of(context, artifacts)
    tags = [_tagged_latest(registry, packed) for packed, registry in places]
    now = adopt(context, artifacts)
    decided, withdrawn = now.latest, now.withdrawn
    if decided is None:
        known = sorted(filter(None, {context.catalogue.latest(), sealed, *tags}))
        latest = latest_of(each for each in (*known, published) if each not in withdrawn) or published
    else:
        latest = decided.version
        is_released = may_be_new and published not in withdrawn
        if is_released and takes_over(published, latest) and _is_first_release(context, artifacts):
            latest = published
        show_decision(context, artifacts, decided.number, latest)
    for (packed, publisher), tag in zip(places, tags, strict=True):
        if tag is None or (tag != latest and (decided is not None or takes_over(latest, tag))):
            publisher.set_latest(packed.name, spelled(latest, packed))
        if tag is None and latest != published and publisher.latest(packed.name) is None:
            # It hasn't got the latest version, as one that is named otherwise since.
            publisher.set_latest(packed.name, spelled(published, packed))
    _settle_lines(context, artifacts, published, latest)
    for packed, publisher in places:  # consumers don't see these: first of all the tags have to agree
        publisher.end_staging(packed.name, spelled(published, packed))
    return latest


def latest_now(context: Places, artifacts: Sequence[PublishedArtifact]) -> SchemaVersion | None:
    """`latest` as everybody sees it, whatever this machine has missed; None where nothing is released."""
    decided = find_decision(context, artifacts)
    if decided is not None:
        return decided.version
    tags = {_tagged_latest(registry, packed) for packed, registry in places_of(context, artifacts)}
    withdrawn = withdrawn_versions(context, artifacts)
    known = sorted(filter(None, {context.catalogue.latest(), *tags}))
    return latest_of(each for each in known if each not in withdrawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What counts now, whoever decided it: which version is `latest`, unless it follows the releases, and
    which are withdrawn."""

    latest: DecidedLatest | None
    withdrawn: Mapping[SchemaVersion, str]


def adopt(context: Places, artifacts: Sequence[PublishedArtifact]) -> Decisions:
    """Record what other machines have decided, as the registries of ``artifacts`` show it."""
    now = Decisions(
        latest=find_decision(context, artifacts), withdrawn=withdrawn_versions(context, artifacts)
    )
    if now.latest is not None:
        now.latest.record(context.catalogue)
    events = context.catalogue.events
    known = events.withdrawn()
    back = [NewEvent(event=RESTORED, version=each) for each in sorted(known.keys() - now.withdrawn.keys())]
    gone = [
        NewEvent(event=WITHDRAWN, version=each, details={"reason": now.withdrawn[each]})
        for each in sorted(now.withdrawn.keys() - known.keys())
    ]
    if back or gone:
        events.adopt([*back, *gone], latest=None)
    return now


def places_of(
    context: Places, artifacts: Iterable[PublishedArtifact]
) -> list[tuple[PublishedArtifact, Publisher]]:
    """Each artifact with each registry that it goes to."""
    return [(packed, each) for packed in artifacts for each in context.publishers[packed.kind].registries]


def _settle_lines(
    context: Places,
    artifacts: Sequence[PublishedArtifact],
    published: SchemaVersion,
    latest: SchemaVersion,
) -> None:
    """Let the tags of all packages follow their lines, as far as these packages have the versions."""
    places = places_of(context, artifacts)
    wanted = wanted_line_tags(context, artifacts, published, latest)
    for packed, registry in places:
        registry.set_tags(packed.name, spelled_tags(wanted, packed))


def wanted_line_tags(
    context: Places,
    artifacts: Sequence[PublishedArtifact],
    published: SchemaVersion,
    latest: SchemaVersion,
) -> Mapping[str, SchemaVersion | None]:
    """Where the tags of lines belong once ``published`` is published: no withdrawn version, and none that
    waits to be promoted, has one."""
    shown = _packuments(context, artifacts)
    found = [tags_in(each) for each in shown]
    waiting = set(context.catalogue.staged.all()) - _followed(shown) - {published}
    hidden = waiting | _withdrawn(context, shown).keys()
    return line_tags([*context.catalogue.versions(), published], latest, found, hidden)


def hidden_versions(context: Places, artifacts: Sequence[PublishedArtifact]) -> set[SchemaVersion]:
    """The published versions that no consumer should get: withdrawn ones, and those that wait."""
    shown = _packuments(context, artifacts)
    waiting = set(context.catalogue.staged.all()) - _followed(shown)
    return waiting | _withdrawn(context, shown).keys()


def followed_versions(context: Places, artifacts: Sequence[PublishedArtifact]) -> set[SchemaVersion]:
    """Those that a tag names that consumers follow: what waits by this catalogue, and is one of them, another
    machine has promoted."""
    return _followed(_packuments(context, artifacts))


def withdrawn_versions(
    context: Places, artifacts: Sequence[PublishedArtifact]
) -> Mapping[SchemaVersion, str]:
    """Those that nobody should use, with the reason: by the catalogue, or by what another machine has done
    since, as the registries of ``artifacts`` show it.

    A version that was restored here had no mark when that was finished: one that is there now is newer. A
    mark that is missing was taken away by another machine only where the version is shown as restored.
    """
    return _withdrawn(context, _packuments(context, artifacts))


def _packuments(context: Places, artifacts: Sequence[PublishedArtifact]) -> list[Mapping[str, Any]]:
    return [registry.packument(packed.name) for packed, registry in places_of(context, artifacts)]


def _followed(shown: Iterable[Mapping[str, Any]]) -> set[SchemaVersion]:
    return {version for each in shown for _, version in followed_tags(tags_in(each))}


def _withdrawn(context: Places, shown: Iterable[Mapping[str, Any]]) -> Mapping[SchemaVersion, str]:
    events = context.catalogue.events
    found = dict(events.withdrawn())
    own = {each.version for each in events.unfinished() if each.event in (WITHDRAWN, RESTORED)}
    marks = [shown_withdrawals(each) for each in shown]
    reasons = {text: reason for each in marks for text, reason in each.reasons.items()}
    for text in {text for each in marks for text in each.restored} - reasons.keys():
        if (version := _read_version(text)) is not None and version not in own:
            found.pop(version, None)
    for text, reason in reasons.items():
        if (version := _read_version(text)) is not None and version not in own:
            found.setdefault(version, reason)
    return found


def spelled_tags(
    wanted: Mapping[str, SchemaVersion | None], packed: PublishedArtifact
) -> dict[str, str | None]:
    """The tags as the registry of ``packed`` spells versions."""
    return {tag: None if version is None else spelled(version, packed) for tag, version in wanted.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLatest:
    """The last decision about `latest`, and the version that it leads to. ``is_new``: it was made on another
    machine, and the catalogue doesn't know it yet."""

    number: int
    version: SchemaVersion
    is_new: bool

    def record(self, catalogue: Catalogue) -> None:
        """Let the catalogue know it."""
        if self.is_new:
            event = NewEvent(event=LATEST_MOVED, version=self.version, decision=self.number)
            catalogue.events.adopt([event], latest=self.version)


def find_decision(context: Places, artifacts: Sequence[PublishedArtifact]) -> DecidedLatest | None:
    """By the catalogue and by what the registries of ``artifacts`` show; None if nobody decided anything."""
    places = places_of(context, artifacts)
    shown = [each for packed, registry in places for each in registry.decisions(packed.name)]
    known = context.catalogue.events.decision()
    last = max([each.number for each in shown] + ([] if known is None else [known]), default=None)
    if last is None:
        return None
    versions = [_read_version(each.version) for each in shown if each.number == last]
    if known == last:
        versions.append(context.catalogue.latest())
    chosen = latest_of(sorted(filter(None, versions)))
    if chosen is None:
        return None
    return DecidedLatest(number=last, version=chosen, is_new=known != last)


def show_decision(
    context: Places, artifacts: Sequence[PublishedArtifact], number: int, version: SchemaVersion
) -> None:
    """Let every machine see the decision with that number, and that it leads to ``version``."""
    for packed, registry in places_of(context, artifacts):
        registry.show_decision(packed.name, LatestDecision(number, spelled(version, packed)))


def is_visible(context: Places, artifacts: Sequence[PublishedArtifact]) -> bool:
    """Whether consumers have these, which every registry has: they neither wait nor are being published."""
    return not any(
        registry.is_staged(each.name, each.version)
        or registry.is_waiting(each.name, each.version, each.filename)
        for each, registry in places_of(context, artifacts)
    )


def _is_first_release(context: Places, artifacts: Sequence[PublishedArtifact]) -> bool:
    """Whether the version was uploaded and never became `latest`: a machine that has lost its state, and
    publishes once more what was rolled back, must not bring it back."""
    places = places_of(context, artifacts)
    return any(registry.is_staged(each.name, each.version) for each, registry in places)


def _tagged_latest(registry: Publisher, packed: PublishedArtifact) -> SchemaVersion | None:
    """The registry's `latest`, or None if that isn't a version number that this tool could have published."""
    tag = registry.latest(packed.name)
    return None if tag is None else _read_version(tag)


def _read_version(text: str) -> SchemaVersion | None:
    try:
        return SchemaVersion.parse(text)
    except InvalidVersionError:
        return None


def spelled(version: SchemaVersion, packed: PublishedArtifact) -> str:
    """``version`` as the registry of ``packed`` writes it."""
    return version.pep440 if packed.kind == "wheel" else str(version)
