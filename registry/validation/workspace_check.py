"""The problems of a workspace and its versions, as complete as possible when parts can't be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from schemas.errors import Problem, WorkspaceError
from schemas.partial_types.checking import FILE_NAME
from schemas.prisma.bridge import PrismaBridge
from schemas.problem_collector import ProblemCollector
from schemas.versions import SchemaVersion
from schemas.workspace.files import read_text
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from .generated_scripts import outdated_scripts
from .predecessors import expected_predecessors
from .published_migrations import order_problems
from .schema_loading import SchemaTexts, read_schema
from .version_check import Candidate, check_version

Load = Callable[[SchemaVersion], VersionSource]


def problems_of(
    workspace: Workspace, versions: Sequence[SchemaVersion], bridge: PrismaBridge
) -> list[Problem]:
    """All problems of the workspace, and of each version what :func:`check_version` finds.

    Raises WorkspaceError if one of the versions does not exist.
    """
    problems = list(workspace.problems())
    load = cache(workspace.load)
    for version in versions:
        problems += _version_problems(workspace, version, load, bridge)
    return list(dict.fromkeys(problems))


def _version_problems(
    workspace: Workspace, version: SchemaVersion, load: Load, bridge: PrismaBridge
) -> Sequence[Problem]:
    try:
        source = load(version)
    except WorkspaceError as error:
        if version not in workspace.versions():
            raise
        # The schema is checked too, so that all problems are reported at once.
        return [*error.problems, *_problems_of_texts(workspace, version, bridge)]
    try:
        order = order_problems(source, workspace.sealed_migrations_above(version))
    except WorkspaceError:  # Workspace.problems tells of it
        order = []
    try:
        outdated = outdated_scripts(workspace, source, bridge)
    except WorkspaceError as error:  # of a version below, or of generated.toml
        outdated = list(error.problems)
    return [*order, *outdated, *_checked(workspace, source, load, bridge)]


def _checked(
    workspace: Workspace, source: VersionSource, load: Load, bridge: PrismaBridge
) -> Sequence[Problem]:
    version = source.version
    candidate = Candidate.of(source)
    below = (load(each) for each in reversed(workspace.versions()) if each < version)
    try:
        before = expected_predecessors(below)
    except WorkspaceError as error:  # it isn't known what to compare this version with
        return [*error.problems, *check_version(candidate, None, bridge).problems]
    return check_version(candidate, before, bridge).problems


def _problems_of_texts(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Problem]:
    """The problems in the schema and partial types of a version that can't be loaded as a whole."""
    folder = f"{VERSIONS_FOLDER}/{version}"
    collector = ProblemCollector()
    text = collector.attempt(read_text, workspace.root, f"{folder}/schema.prisma")
    if text is None:
        return collector.problems
    partial_types = ProblemCollector().attempt(read_text, workspace.root, f"{folder}/{FILE_NAME}") or ""
    texts = SchemaTexts(text, f"{folder}/schema.prisma", partial_types, f"{folder}/{FILE_NAME}")
    return read_schema(texts, bridge).problems
