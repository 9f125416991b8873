"""Everything that can be found wrong with a version before a release of it begins."""

from __future__ import annotations

from generators.naming import name_problems
from migrations.scripts import script_problems
from schemas.changes import compare, problems_with_bump
from schemas.comparison.renames import rename_problems
from schemas.errors import Problem, ServiceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.version_source import VersionSource
from schemas.versions import SchemaVersion
from schemas.workspace import Workspace


def version_problems(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Problem]:
    """All problems of the workspace, the schema, its names, its migrations and its version number.

    Raises WorkspaceError when the version does not exist or its files can't be read at all.
    """
    source = workspace.load(version)
    problems = list(workspace.problems())
    problems += script_problems(source.migrations)
    try:
        schema = bridge.parse(source.schema_text, source.schema_path)
    except ServiceError as error:
        return problems + list(error.problems)
    problems += name_problems(schema, source.schema_path, source.schema_text)
    problems += _change_problems(workspace, source, schema, bridge)
    return problems


def _change_problems(
    workspace: Workspace, source: VersionSource, schema: Schema, bridge: PrismaBridge
) -> list[Problem]:
    below = [version for version in workspace.versions() if version < source.version]
    base = workspace.load(below[-1]) if below else None
    try:
        before = bridge.parse(base.schema_text, base.schema_path) if base else None
    except ServiceError as error:
        return list(error.problems)
    problems = rename_problems(before, schema, source.renames, file=f"{source.folder}/version.toml")
    if problems or base is None:
        return problems
    changes = compare(before, schema, source.renames)
    return problems_with_bump(base.version, source.version, changes, file=source.schema_path)
