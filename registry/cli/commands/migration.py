"""``migration new``: write the SQL, up and down, from the state before to this version's schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from migrations.errors import MigrationSyntaxError
from migrations.planner.plan import MigrationPlan
from migrations.planner.questions import UnansweredError
from migrations.review import lint_migrations
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ...config.settings import RehearsalTable
from ...errors import NothingToMigrateError
from ...validation.generated_scripts import Planning, planning, planning_from_end
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
    """``leads_to`` is the schema after the scripts, ``answers`` are those that they were written from, and
    ``changes`` say what they do; ``differences`` do where the scripts before don't end in a known schema."""

    up: str
    down: str
    leads_to: str | None = None
    answers: Answers | None = None
    changes: tuple[str, ...] = ()
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
    asks = not as_json and can_ask()
    draft = _EMPTY
    if not empty:
        server, scripts = settings.rehearsal, source.migrations
        draft = _drafted(workspace, source, scripts, source.schema_text, server, asks=asks)
    migration = workspace.add_migration(
        source.version, name, draft.up, draft.down, leads_to=draft.leads_to, answers=draft.answers
    )
    _show(source, migration, draft, as_json=as_json)


@app.command("rewrite")
def rewrite(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="MIGRATION", help="Its folder, as in 002_add_reviews; the draft's last by default."
        ),
    ] = None,
    version: OptionalVersionArgument = None,
    discard_edits: Annotated[
        bool, typer.Option("--discard-edits", help="Also where the scripts were edited since.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a draft's generated migration anew, from the answers as they are now."""
    workspace, settings = current_workspace()
    source = workspace.load(chosen_version(workspace, version))
    at = _position(source, name)
    migration = source.migrations[at]
    is_last = at == len(source.migrations) - 1
    leads_to = source.schema_text if is_last else workspace.schema_after(migration)
    generated = workspace.generated(migration)
    if generated is None or leads_to is None:
        raise NothingToMigrateError(_written_by_hand(source, migration))
    if generated.is_edited(migration) and not discard_edits:
        raise NothingToMigrateError(_edited(source, migration))
    earlier = source.migrations[:at]
    server = settings.rehearsal
    draft = _drafted(workspace, source, earlier, leads_to, server, asks=not as_json and can_ask())
    workspace.rewrite_migration(
        migration, draft.up, draft.down, leads_to=leads_to, answers=draft.answers or source.answers
    )
    _show(source, replace(migration, up=draft.up, down=draft.down), draft, as_json=as_json)


def _position(source: VersionSource, name: str | None) -> int:
    """The index of the migration that was named, or else of the last. Raises NothingToMigrateError."""
    known = [migration.id for migration in source.migrations]
    if name in known:
        return known.index(name)
    if name is None and known:
        return len(known) - 1
    problem = Problem(
        code="unknown-migration",
        message=f"{source.version} has no migration {name}" if name else f"{source.version} has no migration",
        fix=f"choose one of {', '.join(known)}" if known else "write one: schema-service migration new NAME",
        file=source.folder,
    )
    raise NothingToMigrateError(problem)


def _show(source: VersionSource, migration: Migration, draft: _Draft, *, as_json: bool) -> None:
    folder = f"{source.folder}/migrations/{migration.id}"
    if as_json:
        document = {"ok": True, "version": str(source.version), "migration": migration.id}
        emit_json({**document, "folder": folder, "changes": draft.changes, "differences": draft.differences})
        return
    say(f"Wrote {folder}/up.sql and down.sql: review them, and add what only you can know.")
    if draft.differences:
        say("The scripts before end elsewhere than in the schema; this makes the difference:")
    lines = draft.differences or draft.changes
    for line in lines[:_MOST_LINES]:
        say(f"  {line}")
    if len(lines) > _MOST_LINES:
        say(f"  and {len(lines) - _MOST_LINES} more")
    if _follows_another(source):
        for problem in lint_migrations([migration], (*source.history, migration)):
            show_problem(replace(problem, severity="warning"))
    say(f"Next: schema-service check {source.version}")


_EMPTY = _Draft("-- Write the change here.\n", "-- Undo it here.\n")


def _drafted(
    workspace: Workspace,
    source: VersionSource,
    earlier: Sequence[Migration],
    leads_to: str,
    server: RehearsalTable,
    *,
    asks: bool,
) -> _Draft:
    """The scripts from the state after ``earlier``, the draft's first migrations, to ``leads_to``. The
    ``server`` is asked for only where scripts have to be run."""
    below = [migration for migration in source.history if migration.version != source.version]
    if problems := script_problems([*below, *earlier]):
        raise MigrationSyntaxError(*problems)
    with PrismaBridge() as bridge:
        found, planned = planning(workspace, source, earlier, leads_to, bridge), None
        if found is not None:
            source, planned = _planned(workspace, source, found, bridge, asks=asks)
        if (earlier or source.taken) and (planned is None or planned.is_empty):
            found = planning_from_end(workspace, source, earlier, leads_to, bridge, url=server.url)
            source, planned = _planned(workspace, source, found, bridge, asks=asks)
    if found is None or planned is None or planned.is_empty:
        raise NothingToMigrateError(_nothing_differs(source, [*source.taken, *earlier]))
    changes = _changes(compare(found.before, found.after, source.renames))
    return _Draft(planned.up, planned.down, leads_to, source.answers, changes, found.differences)


def _planned(
    workspace: Workspace, source: VersionSource, found: Planning, bridge: PrismaBridge, *, asks: bool
) -> tuple[VersionSource, MigrationPlan]:
    """The plan, and the draft with the answers that it took."""
    while True:
        try:
            return source, found.plan(source.answers, bridge)
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


def _follows_another(source: VersionSource) -> bool:
    """Whether rows can be in the tables: nobody has a database of a first version before it is published."""
    return bool(source.ancestors)


def _changes(changes: Sequence[Change]) -> tuple[str, ...]:
    """What the scripts do."""
    return tuple(
        f"{change.text} (breaking)" if change.compatibility == "breaking" else change.text
        for change in changes
        if change.kind != "documented" and change.subject != "attribute"
    )


def _written_by_hand(source: VersionSource, migration: Migration) -> Problem:
    return Problem(
        code="written-by-hand",
        message=f"it is not known what {migration.id} was written from, so it can't be written anew",
        fix="edit its scripts; or remove the folder, and run: schema-service migration new NAME",
        file=f"{source.folder}/migrations/{migration.id}",
    )


def _edited(source: VersionSource, migration: Migration) -> Problem:
    return Problem(
        code="edited-script",
        message=f"{migration.id} was edited since it was written",
        fix="keep a copy of the edits, then run this again with --discard-edits",
        file=f"{source.folder}/migrations/{migration.id}",
    )


def _nothing_differs(source: VersionSource, earlier: Sequence[Migration]) -> Problem:
    before = earlier[-1].id if earlier else "the version before"
    return Problem(
        code="nothing-to-migrate",
        message=f"{source.schema_path} has no changes since {before}",
        fix="edit the schema first, or use --empty to write the SQL by hand",
        file=source.schema_path,
    )
