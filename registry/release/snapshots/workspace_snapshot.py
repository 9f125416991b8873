"""From a version of a workspace to the snapshot that is released, or only built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pglast.parser import ParseError

from generators.target import PackageNames
from generators.upgrade_guide.changelog import drafted_changelog
from schemas.answers import Rename
from schemas.comparison.compare import compare
from schemas.comparison.renames import composed
from schemas.errors import InvalidSchemaError, WorkspaceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ...catalogue import Catalogue
from ...config.settings import Settings
from ...validation.generated_scripts import outdated_scripts
from ...validation.predecessors import (
    BaseVersion,
    Predecessors,
    expected_predecessors,
    published_predecessors,
    releases_before,
    sources_below,
    sources_on_line,
    taken_over,
)
from ...validation.published_migrations import order_problems, published_above
from ...validation.schema_loading import parsed_schema
from ..latest_rule import latest_sealed
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
    _refuse_misplaced(workspace, source, catalogue)
    _refuse_outdated(workspace, source, bridge)
    below = sources_below(workspace, source)
    before = published_predecessors(source, below, workspace.versions(), catalogue)
    return snapshot_of(
        with_changelog(source, before, below, settings.packages.names(), bridge),
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
    below = sources_below(workspace, source)
    before = replace(
        expected_predecessors(sources_on_line(source, workspace.load)),
        taken=taken_over(source, workspace.load),
    )
    return snapshot_of(
        with_changelog(source, before, below, settings.packages.names(), bridge),
        settings,
        before,
        releases_before(source, below, bridge),
    )


def _refuse_misplaced(
    workspace: Workspace, source: VersionSource, catalogue: Catalogue | None = None
) -> None:
    migrations, origins = (catalogue.migrations(), catalogue.origins()) if catalogue else ((), {})
    above = published_above(workspace, source, migrations, origins)
    if problems := order_problems(source, above):
        raise WorkspaceError(*problems)


def _refuse_outdated(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> None:
    problems = outdated_scripts(workspace, source, bridge)
    if any(problem.severity == "error" for problem in problems):
        raise WorkspaceError(*problems)


def with_changelog(
    source: VersionSource,
    predecessors: Predecessors,
    below: Sequence[VersionSource],
    names: PackageNames,
    bridge: PrismaBridge,
) -> VersionSource:
    """The draft with a changelog: the author's, or one made from what changed.

    A release tells what changed since the last release, as most have not installed the pre-releases between;
    a pre-release since the version before it. ``below`` are the workspace's versions, oldest first.
    """
    if source.changelog.strip() or source.is_published:
        return source
    since = predecessors.previous if source.version.is_prerelease else predecessors.last_stable
    try:
        before = _parsed(since, bridge) if since else None
        after = parsed_schema(source.schema_text, source.schema_path, source.partial_types, bridge)
        text = drafted_changelog(
            source.version,
            since.version if since else None,
            (before, after),
            compare(before, after, _renames_since(source, since, before, below)),
            description=source.description,
            migrations=_migrations_since(source, since, below),
            names=names,
        )
    except (InvalidSchemaError, ParseError):
        return source  # the check step reports it, together with all other problems
    return replace(source, changelog=text)


def _renames_since(
    source: VersionSource, since: BaseVersion | None, before: Schema | None, below: Sequence[VersionSource]
) -> tuple[Rename, ...]:
    """Those of the versions that ``source`` follows, and its own, as one."""
    if since is None or before is None:
        return ()
    line = sources_on_line(source, {each.version: each for each in below}.__getitem__)
    followed = [
        each for each in line if each.version > since.version and (each.is_published or each.changes_database)
    ]
    return composed(before, [*(each.renames for each in reversed(followed)), source.renames])


def _migrations_since(
    source: VersionSource, since: BaseVersion | None, below: Sequence[VersionSource]
) -> list[Migration]:
    """What ``source`` runs on a database at ``since``: with lines, not what later versions have made."""
    if since is None:
        return list(source.history)
    base = next((each for each in below if each.version == since.version), None)
    if base is None:  # one that another machine has published
        return [each for each in source.history if each.version > since.version]
    there = {each.id for each in base.history}
    return [each for each in source.history if each.id not in there]


def _parsed(base: BaseVersion, bridge: PrismaBridge) -> Schema:
    return parsed_schema(base.schema_text, base.schema_file, base.partial_types, bridge)
