"""Migrations that are published never change: databases have run them as they were."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from migrations.scripts.scripts import edited_scripts
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin
from schemas.workspace.migration import Migration
from schemas.workspace.problems import later_migrations
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace


def edit_problems(
    published: Sequence[Migration],
    history: Sequence[Migration],
    contained: Container[SchemaVersion] | None = None,
) -> list[Problem]:
    """Every migration of ``published``, those of all versions, that ``history`` has with another number, name
    or text, or lacks, though it is of a version that is ``contained`` (None: of any)."""
    by_number = {migration.number: migration for migration in published}
    numbers = {migration.number for migration in history}
    problems = [
        _deleted(gone.script_path("up"))
        for number, gone in by_number.items()
        if number not in numbers and (contained is None or gone.version in contained)
    ]
    for migration in history:
        before = by_number.get(migration.number)
        if before is not None and (before.id, before.version) != (migration.id, migration.version):
            problems.append(_renumbered(migration.script_path("up"), before.id, before.version))
        elif before is not None:
            problems += [_edited(file) for file in edited_scripts(before, migration)]
    return problems


def order_problems(draft: VersionSource, published_above: Iterable[Migration]) -> list[Problem]:
    """Every migration of ``draft`` that databases at a later version would never run.

    A published version is left alone: what follows it was numbered after it.
    """
    first = min(published_above, key=lambda migration: migration.number, default=None)
    if first is None or draft.is_published:
        return []
    return [
        later_migrations(
            draft.version,
            first.version,
            is_published=True,
            file=f"{draft.folder}/migrations/{migration.id}",
        )
        for migration in draft.migrations
        if migration.number >= first.number
    ]


def published_above(
    workspace: Workspace,
    draft: VersionSource,
    in_catalogue: Sequence[Migration],
    origins: Mapping[SchemaVersion, Origin],
) -> list[Migration]:
    """The migrations of published versions that contain ``draft``: by the workspace's seals, and by a
    catalogue, of which a version that is not in the workspace is on one line with all that are on no
    maintenance line. Raises WorkspaceError."""
    known = set(workspace.versions())
    containing = set(workspace.versions_containing(draft.version))
    if draft.origin.from_ is None:
        containing |= {
            each
            for each, origin in origins.items()
            if each > draft.version and each not in known and origin.from_ is None
        }
    sealed = workspace.sealed_migrations_above(draft.version)
    return [*sealed, *(migration for migration in in_catalogue if migration.version in containing)]


def _edited(file: str) -> Problem:
    return Problem(
        code="published-migration-edited",
        message="this migration is published, and databases have run it as it was",
        fix="restore it from version control, and put the change in a new migration",
        file=file,
    )


def _deleted(file: str) -> Problem:
    return Problem(
        code="published-migration-deleted",
        message="this migration is published, and is no longer in the workspace",
        fix="restore it from version control; to undo it, add a new migration",
        file=file,
    )


def _renumbered(file: str, known: str, version: SchemaVersion) -> Problem:
    return Problem(
        code="published-migration-renamed",
        message=f"its number belongs to {known} of {version}, which is published",
        fix=f"restore {known} from version control, and give this migration the next free number",
        file=file,
    )
