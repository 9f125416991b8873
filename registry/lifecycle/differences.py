"""Where registries and catalogue differ, each with what corrects it.

Commands that change something make the catalogue say what is wanted, then correct the differences; a repair
looks for all of them. So there is one meaning of "the registries agree".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from schemas.versions import SchemaVersion

from ..catalogue import PublishedArtifact
from ..publishers.latest_decision import LatestDecision
from ..publishers.publisher import Publisher
from ..publishers.withdrawal_mark import mark_text, marked_reason, restored_tag
from ..release.context import ReleaseContext
from ..release.latest_version import places_of, spelled, spelled_tags, wanted_line_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``text`` says what changes. ``correct`` is None where only people can change it, as ``fix`` says; it
    gives False where the registry can't do that."""

    text: str
    correct: Callable[[], object] | None = None
    fix: str = ""

    def is_corrected(self) -> bool:
        """Correct it; False where that can't be done from here."""
        return self.correct is not None and self.correct() is not False


def latest_differences(
    context: ReleaseContext,
    artifacts: Sequence[PublishedArtifact],
    latest: SchemaVersion,
    decision: int | None,
) -> Iterator[Difference]:
    """Between the tags of ``artifacts`` and ``latest``, and the decision that led to it."""
    for packed, publisher in places_of(context, artifacts):
        wanted = spelled(latest, packed)
        if packed.kind != "npm":
            continue  # a Python index has no tags
        if decision is not None:
            shown, ours = publisher.decisions(packed.name), LatestDecision(decision, wanted)
            if shown != [ours]:
                before = ", ".join(f"{each.tag} on {each.version}" for each in shown)
                yield Difference(
                    text=f"{packed.name}: the tag {ours.tag} is on {wanted}"
                    f"{f', instead of {before}' if before else ''}{where(context, packed, publisher)}",
                    correct=partial(publisher.show_decision, packed.name, ours),
                )
        tag = publisher.latest(packed.name)
        if tag != wanted:
            yield Difference(
                text=f"{packed.name}: latest moves from {tag or 'the placeholder'} to {wanted}"
                f"{where(context, packed, publisher)}",
                correct=partial(_move, publisher, packed, wanted),
            )


def line_differences(
    context: ReleaseContext, artifacts: Sequence[PublishedArtifact], latest: SchemaVersion
) -> Iterator[Difference]:
    """Between the tags of lines and where these belong."""
    wanted = wanted_line_tags(context, artifacts, latest, latest)
    for packed, publisher in places_of(context, artifacts):
        if packed.kind != "npm":
            continue
        found, there = publisher.tags(packed.name), publisher.versions(packed.name)
        for tag, version in spelled_tags(wanted, packed).items():
            # A package that hasn't got the version, as one that is named otherwise since, keeps its tag.
            if found.get(tag) != version and (version is None or version in there):
                yield Difference(
                    text=f"{packed.name}: the tag {tag} "
                    + (f"is on {version}" if version else "is removed")
                    + (f", instead of {found[tag]}" if tag in found else "")
                    + where(context, packed, publisher),
                    correct=partial(publisher.set_tags, packed.name, {tag: version}),
                )


def mark_differences(
    context: ReleaseContext,
    artifacts: Iterable[PublishedArtifact],
    reason: str | None,
    *,
    is_restored: bool,
) -> Iterator[Difference]:
    """Between the marks of one version's packages and why it is withdrawn (None: it isn't). ``is_restored``:
    it isn't any more."""
    for packed, publisher in places_of(context, artifacts):
        if packed.kind != "npm":
            continue
        if reason is None:  # the tag comes first, and leaves last: with a mark it means nothing
            yield from _restored_tag(context, packed, publisher, wanted=is_restored)
            yield from _mark(context, packed, publisher, None)
        else:
            yield from _mark(context, packed, publisher, mark_text(reason))
            yield from _restored_tag(context, packed, publisher, wanted=False)


def _mark(
    context: ReleaseContext, packed: PublishedArtifact, publisher: Publisher, wanted: str | None
) -> Iterator[Difference]:
    found = publisher.withdrawal(packed.name, packed.version)
    if found == wanted or (wanted is None and marked_reason(found) is None):
        return  # or somebody deprecated it with npm, for reasons of their own
    what = "is not marked as withdrawn any more" if wanted is None else f"is marked as {wanted!r}"
    yield Difference(
        text=f"{packed.name} {packed.version} {what}{where(context, packed, publisher)}",
        correct=partial(publisher.mark_withdrawn, packed.name, packed.version, wanted),
    )


def _restored_tag(
    context: ReleaseContext, packed: PublishedArtifact, publisher: Publisher, *, wanted: bool
) -> Iterator[Difference]:
    tag = restored_tag(packed.version)
    has_version = packed.version in publisher.versions(packed.name)
    if (tag in publisher.tags(packed.name)) != wanted and has_version:
        yield Difference(
            text=f"{packed.name}: the tag {tag} is {'set' if wanted else 'removed'}"
            f"{where(context, packed, publisher)}",
            correct=partial(publisher.set_tags, packed.name, {tag: packed.version if wanted else None}),
        )


def where(context: ReleaseContext, packed: PublishedArtifact, publisher: Publisher) -> str:
    """Which of several registries it is; empty where there is one of the kind."""
    return f" in {publisher.url}" if len(context.publishers[packed.kind].registries) > 1 else ""


def pip_notes(context: ReleaseContext, latest: Sequence[PublishedArtifact]) -> list[str]:
    """What people who use pip have to know: a Python index has no tags, and no request yanks a file.

    ``latest`` are the artifacts of the version that is `latest`.
    """
    notes = []
    for packed, publisher in places_of(context, latest):
        if packed.kind != "wheel" or (found := publisher.unpinned(packed.name)) in (None, packed.version):
            continue
        notes.append(
            f"pip install {packed.name} still gives {found}: {publisher.url} has no tags, and takes no "
            f"request to yank a file. Pin {packed.name}=={packed.version}, exclude {packed.name}!={found}, "
            "or publish a higher version"
        )
    return notes


def yank_notes(context: ReleaseContext, artifacts: Iterable[PublishedArtifact], *, yanked: bool) -> list[str]:
    """The wheels that their index shows otherwise than as ``yanked`` says: whether they are withdrawn."""
    return [
        f"{publisher.url} {'does not show' if yanked else 'still shows'} {each.name} "
        f"{each.version} as yanked: {'yank it' if yanked else 'take that back'} on the index's own pages, "
        "where it has them (devpi has none)"
        for each, publisher in places_of(context, artifacts)
        if each.kind == "wheel" and (publisher.withdrawal(each.name, each.version) is not None) != yanked
    ]


def _move(publisher: Publisher, packed: PublishedArtifact, version: str) -> None:
    publisher.set_latest(packed.name, version)
    publisher.end_staging(packed.name, version)
