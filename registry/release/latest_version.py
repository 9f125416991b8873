"""Which version is `latest`, the one that consumers get when they don't ask for any.

The state of one machine is not enough: another one may have published since, or this one may have been set
up a minute ago. So the catalogue, the workspace's seals and the registries are all read. Where somebody has
decided what `latest` is, it is that, until a higher version is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue, PublishedArtifact
from ..catalogue.facts.events import LATEST_MOVED, NewEvent
from ..publishers.dist_tags import line_tags
from ..publishers.latest_decision import LatestDecision
from ..publishers.publisher import Publisher
from .context import ReleaseContext
from .latest_rule import latest_of, takes_over


def settle_latest(
    context: ReleaseContext,
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
    decided = find_decision(context, artifacts)
    if decided is None:
        known = filter(None, {context.catalogue.latest(), sealed, *tags})
        latest = latest_of([*sorted(known), published]) or published
    else:
        decided.record(context.catalogue)
        latest = decided.version
        if may_be_new and takes_over(published, latest) and _is_first_release(context, artifacts):
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
        publisher.end_staging(packed.name)
    return latest


def places_of(
    context: ReleaseContext, artifacts: Iterable[PublishedArtifact]
) -> list[tuple[PublishedArtifact, Publisher]]:
    """Each artifact with each registry that it goes to."""
    return [(packed, each) for packed in artifacts for each in context.publishers[packed.kind].registries]


def _settle_lines(
    context: ReleaseContext,
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
    context: ReleaseContext,
    artifacts: Sequence[PublishedArtifact],
    published: SchemaVersion,
    latest: SchemaVersion,
) -> Mapping[str, SchemaVersion | None]:
    """Where the tags of lines belong once ``published`` is published: no withdrawn version, and none that
    waits to be promoted, has one."""
    found = [registry.tags(packed.name) for packed, registry in places_of(context, artifacts)]
    hidden = hidden_versions(context) - {published}
    return line_tags([*context.catalogue.versions(), published], latest, found, hidden)


def hidden_versions(context: ReleaseContext) -> set[SchemaVersion]:
    """The published versions that no consumer should get: withdrawn ones, and those that wait."""
    return {*context.catalogue.events.withdrawn(), *context.catalogue.staged.all()}


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


def find_decision(context: ReleaseContext, artifacts: Sequence[PublishedArtifact]) -> DecidedLatest | None:
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
    context: ReleaseContext, artifacts: Sequence[PublishedArtifact], number: int, version: SchemaVersion
) -> None:
    """Let every machine see the decision with that number, and that it leads to ``version``."""
    for packed, registry in places_of(context, artifacts):
        registry.show_decision(packed.name, LatestDecision(number, spelled(version, packed)))


def _is_first_release(context: ReleaseContext, artifacts: Sequence[PublishedArtifact]) -> bool:
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
