"""Migrations that are published never change: databases have run them as they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrations.scripts.scripts import edited_scripts
from schemas.errors import Problem
from schemas.workspace.migration import Migration
from schemas.workspace.problems import later_migrations
from schemas.workspace.version_source import VersionSource


def edit_problems(published: Sequence[Migration], history: Sequence[Migration]) -> list[Problem]:
    """Every migration of ``published`` that ``history`` lacks, or has with another number, name or text."""
    by_number = {migration.number: migration for migration in published}
    numbers = {migration.number for migration in history}
    problems = [
        _deleted(gone.script_path("up")) for number, gone in by_number.items() if number not in numbers
    ]
    for migration in history:
        before = by_number.get(migration.number)
        if before is not None and before.id != migration.id:
            problems.append(_renumbered(migration.script_path("up"), before.id))
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


def _renumbered(file: str, known: str) -> Problem:
    return Problem(
        code="published-migration-renamed",
        message=f"its number belongs to {known}, which is published",
        fix=f"restore {known} from version control, and give this migration the next free number",
        file=file,
    )
