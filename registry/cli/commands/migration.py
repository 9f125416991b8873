"""``migration new``: write the SQL, up and down, from the state before to this version's schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from migrations.errors import MigrationSyntaxError
from migrations.planner.losses.draft_state import Draft
from migrations.planner.plan import MigrationPlan, plan
from migrations.planner.questions import UnansweredError
from migrations.review import lint_migrations
from migrations.scripts.scripts import script_problems
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import STATE_NAME, Workspace

from ...errors import NothingToMigrateError
from ...validation.rehearsal import server_folder
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
    """``leads_to`` is the schema after the scripts, and ``changes`` say what they do. ``differences`` are
    those of the state that the history was found to end in, where that is not the schema it should."""

    up: str
    down: str
    leads_to: str | None = None
    changes: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the next migration starts: ``schema`` is the state, ``origin`` its name in the scripts, and
    ``draft`` what led to it, if that is not a published version."""

    schema: Schema | None
    origin: str
    draft: Draft | None = None
    differences: tuple[str, ...] = ()


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
    """Write the next migration of a draft from what changed in its schema.

    Scripts that were written or edited by hand may end elsewhere than in it: they are then run
    on a scratch Postgres, and the migration makes the difference.
    """
    workspace, settings = current_workspace()
    source = workspace.load(chosen_version(workspace, version))
    url = settings.rehearsal.url
    draft = _EMPTY if empty else _drafted(workspace, source, url, asks=not as_json and can_ask())
    migration = workspace.add_migration(source.version, name, draft.up, draft.down, leads_to=draft.leads_to)
    folder = f"{source.folder}/migrations/{migration.id}"
    if as_json:
        document = {"ok": True, "version": str(source.version), "migration": migration.id}
        emit_json({**document, "folder": folder, "changes": draft.changes, "differences": draft.differences})
        return
    say(f"Wrote {folder}/up.sql and down.sql: review them, and add what only you can know.")
    if draft.differences:
        say("The scripts before end elsewhere than in the schema; this makes the difference:")
    _say_some(draft.differences or draft.changes)
    if _follows_another(workspace, source):
        for problem in lint_migrations([migration]):
            show_problem(replace(problem, severity="warning"))
    say(f"Next: schema-service check {source.version}")


def _say_some(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_LINES]:
        say(f"  {line}")
    if len(lines) > _MOST_LINES:
        say(f"  and {len(lines) - _MOST_LINES} more")


_EMPTY = _Draft("-- Write the change here.\n", "-- Undo it here.\n")


def _drafted(workspace: Workspace, source: VersionSource, url: str | None, *, asks: bool) -> _Draft:
    problems = script_problems(source.migrations)
    if problems:
        raise MigrationSyntaxError(*problems)
    with PrismaBridge() as bridge:
        after = bridge.parse(source.schema_text, source.schema_path)
        start = _recorded_start(workspace, source, bridge)
        planned = None
        if start is not None:
            source, planned = _planned(workspace, source, start, after, bridge, asks=asks)
        if (planned is None or planned.is_empty) and source.migrations:
            # A script that was written or edited by hand may end elsewhere than its record says.
            start = _found_start(workspace, source, after, bridge, url)
            source, planned = _planned(workspace, source, start, after, bridge, asks=asks)
    if start is None or planned is None or planned.is_empty:
        raise NothingToMigrateError(_nothing_differs(source))
    changes = _changes(compare(start.schema, after, source.renames))
    return _Draft(planned.up, planned.down, source.schema_text, changes, start.differences)


def _planned(
    workspace: Workspace,
    source: VersionSource,
    start: _Start,
    after: Schema,
    bridge: PrismaBridge,
    *,
    asks: bool,
) -> tuple[VersionSource, MigrationPlan]:
    """The plan, and the draft with the answers that it took."""
    while True:
        try:
            return source, plan(
                start.schema, after, bridge, source.answers, draft=start.draft, origin=start.origin
            )
        except UnansweredError as error:
            # An answer may raise the next question: what is dropped after all may need a value.
            source = _answered(workspace, source, error, asks=asks)


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


def _recorded_start(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> _Start | None:
    """The version before, or the recorded schema after the draft's last migration; None if there is none."""
    base = _version_before(workspace, source, bridge)
    if not source.migrations:
        return _Start(base, "the version before")
    last = source.migrations[-1]
    text = workspace.schema_after(last)
    if text is None:
        return None
    before = bridge.parse(text, f"{source.folder}/migrations/{last.id}/{STATE_NAME}")
    return _Start(before, f"the state after {last.id}", Draft(base=base, scripts=_scripts(source)))


def _found_start(
    workspace: Workspace, source: VersionSource, after: Schema, bridge: PrismaBridge, url: str | None
) -> _Start:
    """The state that the scripts end in, found by running them."""
    from migrations.rehearsal.end_state import end_state  # noqa: PLC0415 - seldom needed, and slow to import

    found = end_state(
        source.history,
        after,
        bridge,
        sql_only=source.sql_only,
        url=url,
        folder=server_folder(workspace.root),
    )
    if found.schema is None:
        raise NothingToMigrateError(_unknown_state(source, found.differences))
    base = _version_before(workspace, source, bridge)
    # A first version may be the history of a database that has rows: then all that is lost is asked about.
    draft = Draft(base=base, scripts=_scripts(source)) if base is not None else None
    origin = f"where {source.migrations[-1].id} really ends (found by running it)"
    return _Start(found.schema, origin, draft, found.differences)


def _scripts(source: VersionSource) -> tuple[tuple[str, str], ...]:
    return tuple((migration.script_path("up"), migration.up) for migration in source.migrations)


def _changes(changes: Sequence[Change]) -> tuple[str, ...]:
    """What the scripts do."""
    return tuple(
        f"{change.text} (breaking)" if change.compatibility == "breaking" else change.text
        for change in changes
        if change.kind != "documented" and change.subject != "attribute"
    )


def _unknown_state(source: VersionSource, differences: Sequence[str]) -> Problem:
    folder = f"{source.folder}/migrations/{source.migrations[-1].id}"
    return Problem(
        code="unknown-state",
        message=f"{source.migrations[-1].id} ends in a state that schema.prisma has no words for, so the "
        f"difference can't be written: {'; '.join(differences)}",
        fix=f"write it by hand, in scripts that --empty adds; or write the schema after that migration to "
        f"{folder}/{STATE_NAME}",
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
