"""``migration new``: write the SQL, up and down, from the state before to this version's schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from migrations.errors import MigrationSyntaxError
from migrations.planner.losses.draft_state import Draft
from migrations.planner.plan import plan
from migrations.planner.questions import UnansweredError
from migrations.review import lint_migrations
from migrations.schema_check.schema_check import schema_problems
from migrations.scripts.scripts import script_problems
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import STATE_NAME, Workspace

from ...errors import NothingToMigrateError
from ..output import JsonFlag, emit_json, say, show_problem
from ..questions import ask, can_ask
from ..session import OptionalVersionArgument, chosen_version, current_workspace

_MOST_LINES = 20

app = typer.Typer(help="Write migrations.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def _migration() -> None:
    """Write migrations."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """``leads_to`` is the schema after the scripts, and ``changes`` say what they do."""

    up: str
    down: str
    leads_to: str | None = None
    changes: tuple[str, ...] = ()


@app.command("new")
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and underscores: add_reviews.")
    ],
    version: OptionalVersionArgument = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Write empty scripts for SQL by hand if nothing has changed.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the next migration of a draft from what changed in its schema."""
    workspace, _settings = current_workspace()
    source = workspace.load(chosen_version(workspace, version))
    draft = _EMPTY if empty else _drafted(workspace, source, asks=not as_json and can_ask())
    migration = workspace.add_migration(source.version, name, draft.up, draft.down, leads_to=draft.leads_to)
    folder = f"{source.folder}/migrations/{migration.id}"
    if as_json:
        document = {"ok": True, "version": str(source.version), "migration": migration.id}
        emit_json({**document, "folder": folder, "changes": draft.changes})
        return
    say(f"Wrote {folder}/up.sql and down.sql: review them, and add what only you can know.")
    for change in draft.changes[:_MOST_LINES]:
        say(f"  {change}")
    if len(draft.changes) > _MOST_LINES:
        say(f"  and {len(draft.changes) - _MOST_LINES} more")
    if _follows_another(workspace, source):
        for problem in lint_migrations([migration], (*source.history, migration)):
            show_problem(replace(problem, severity="warning"))
    say(f"Next: schema-service check {source.version}")


_EMPTY = _Draft("-- Write the change here.\n", "-- Undo it here.\n")


def _drafted(workspace: Workspace, source: VersionSource, *, asks: bool) -> _Draft:
    problems = script_problems(source.migrations)
    if problems:
        raise MigrationSyntaxError(*problems)
    with PrismaBridge() as bridge:
        base = _version_before(workspace, source, bridge)
        before = _state_before(workspace, source, bridge) if source.migrations else base
        after = _after(source, bridge)
        draft, origin = None, "the version before"
        history = tuple(migration.up for migration in source.history)
        if source.migrations:
            scripts = tuple((migration.script_path("up"), migration.up) for migration in source.migrations)
            draft, origin = Draft(base=base, scripts=scripts), f"the state after {source.migrations[-1].id}"
        while True:
            try:
                planned = plan(
                    before, after, bridge, source.answers, draft=draft, origin=origin, history=history
                )
                break
            except UnansweredError as error:
                # An answer may raise the next question: what is dropped after all may need a value.
                source = _answered(workspace, source, error, asks=asks)
    if planned.is_empty:
        raise NothingToMigrateError(_nothing_differs(source))
    changes = _changes(compare(before, after, source.renames))
    return _Draft(planned.up, planned.down, source.schema_text, changes)


def _after(source: VersionSource, bridge: PrismaBridge) -> Schema:
    """The draft's schema. Raises InvalidSchemaError for one that no database can have."""
    after = bridge.parse(source.schema_text, source.schema_path)
    found = schema_problems(after, source.schema_path, source.schema_text)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InvalidSchemaError(*errors)
    return after


def _answered(
    workspace: Workspace, source: VersionSource, error: UnansweredError, *, asks: bool
) -> VersionSource:
    """The draft with an answer to every question. Raises UnansweredError without a terminal."""
    file = f"{source.folder}/version.toml"
    unanswered = UnansweredError(error.questions, file=file)
    if not asks:
        raise unanswered from None
    try:
        answers = ask(error.questions)
    except EOFError:
        raise unanswered from None
    workspace.add_answers(source.version, answers)
    say(f"Wrote the answers into {file}.")
    return workspace.load(source.version)


def _follows_another(workspace: Workspace, source: VersionSource) -> bool:
    """Whether rows can be in the tables: nobody has a database of a first version before it is published."""
    return any(version < source.version for version in workspace.versions())


def _version_before(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> Schema | None:
    below = [version for version in workspace.versions() if version < source.version]
    base = workspace.load(below[-1]) if below else None
    return bridge.parse(base.schema_text, base.schema_path) if base else None


def _state_before(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> Schema:
    """The schema after the draft's last migration."""
    last = source.migrations[-1]
    text = workspace.schema_after(last)
    if text is None:
        # What a script written by hand did can't be told from the schemas alone.
        raise NothingToMigrateError(_unknown_state(source))
    return bridge.parse(text, f"{source.folder}/migrations/{last.id}/{STATE_NAME}")


def _changes(changes: Sequence[Change]) -> tuple[str, ...]:
    """What the scripts do."""
    return tuple(
        f"{change.text} (breaking)" if change.compatibility == "breaking" else change.text
        for change in changes
        if change.kind != "documented" and change.subject != "attribute"
    )


def _unknown_state(source: VersionSource) -> Problem:
    folder = f"{source.folder}/migrations/{source.migrations[-1].id}"
    return Problem(
        code="unknown-state",
        message=f"the schema after {source.migrations[-1].id} is not recorded, so the difference from "
        "schema.prisma is unknown",
        fix=f"edit its scripts, or write the schema after it to {folder}/{STATE_NAME}; "
        "--empty adds empty scripts for SQL by hand",
        file=folder,
    )


def _nothing_differs(source: VersionSource) -> Problem:
    before = source.migrations[-1].id if source.migrations else "the version before"
    return Problem(
        code="nothing-to-migrate",
        message=f"{source.schema_path} has no changes since {before}",
        fix="edit the schema first, or use --empty to write the SQL by hand",
        file=source.schema_path,
    )
