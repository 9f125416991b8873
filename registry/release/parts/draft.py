"""Packages of a draft: they can be installed and tried, and the next ones may differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from generators.target import Kind
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ...catalogue import PublishedDraft
from ...errors import ReleaseError
from ...validation.published_versions import input_digest
from ..context import ReleaseContext
from ..publish import release
from ..snapshots.snapshot import Snapshot
from ..snapshots.workspace_snapshot import load_unedited
from ..step import StepResult
from ..workflow import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReport:
    """``is_new`` is False, and ``steps`` is empty, if packages of the same content are there. ``is_picked``:
    pip takes them unasked, as the index has no other version of a package."""

    draft: PublishedDraft
    is_new: bool
    steps: Mapping[str, StepResult]
    is_picked: bool


def publish_draft(
    workspace: Workspace, version: SchemaVersion, context: ReleaseContext, observer: Observer
) -> DraftReport:
    """Publish the packages of a draft under its next number, finish an interrupted attempt, or find that they
    are there. Nothing is sealed, and no `latest` moves.

    Raises ReleaseError for what is no draft of a release, and what a publish raises.
    """
    source = load_unedited(workspace, version)
    _refuse_other(source, context)
    if (same := _newest_with(source, context)) is not None:
        return DraftReport(draft=same, is_new=False, steps={}, is_picked=_is_picked(context, same))
    found: list[Snapshot] = []

    def numbered(snapshot: Snapshot) -> Snapshot:
        taken = [number for kind in context.publishers for number in _numbers(context, snapshot, kind)]
        number = context.catalogue.drafts.reserve(version, snapshot.input_digest, taken)
        found.append(replace(snapshot, draft=number))
        return found[-1]

    steps = release(workspace, source, context, observer, "draft", numbered=numbered)
    draft = context.catalogue.drafts.find(version, found[-1].draft or 0)
    if draft is None:
        raise AssertionError(f"the draft of {version} ended without a record")
    return DraftReport(draft=draft, is_new=True, steps=steps, is_picked=_is_picked(context, draft))


def _newest_with(source: VersionSource, context: ReleaseContext) -> PublishedDraft | None:
    """The newest draft of the version, if that has the same content and is still in the registries."""
    settings = context.settings
    digest = input_digest(source, settings.name, settings.packages.names())
    drafts = [draft for draft in context.catalogue.drafts.all() if draft.version == source.version]
    if not drafts or drafts[-1].input_digest != digest:
        return None
    for artifact in drafts[-1].artifacts:
        published = context.publishers[artifact.kind].lookup(
            artifact.name, artifact.version, artifact.filename
        )
        if published is None or published.sha256 != artifact.sha256:
            return None
    return drafts[-1]


def _numbers(context: ReleaseContext, snapshot: Snapshot, kind: Kind) -> list[int]:
    """The numbers that a kind of registry has of this version's drafts."""
    first = snapshot.version.as_draft(0)
    prefix = (first.pep440 if kind == "wheel" else str(first)).removesuffix("0")
    rests = [
        version.removeprefix(prefix)
        for name in snapshot.names.of_kind(kind)
        for version in context.publishers[kind].versions(name)
        if version.startswith(prefix)
    ]
    return [int(rest) for rest in rests if rest.isdecimal()]


def _is_picked(context: ReleaseContext, draft: PublishedDraft) -> bool:
    """Whether pip finds nothing but pre-releases: it takes those then."""
    publisher = context.publishers["wheel"]
    if publisher.is_hidden:
        return False
    names = [artifact.name for artifact in draft.artifacts if artifact.kind == "wheel"]
    return any(all(_is_prerelease(each) for each in publisher.versions(name)) for name in names)


def _is_prerelease(version: str) -> bool:
    return not version.replace(".", "").isdecimal()


def _refuse_other(source: VersionSource, context: ReleaseContext) -> None:
    version = source.version
    if source.is_published or context.catalogue.find(version) is not None:
        raise ReleaseError(
            Problem(
                code="no-draft",
                message=f"{version} is published, so there is no draft of it",
                fix=f"draft the next version: schema-service new VERSION --from {version}",
            )
        )
    if version.is_prerelease:
        raise ReleaseError(
            Problem(
                code="no-draft",
                message=f"{version} is a pre-release, and drafts are of the release: {version.final}",
                fix=f"publish it, which nobody gets unasked: schema-service publish {version}",
            )
        )
