"""``init --from-prisma``: imports a Prisma project's schema and history as a workspace's version 1.0.0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Problem
from ..partial_types.checking import FILE_NAME as PARTIAL_TYPES_NAME
from ..prisma.bridge import PrismaBridge
from ..problem_collector import ProblemCollector
from ..versions import SchemaVersion
from ..workspace.files import file_names, folder_names, read_text
from ..workspace.init_workspace import lay_out
from ..workspace.migration import Migration
from ..workspace.version_toml import VersionToml
from ..workspace.workspace import VERSIONS_FOLDER, Workspace
from .cleanup import Stripped
from .partials import import_partial_types
from .project import PrismaProject, find_project

_VERSION = SchemaVersion(1, 0, 0)
_TIMESTAMP = re.compile(r"^[0-9]+[_-]*")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import. ``migrations`` pairs the project's folder names with ours, in order.

    ``notes`` are sentences for people about what could not be imported.
    """

    workspace: Workspace
    version: SchemaVersion
    stripped: tuple[Stripped, ...]
    migrations: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def import_prisma(source: Path, target: Path, *, name: str, bridge: PrismaBridge) -> ImportReport:
    """Make ``target`` a workspace called ``name`` from the Prisma project in ``source``.

    ``source`` is a schema file, a folder with schema.prisma or prisma/schema.prisma, or a folder of several
    .prisma files; the history is ``migrations/*/migration.sql`` beside it, in the order of the folders'
    names. Partial types of Prisma Client Python are imported if they are in ``source``. Nothing is written
    unless all of it is valid. Raises WorkspaceError and InvalidSchemaError (all problems; lines are those of
    the project's own files).
    """
    project = find_project(source)
    schema = project.read_schema(bridge)
    imported = _read_history(project)
    notes = [_NO_DOWN.format(count=len(imported))] if imported else [_NO_HISTORY]
    migrations = [migration for _, migration in imported] or [_first_migration(schema.text, bridge)]
    partials = import_partial_types(
        schema.python_generators,
        bridge.parse(schema.text),
        source if source.is_dir() else source.parent,
        project.schema_files[0].parent,
        f"{VERSIONS_FOLDER}/{_VERSION}",
    )
    versions = _version_files(schema.text, migrations, partials.text)
    blocking = [generator.interface for generator in schema.python_generators] == ["sync"]
    workspace = lay_out(target, name=name, versions=versions, blocking=blocking)
    return ImportReport(
        workspace=workspace,
        version=_VERSION,
        stripped=schema.stripped,
        migrations=tuple((folder, migration.id) for folder, migration in imported),
        notes=(*notes, *partials.notes, *[_BLOCKING] * blocking),
    )


_NO_DOWN = (
    "Prisma has no down migrations, so none of the {count} imported ones has a down.sql: a database can't be "
    "downgraded below 1.0.0 until somebody writes them."
)
_BLOCKING = "The Python package prefers the blocking client, as the project did: see schema-service.toml."
_NO_HISTORY = "The project has no migrations, so 001_init creates everything that its schema asks for."


def _read_history(project: PrismaProject) -> list[tuple[str, Migration]]:
    """The migrations in the order of their folders' names, as Prisma applies them."""
    if project.migrations is None:
        return []
    root, collector = project.migrations, ProblemCollector()
    collector.problems += project.provider_problems()
    history = []
    for number, folder in enumerate(folder_names(root, "."), start=1):
        if "migration.sql" not in file_names(root, folder):
            collector.problems.append(_no_sql(root / folder))
            continue
        sql = collector.attempt(read_text, root, f"{folder}/migration.sql")
        migration = Migration(
            number=number, name=_safe_name(folder), version=_VERSION, up=sql or "", down=None
        )
        history.append((folder, migration))
    collector.raise_all()
    return history


def _safe_name(folder: str) -> str:
    """``20241130164335_added_api_keys_to_user copy`` is ``added_api_keys_to_user_copy``."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    name = _NOT_IN_NAMES.sub("_", _TIMESTAMP.sub("", plain)).strip("_")
    return name[:_MAX_NAME].strip("_") or "migration"


def _first_migration(schema: str, bridge: PrismaBridge) -> Migration:
    up, down = bridge.diff(None, schema), bridge.diff(schema, None)
    return Migration(number=1, name="init", version=_VERSION, up=up, down=down)


def _version_files(schema: str, migrations: Sequence[Migration], partial_types: str) -> dict[str, bytes]:
    toml = VersionToml(description="The first version, imported from a Prisma project.")
    files = {"schema.prisma": schema, "version.toml": toml.to_toml(), "CHANGELOG.md": ""}
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
