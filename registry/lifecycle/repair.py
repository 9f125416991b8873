"""Repair: after any fault, and on any machine, registries and catalogue agree again.

In this order: what is published or promoted elsewhere is recorded here; withdrawals and decisions of other
machines are taken over; files that are missing are uploaded, in each registry, and those of a version that
isn't waiting are promoted; `latest` and the marks of withdrawn versions are put right. A file that
has other bytes than were published is never touched: it is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from generators.target import Artifact
from schemas.errors import ServiceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import NewEvent, PublishedArtifact, PublishedVersion
from ..catalogue.engine import state_url
from ..catalogue.facts.events import LATEST_MOVED, RESTORED, WITHDRAWN
from ..publishers.npm import STAGING_TAG, packuments_kept
from ..publishers.publisher import Publisher
from ..release.context import ReleaseContext
from ..release.latest_rule import latest_of, latest_sealed, takes_over
from ..release.latest_version import find_decision, followed_versions, places_of, withdrawn_versions
from ..release.publish_lock import only_publisher
from ..release.snapshots.workspace_snapshot import snapshot_to_build
from .differences import (
    Difference,
    latest_differences,
    line_differences,
    mark_differences,
    pip_notes,
    where,
    yank_notes,
)
from .rollback import rollback_left
from .sealed_versions import as_published, in_release_order, unrecorded_versions
from .unfinished import complete

_UPLOAD_ORDER = ("node", "typescript", "migrations", "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """``changes`` were made, or would be; ``left`` is what only people can put right; ``notes`` are
    for people who use pip."""

    changes: tuple[str, ...]
    left: tuple[Difference, ...]
    notes: tuple[str, ...]
    dry_run: bool


@dataclass(slots=True)
class _Truth:
    """What has to be so, as far as it is known."""

    versions: dict[SchemaVersion, PublishedVersion]
    withdrawn: dict[SchemaVersion, str]
    restored: set[SchemaVersion]
    staged: set[SchemaVersion]
    latest: SchemaVersion | None = None
    decision: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> set[SchemaVersion]:
        """Versions that no consumer should get."""
        return self.withdrawn.keys() | self.staged


def repair(workspace: Workspace, context: ReleaseContext, *, dry_run: bool = False) -> Repair:
    """Find every difference and correct it; ``dry_run``: find it only.

    Raises ReleaseBusyError while a publisher runs, WorkspaceError for a damaged seal, and what the registries
    raise. What was corrected until then stays so.
    """
    state = state_url(context.settings.state.url, workspace.root)
    changes, left = list[str](), list[Difference]()
    with nullcontext() if dry_run else only_publisher(state, context.settings.name):
        if not dry_run:
            changes += complete(workspace, context)
        events, staged = context.catalogue.events, set(context.catalogue.staged.all())
        truth = _Truth(_recorded(context), dict(events.withdrawn()), set(events.restored()), staged)
        with packuments_kept(context.publishers.values()):
            for difference in _differences(workspace, context, truth):
                if difference.correct is None:
                    left.append(difference)
                elif dry_run or difference.is_corrected():
                    changes.append(difference.text)
    return Repair(changes=tuple(changes), left=tuple(left), notes=tuple(truth.notes), dry_run=dry_run)


def _differences(workspace: Workspace, context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    """Each is found when those before it are corrected, or would be."""
    yield from _unrecorded(workspace, context, truth)
    yield from _promoted_elsewhere(workspace, context, truth)
    yield from _withdrawn_elsewhere(context, truth)
    yield from _files(workspace, context, truth)
    yield from _staging_marks(context, truth)
    yield from _latest(workspace, context, truth)
    for version, published in truth.versions.items():
        reason, is_restored = truth.withdrawn.get(version), version in truth.restored
        yield from mark_differences(context, published.artifacts, reason, is_restored=is_restored)
        if reason is not None:
            truth.notes += yank_notes(context, published.artifacts, yanked=True)
    if (databases := rollback_left(context.catalogue)) is not None:
        yield Difference(
            text=f"the rollback to {databases.version} has left {', '.join(databases.databases)}",
            fix=databases.command,
        )
    if truth.latest in truth.versions:
        truth.notes += pip_notes(context, truth.versions[truth.latest].artifacts)


def _recorded(context: ReleaseContext) -> dict[SchemaVersion, PublishedVersion]:
    found = ((version, context.catalogue.find(version)) for version in context.catalogue.versions())
    return {version: published for version, published in found if published is not None}


def _unrecorded(workspace: Workspace, context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    for source in unrecorded_versions(workspace, context):
        if source.lock is None:
            continue
        published = as_published(source, source.lock, context)
        truth.versions[published.version] = published
        latest = context.catalogue.latest() or published.version
        record = partial(context.catalogue.record, published, latest=latest)
        if source.lock.is_staged:
            truth.staged.add(published.version)
            record = partial(context.catalogue.stage, published)
        yield Difference(
            text=f"the state database gets {published.version}, which is sealed here", correct=record
        )


def _promoted_elsewhere(workspace: Workspace, context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    """Versions that wait by this catalogue, and by their seals, or by a tag that consumers follow, don't any
    more."""
    here = workspace.versions()
    followed = followed_versions(context, _newest_artifacts(truth))
    for version in sorted(truth.staged & truth.versions.keys()):
        lock = workspace.release_lock(version) if version in here else None
        if (lock is None or lock.is_staged) and version not in followed:
            continue
        truth.staged.discard(version)
        latest = context.catalogue.latest() or version
        yield Difference(
            text=f"the state database gets that {version} is promoted",
            correct=partial(context.catalogue.record, truth.versions[version], latest=latest),
        )


def _withdrawn_elsewhere(context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    adopt = context.catalogue.events.adopt
    shown: dict[tuple[str, ...], Mapping[SchemaVersion, str]] = {}
    for version, published in truth.versions.items():
        names = tuple(each.name for each in published.artifacts)
        if names not in shown:
            shown[names] = withdrawn_versions(context, published.artifacts)
        reason, known = shown[names].get(version), truth.withdrawn.get(version)
        if reason is not None and known is None:
            truth.withdrawn[version] = reason
            truth.restored.discard(version)
            event = NewEvent(event=WITHDRAWN, version=version, details={"reason": reason})
            yield Difference(
                text=f"the state database gets that {version} is withdrawn: {reason}",
                correct=partial(adopt, [event], latest=None),
            )
        elif reason is None and known is not None:
            del truth.withdrawn[version]
            truth.restored.add(version)
            event = NewEvent(event=RESTORED, version=version)
            yield Difference(
                text=f"the state database gets that {version} is not withdrawn any more",
                correct=partial(adopt, [event], latest=None),
            )


def _latest(workspace: Workspace, context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    names = _newest_artifacts(truth)
    decided = find_decision(context, names)
    known = context.catalogue.latest()
    if decided is not None:
        truth.latest, truth.decision = decided.version, decided.number
    else:
        truth.latest = _highest(workspace, context, truth, names)
    if truth.latest is None:
        return
    if truth.latest in truth.withdrawn:
        hidden = truth.hidden
        other = latest_of(version for version in truth.versions if version not in hidden)
        yield Difference(
            text=f"latest is {truth.latest}, which is withdrawn",
            fix=f"schema-service latest set {other}" if other else "publish another version",
        )
        return
    if known != truth.latest or (decided and decided.is_new):
        events = [NewEvent(event=LATEST_MOVED, version=truth.latest, decision=truth.decision)]
        yield Difference(
            text=f"the state database gets that latest is {truth.latest}",
            correct=partial(context.catalogue.events.adopt, events if decided else [], latest=truth.latest),
        )
    if (published := truth.versions.get(truth.latest)) is not None:
        yield from latest_differences(context, published.artifacts, truth.latest, truth.decision)
        yield from line_differences(context, published.artifacts, truth.latest)


def _newest_artifacts(truth: _Truth) -> Sequence[PublishedArtifact]:
    """Those whose tags are looked at: the packages as they are called now."""
    seen = truth.versions.keys() - truth.staged or truth.versions.keys()
    return truth.versions[max(seen)].artifacts if seen else ()


def _highest(
    workspace: Workspace, context: ReleaseContext, truth: _Truth, names: Sequence[PublishedArtifact]
) -> SchemaVersion | None:
    """Where nobody decided: by the order of the releases, or higher where a registry or a seal says so."""
    hidden = truth.hidden
    released = [each for each in in_release_order(list(truth.versions.values())) if each not in hidden]
    latest = latest_of(released)
    tags = {registry.latest(each.name) for each, registry in places_of(context, names)}
    tagged = {version for version in truth.versions if str(version) in tags}
    for other in (latest_sealed(workspace), context.catalogue.latest(), *sorted(tagged)):
        if other is not None and other not in hidden and (latest is None or takes_over(other, latest)):
            latest = other
    return latest


def _files(workspace: Workspace, context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    for published in truth.versions.values():
        ordered = sorted(published.artifacts, key=lambda each: _UPLOAD_ORDER.index(each.language))
        for artifact, publisher in places_of(context, ordered):
            try:
                found = publisher.lookup(artifact.name, artifact.version, artifact.filename)
            except ServiceError as error:
                if error.exit_code != ServiceError.exit_code:
                    raise
                problem = error.problems[0]
                yield Difference(text=problem.message, fix=problem.fix)
                continue
            is_waiting = published.version in truth.staged
            if found is None:
                yield _missing(workspace, context, published, artifact, publisher, to_wait=is_waiting)
            elif found.sha256 != artifact.sha256:
                yield Difference(
                    text=f"{publisher.url} has other bytes for {artifact.filename} than were published: "
                    f"sha256 {found.sha256} instead of {artifact.sha256}",
                    fix="have the registry's operator restore the file from a backup; it is left as it is",
                )
            elif not is_waiting and publisher.is_waiting(artifact.name, artifact.version, artifact.filename):
                yield Difference(
                    text=f"{artifact.filename} is promoted again to {publisher.url}",
                    correct=partial(publisher.promote, artifact.name, artifact.version, artifact.filename),
                )


def _staging_marks(context: ReleaseContext, truth: _Truth) -> Iterator[Difference]:
    """Marks on versions that don't wait, as a repair leaves that was cut short: after a rollback they would
    make an old version look new."""
    seen = {str(version) for version in truth.versions.keys() - truth.staged}
    for packed, publisher in places_of(context, _newest_artifacts(truth)):
        marked = publisher.tags(packed.name).get(STAGING_TAG)
        if marked in seen:
            yield Difference(
                text=f"{packed.name}: the tag {STAGING_TAG} leaves {marked}, which doesn't wait"
                f"{where(context, packed, publisher)}",
                correct=partial(publisher.set_tags, packed.name, {STAGING_TAG: None}),
            )


def _missing(
    workspace: Workspace,
    context: ReleaseContext,
    published: PublishedVersion,
    packed: PublishedArtifact,
    publisher: Publisher,
    *,
    to_wait: bool,
) -> Difference:
    try:
        content = context.store.get(packed.sha256) or _built_again(workspace, context, published, packed)
    except ServiceError as error:
        content = None
        why = f": {error.problems[0].message}"
    else:
        why = "" if content is None else "it"
    if content is None:
        return Difference(
            text=f"{packed.filename} is missing in {publisher.url}, and can't be built again here{why}",
            fix="run this on the machine that published it, or with the schema-service that did",
        )
    artifact = Artifact(
        language=packed.language,
        kind=packed.kind,
        name=packed.name,
        version=packed.version,
        filename=packed.filename,
        content=content,
    )
    return Difference(
        text=f"{packed.filename} is uploaded again to {publisher.url}",
        correct=partial(_upload, publisher, artifact, to_wait=to_wait),
    )


def _upload(publisher: Publisher, artifact: Artifact, *, to_wait: bool) -> None:
    """With the mark of what waits where it was: a registry has one for each package."""
    marked = publisher.tags(artifact.name).get(STAGING_TAG)
    publisher.upload(artifact)
    if not to_wait:
        publisher.promote(artifact.name, artifact.version, artifact.filename)
        publisher.set_tags(artifact.name, {STAGING_TAG: marked})


def _built_again(
    workspace: Workspace, context: ReleaseContext, published: PublishedVersion, packed: PublishedArtifact
) -> bytes | None:
    """None if that gives other bytes, as with another version of this tool. Raises what building raises."""
    source = workspace.load(published.version)
    snapshot = snapshot_to_build(workspace, source, context.settings, context.bridge)
    built = context.built(snapshot, packed.language)
    return built.content if built.sha256 == packed.sha256 else None
