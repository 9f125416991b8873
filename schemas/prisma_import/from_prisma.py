"""``init --from-prisma``: imports a Prisma project's schema and history as a workspace's version 1.0.0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..errors import Problem
from ..model import Schema
from ..partial_types.checking import FILE_NAME as PARTIAL_TYPES_NAME
from ..prisma.bridge import PrismaBridge
from ..problem_collector import ProblemCollector
from ..versions import SchemaVersion
from ..workspace.files import file_names, folder_names, read_text
from ..workspace.init_workspace import lay_out
from ..workspace.migration import Migration
from ..workspace.schema_files import SchemaFiles
from ..workspace.version_toml import VersionToml
from ..workspace.workspace import VERSIONS_FOLDER, Workspace
from .cleanup import Stripped
from .find_project import MIGRATION_NAME, FoundProject, find_project
from .partials import import_partial_types
from .project import history_problems, read_schema

_VERSION = SchemaVersion(1, 0, 0)
_TIMESTAMP = re.compile(r"^[0-9]+[_-]*")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 60
_PROGRAM = re.compile(r"(migration|index|data[_-]?migration)\.(ts|mts|js|mjs|cjs|py|sh)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import. ``migrations`` pairs the project's folder names with ours, in order;
    ``models`` counts those of the schema, views among them.

    ``notes`` are sentences for people about what was chosen, and what could not be imported.
    """

    workspace: Workspace
    version: SchemaVersion
    stripped: tuple[Stripped, ...]
    models: int
    migrations: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


#: The scripts, up and down, that make an empty database the schema's.
FirstScripts: TypeAlias = Callable[[Schema], tuple[str, str]]


def import_prisma(
    source: Path, target: Path, *, name: str, bridge: PrismaBridge, first: FirstScripts | None = None
) -> ImportReport:
    """Make ``target`` a workspace called ``name`` from the Prisma project in ``source``.

    ``source`` is a schema file, or a folder: its settings say where the schema and the history are, or else
    they are where Prisma has them, or in the only project below it. Partial types of Prisma Client Python are
    imported if they are in ``source``. ``first`` writes the migration of a project without any (None: as the
    engine does). Nothing is written unless all of it is valid. Raises WorkspaceError
    and InvalidSchemaError (all problems; lines are those of the project's own files).
    """
    project = find_project(source)
    schema = read_schema(project, bridge)
    parsed = bridge.parse(schema.files.text)
    imported, left_out = _read_history(project)
    notes = [*project.notes, *schema.notes]
    notes += [_NO_DOWN.format(count=len(imported))] if imported else [_NO_HISTORY]
    notes += [_CODE.format(count=len(left_out), names=", ".join(left_out[:_MOST_NAMED]))] if left_out else []
    migrations = [migration for _, migration in imported] or [_first_migration(parsed, bridge, first)]
    partials = import_partial_types(
        schema.python_generators,
        parsed,
        source if source.is_dir() else source.parent,
        project.root,
        f"{VERSIONS_FOLDER}/{_VERSION}",
    )
    versions = _version_files(schema.files, migrations, partials.text)
    blocking = [generator.interface for generator in schema.python_generators] == ["sync"]
    workspace = lay_out(target, name=name, versions=versions, blocking=blocking)
    return ImportReport(
        workspace=workspace,
        version=_VERSION,
        stripped=schema.stripped,
        models=len(parsed.models),
        migrations=tuple((folder, migration.id) for folder, migration in imported),
        notes=(*notes, *partials.notes, *[_BLOCKING] * blocking),
    )


_NO_DOWN = (
    "Prisma has no down migrations, so none of the {count} imported ones has a down.sql: a database can't be "
    "downgraded below 1.0.0 until somebody writes them."
)
_BLOCKING = "The Python package prefers the blocking client, as the project did: see schema-service.toml."
_CODE = (
    "{count} folders of the history hold a program instead of migration.sql, and were left out: {names}. "
    "What they change in the rows of a database has to run another way."
)
_MOST_NAMED = 5
_NO_HISTORY = "The project has no migrations, so 001_init creates everything that its schema asks for."


def _read_history(project: FoundProject) -> tuple[list[tuple[str, Migration]], list[str]]:
    """The migrations in the order of their folders' names, as Prisma applies them, and the folders without
    any: programs, which other tools run between them."""
    if project.migrations is None:
        return [], []
    root, collector = project.migrations, ProblemCollector()
    collector.problems += history_problems(project)
    history: list[tuple[str, Migration]] = []
    programs = []
    for folder in folder_names(root, "."):
        names = file_names(root, folder, project=project.source)
        if MIGRATION_NAME not in names:
            if any(_PROGRAM.fullmatch(name) for name in names):
                programs.append(folder)
            else:
                collector.problems.append(_no_sql(root / folder))
            continue
        sql = collector.attempt(read_text, root, f"{folder}/{MIGRATION_NAME}", project=project.source)
        migration = Migration(
            number=len(history) + 1, name=_safe_name(folder), version=_VERSION, up=sql or "", down=None
        )
        history.append((folder, migration))
    collector.raise_all()
    return history, programs


def _safe_name(folder: str) -> str:
    """``20241130164335_added_api_keys_to_user copy`` is ``added_api_keys_to_user_copy``."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    name = _NOT_IN_NAMES.sub("_", _TIMESTAMP.sub("", plain)).strip("_")
    return name[:_MAX_NAME].strip("_") or "migration"


def _first_migration(schema: Schema, bridge: PrismaBridge, first: FirstScripts | None) -> Migration:
    text = schema.text
    up, down = first(schema) if first else (bridge.diff(None, text), bridge.diff(text, None))
    return Migration(number=1, name="init", version=_VERSION, up=up, down=down)


def _version_files(
    schema: SchemaFiles, migrations: Sequence[Migration], partial_types: str
) -> dict[str, bytes]:
    toml = VersionToml(description="The first version, imported from a Prisma project.")
    files = {file.path: file.text for file in schema.files}
    files |= {"version.toml": toml.to_toml(), "CHANGELOG.md": ""}
    if partial_types:
        files[PARTIAL_TYPES_NAME] = partial_types
    for migration in migrations:
        files[f"migrations/{migration.id}/up.sql"] = migration.up
        if migration.down is not None:
            files[f"migrations/{migration.id}/down.sql"] = migration.down
    return {f"{_VERSION}/{path}": text.encode() for path, text in files.items()}


def _no_sql(folder: Path) -> Problem:
    return Problem(
        code="missing-migration-sql",
        message=f"the migration {folder.name[:120]!r} has no migration.sql",
        fix="restore the file, or remove the folder if it was never applied",
        file=str(folder),
    )
