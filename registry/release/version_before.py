"""Which published versions a version follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.errors import Problem, WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue, PublishedVersion
from .snapshot import BaseVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsBefore:
    """``previous`` is the highest published version below, ``last_stable`` the highest that is no
    pre-release; either is None where there is none."""

    previous: BaseVersion | None = None
    last_stable: BaseVersion | None = None


def versions_before(workspace: Workspace, catalogue: Catalogue, version: SchemaVersion) -> VersionsBefore:
    """What ``version`` follows, by the catalogue and by the workspace's seals.

    A catalogue may know less than the workspace (each machine has its own, until they share a Postgres), so
    both are asked. Raises WorkspaceError where a draft below has migrations: they would be released inside
    this version and could still be edited.
    """
    below = [workspace.load(each) for each in workspace.versions() if each < version]
    in_catalogue = {each for each in catalogue.versions() if each < version}
    unpublished = [each for each in below if not each.is_published and each.version not in in_catalogue]
    problems = [_draft_below(draft, version) for draft in unpublished if draft.migrations]
    if problems:
        raise WorkspaceError(*problems)
    known = {each.version: _base(each) for each in below if each.is_published}
    for each in in_catalogue:
        if (published := catalogue.find(each)) is not None:
            known[each] = _base(published)
    stable = {version: base for version, base in known.items() if not version.is_prerelease}
    return VersionsBefore(previous=_highest(known), last_stable=_highest(stable))


def _base(source: VersionSource | PublishedVersion) -> BaseVersion:
    return BaseVersion(
        version=source.version, schema_text=source.schema_text, partial_types=source.partial_types
    )


def _highest(known: Mapping[SchemaVersion, BaseVersion]) -> BaseVersion | None:
    return known[max(known)] if known else None


def _draft_below(draft: VersionSource, version: SchemaVersion) -> Problem:
    return Problem(
        code="draft-below",
        message=f"{draft.version} is still a draft, and its migrations run before those of {version}",
        fix=f"publish it first: schema-service publish {draft.version}",
        file=draft.folder,
    )
