"""Everything that can be found wrong with a version before a release of it begins."""

from __future__ import annotations

from collections.abc import Sequence

from migrations.review import review
from migrations.scripts.scripts import script_problems
from schemas.comparison.compare import compare, problems_with_bump
from schemas.comparison.renames import rename_problems
from schemas.errors import InvalidSchemaError, Problem, WorkspaceError
from schemas.model import Schema
from schemas.partial_types.checking import FILE_NAME
from schemas.prisma.bridge import PrismaBridge
from schemas.problem_collector import ProblemCollector
from schemas.versions import SchemaVersion
from schemas.workspace.files import read_text
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from .schema_reading import SchemaTexts, parsed_schema, read_schema


def problems_of(
    workspace: Workspace, versions: Sequence[SchemaVersion], bridge: PrismaBridge
) -> list[Problem]:
    """All problems of the workspace, and of each version its schema, names, migrations and number.

    Raises WorkspaceError where one of the versions does not exist.
    """
    problems = list(workspace.problems())
    for version in versions:
        problems += _version_problems(workspace, version, bridge)
    return list(dict.fromkeys(problems))


def _version_problems(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Problem]:
    try:
        source = workspace.load(version)
    except WorkspaceError as error:
        if version not in workspace.versions():
            raise
        # The schema is looked at too: whoever mends the one should know of the other.
        return [*error.problems, *_problems_of_texts(workspace, version, bridge)]
    problems = script_problems(source.history)
    read = read_schema(SchemaTexts.of(source), bridge)
    problems += read.problems
    if read.schema is not None:
        problems += _change_problems(workspace, source, read.schema, bridge, of_partials=read.has_partials)
    return problems


def _problems_of_texts(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Problem]:
    """What is wrong in the schema and the partial types of a version that can't be loaded as a whole."""
    folder = f"{VERSIONS_FOLDER}/{version}"
    collector = ProblemCollector()
    text = collector.attempt(read_text, workspace.root, f"{folder}/schema.prisma")
    if text is None:
        return collector.problems
    partial_types = ProblemCollector().attempt(read_text, workspace.root, f"{folder}/{FILE_NAME}") or ""
    texts = SchemaTexts(text, f"{folder}/schema.prisma", partial_types, f"{folder}/{FILE_NAME}")
    return read_schema(texts, bridge).problems


def _change_problems(
    workspace: Workspace, source: VersionSource, schema: Schema, bridge: PrismaBridge, *, of_partials: bool
) -> list[Problem]:
    below = [version for version in workspace.versions() if version < source.version]
    base = workspace.load(below[-1]) if below else None
    try:
        before = (
            parsed_schema(base.schema_text, base.schema_path, base.partial_types, bridge) if base else None
        )
    except InvalidSchemaError as error:
        return list(error.problems)
    answers_file = f"{source.folder}/version.toml"
    problems = rename_problems(before, schema, source.renames, file=answers_file)
    if problems or base is None:
        return problems
    changes = compare(before, schema, source.renames)
    changes = tuple(change for change in changes if of_partials or change.subject != "partial")
    problems = problems_with_bump(base.version, source.version, changes, file=source.schema_path)
    if source.is_published or script_problems(source.migrations):
        return problems
    reviewed = review(
        source.migrations, before, schema, bridge, answers=source.answers, answers_file=answers_file
    )
    return problems + reviewed
