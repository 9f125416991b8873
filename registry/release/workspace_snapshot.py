"""From a version of a workspace to the snapshot that is released, or only built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.comparison.changelog import changelog
from schemas.comparison.compare import compare
from schemas.errors import InvalidSchemaError, WorkspaceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..config.settings import Settings
from ..validation.generated_scripts import outdated_scripts
from ..validation.predecessors import (
    BaseVersion,
    Predecessors,
    expected_predecessors,
    published_predecessors,
    releases_before,
    sources_below,
)
from ..validation.published_migrations import order_problems
from ..validation.schema_loading import parsed_schema
from .latest_version import latest_sealed
from .snapshot import Snapshot, snapshot_of


def load_unedited(workspace: Workspace, version: SchemaVersion) -> VersionSource:
    """The version. Raises WorkspaceError if it was edited after it was published."""
    source = workspace.load(version)
    if source.seal_problem is not None:
        raise WorkspaceError(source.seal_problem)
    return source


def take_snapshot(
    workspace: Workspace,
    source: VersionSource,
    settings: Settings,
    catalogue: Catalogue,
    bridge: PrismaBridge,
) -> Snapshot:
    """Freeze a version of ``workspace`` to release it. Hold the publish lock, so that no version below it is
    published in the meantime.

    Raises WorkspaceError where a draft below has to be published first, or where a later version is published
    whose migrations would come after those of this one; and InvalidSchemaError.
    """
    _refuse_misplaced(workspace, source, catalogue.migrations_above(source.version))
    _refuse_outdated(workspace, source, bridge)
    below = sources_below(workspace, source.version)
    before = published_predecessors(source.version, below, catalogue)
    return snapshot_of(
        _with_changelog(source, before.previous, bridge),
        settings,
        before,
        releases_before(source, below, bridge),
        latest_sealed(workspace),
    )


def snapshot_to_promote(workspace: Workspace, source: VersionSource, settings: Settings) -> Snapshot:
    """Freeze a version that was pushed. Whatever has become of the versions around it since, it is what it
    was.

    Raises WorkspaceError for a damaged seal.
    """
    return snapshot_of(source, settings, Predecessors(), (), latest_sealed(workspace))


def snapshot_to_build(
    workspace: Workspace, source: VersionSource, settings: Settings, bridge: PrismaBridge
) -> Snapshot:
    """Freeze a version of ``workspace`` to look at its packages, which are those of its release.

    Raises WorkspaceError and InvalidSchemaError.
    """
    _refuse_misplaced(workspace, source)
    _refuse_outdated(workspace, source, bridge)
    below = sources_below(workspace, source.version)
    before = expected_predecessors(reversed(below))
    return snapshot_of(source, settings, before, releases_before(source, below, bridge))


def _refuse_misplaced(
    workspace: Workspace, source: VersionSource, in_catalogue: Sequence[Migration] = ()
) -> None:
    sealed = workspace.sealed_migrations_above(source.version)
    if problems := order_problems(source, (*sealed, *in_catalogue)):
        raise WorkspaceError(*problems)


def _refuse_outdated(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> None:
    problems = outdated_scripts(workspace, source, bridge)
    if any(problem.severity == "error" for problem in problems):
        raise WorkspaceError(*problems)


def _with_changelog(
    source: VersionSource, previous: BaseVersion | None, bridge: PrismaBridge
) -> VersionSource:
    """The draft with a changelog: the author's, or one made from the changes."""
    if source.changelog.strip() or source.is_published:
        return source
    try:
        before = _parsed(previous, bridge) if previous else None
        after = parsed_schema(source.schema_text, source.schema_path, source.partial_types, bridge)
    except InvalidSchemaError:
        return source  # the check step reports it, together with all other problems
    since = previous.version if previous else None
    changes = compare(before, after, source.renames)
    return replace(source, changelog=changelog(source.version, since, changes, source.description))


def _parsed(base: BaseVersion, bridge: PrismaBridge) -> Schema:
    return parsed_schema(base.schema_text, base.schema_file, base.partial_types, bridge)
