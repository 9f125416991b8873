"""plan: every migration is split into the steps that will run, no published one was edited, and what the new
ones take away or stop was accepted."""

from __future__ import annotations

from migrations.review import review
from migrations.scripts.scripts import edited_scripts, script_problems
from schemas.errors import Problem, WorkspaceError

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises WorkspaceError with every script that can't be read, every published one that changed, and
    every loss or outage that nobody accepted."""
    problems = script_problems(snapshot.migrations) or _edits(context, snapshot) or _review(context, snapshot)
    if problems:
        raise WorkspaceError(*problems)
    new = [migration.id for migration in snapshot.migrations if migration.version == snapshot.version]
    return {"summary": f"{len(new)} new of {len(snapshot.migrations)} migrations", "new": new}


def _review(context: ReleaseContext, snapshot: Snapshot) -> list[Problem]:
    previous = snapshot.previous
    return review(
        [migration for migration in snapshot.migrations if migration.version == snapshot.version],
        context.parsed(previous.schema_text, snapshot.schema_file) if previous else None,
        context.schema(snapshot),
        context.bridge,
        answers=snapshot.answers,
        answers_file=f"schemas/{snapshot.version}/version.toml",
    )


def _edits(context: ReleaseContext, snapshot: Snapshot) -> list[Problem]:
    published = {
        migration.number: migration for migration in context.catalogue.migrations_up_to(snapshot.version)
    }
    numbers = {migration.number for migration in snapshot.migrations}
    problems = [
        _deleted(gone.script_path("up")) for number, gone in published.items() if number not in numbers
    ]
    for migration in snapshot.migrations:
        before = published.get(migration.number)
        if before is not None and before.id != migration.id:
            problems.append(_renumbered(migration.script_path("up"), before.id))
        elif before is not None:
            problems += [_edited(file) for file in edited_scripts(before, migration)]
    return problems


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
