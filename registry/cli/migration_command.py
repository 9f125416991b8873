"""``migration new``: write the SQL, up and down, that leads from the version before to this one."""

from __future__ import annotations

from typing import Annotated

import typer

from migrations.plan import plan
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.version_source import VersionSource
from schemas.workspace import Workspace

from ..errors import NothingToMigrateError
from .output import JsonFlag, console, emit_json
from .session import OptionalVersionArgument, chosen_version, current_workspace

migration_app = typer.Typer(help="Write migrations.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(migration_app, name="migration")


@migration_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and underscores: add_reviews.")],
    version: OptionalVersionArgument = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Write empty scripts, for SQL by hand, where nothing differs.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the next migration of a draft from what changed in its schema."""
    workspace, _settings = current_workspace()
    source = workspace.load(chosen_version(workspace, version))
    with PrismaBridge() as bridge:
        up, down = _scripts(workspace, source, bridge, empty=empty)
    migration = workspace.add_migration(source.version, name, up, down)
    folder = f"{source.folder}/migrations/{migration.id}"
    if as_json:
        emit_json({"ok": True, "migration": migration.id, "folder": folder})
        return
    console.print(f"Wrote {folder}/up.sql and down.sql: read them, and mend what only you can know.")


def _scripts(
    workspace: Workspace, source: VersionSource, bridge: PrismaBridge, *, empty: bool
) -> tuple[str, str]:
    if empty:
        return "-- Write the change here.\n", "-- Undo it here.\n"
    if source.migrations:
        # What the scripts before this one did can't be told from the schemas alone.
        raise NothingToMigrateError(_has_migrations(source))
    below = [version for version in workspace.versions() if version < source.version]
    base = workspace.load(below[-1]) if below else None
    before = bridge.parse(base.schema_text, base.schema_path) if base else None
    planned = plan(before, bridge.parse(source.schema_text, source.schema_path), bridge)
    if planned.is_empty:
        raise NothingToMigrateError(_nothing_differs(source))
    return planned.up, planned.down


def _has_migrations(source: VersionSource) -> Problem:
    return Problem(
        code="has-migrations",
        message=f"{source.version} has {source.migrations[-1].id} already",
        fix="edit its up.sql and down.sql, or delete it and run this again; --empty adds one for SQL by hand",
        file=source.folder,
    )


def _nothing_differs(source: VersionSource) -> Problem:
    return Problem(
        code="nothing-to-migrate",
        message=f"{source.schema_path} asks for nothing that the version before did not",
        fix="edit the schema first, or use --empty for SQL by hand",
        file=source.schema_path,
    )
