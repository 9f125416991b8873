"""Which published version a version follows."""

from __future__ import annotations

from schemas.errors import Problem, WorkspaceError
from schemas.version_source import VersionSource
from schemas.versions import SchemaVersion
from schemas.workspace import Workspace

from ..catalogue import Catalogue
from .snapshot import BaseVersion


def version_before(workspace: Workspace, catalogue: Catalogue, version: SchemaVersion) -> BaseVersion | None:
    """The highest published version below ``version``, by the catalogue and by the workspace's seals.

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
    texts = {each.version: each.schema_text for each in below if each.is_published}
    for each in in_catalogue:
        if (published := catalogue.find(each)) is not None:
            texts[each] = published.schema_text
    if not texts:
        return None
    highest = max(texts)
    return BaseVersion(version=highest, schema_text=texts[highest])


def _draft_below(draft: VersionSource, version: SchemaVersion) -> Problem:
    return Problem(
        code="draft-below",
        message=f"{draft.version} is still a draft, and its migrations run before those of {version}",
        fix=f"publish it first: schema-service publish {draft.version}",
        file=draft.folder,
    )
