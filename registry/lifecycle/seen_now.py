"""What counts now of published versions: what the registries show of other machines, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generators.target import Kind
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue, PublishedArtifact
from ..config.settings import Settings

if TYPE_CHECKING:
    from ..publishers.publisher import Publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNow:
    """``problems`` are why the registries didn't tell: then it is what this machine knew."""

    latest: SchemaVersion | None
    withdrawn: Mapping[SchemaVersion, str]
    staged: frozenset[SchemaVersion]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Places:
    catalogue: Catalogue
    publishers: Mapping[Kind, Publisher]


def seen_now(workspace: Workspace, settings: Settings, catalogue: Catalogue) -> SeenNow:
    """Nothing is written, and no registry asked before something is published. Raises CatalogueError, and
    WorkspaceError for a damaged seal."""
    known = SeenNow(
        latest=catalogue.latest(),
        withdrawn=catalogue.events.withdrawn(),
        staged=frozenset(catalogue.staged.all()),
    )
    artifacts = _newest_artifacts(workspace, catalogue)
    if not artifacts:
        return known
    # What speaks HTTP takes long to load.
    from ..publishers.npm import packuments_kept  # noqa: PLC0415
    from ..publishers.opening import open_publishers  # noqa: PLC0415
    from ..release.latest_version import followed_versions, latest_now, withdrawn_versions  # noqa: PLC0415

    try:
        places = _Places(catalogue, open_publishers(workspace, settings))
        with packuments_kept(places.publishers.values()):
            return SeenNow(
                latest=latest_now(places, artifacts),
                withdrawn=withdrawn_versions(places, artifacts),
                staged=known.staged - followed_versions(places, artifacts),
            )
    except ServiceError as error:
        return replace(known, problems=error.problems)


def _newest_artifacts(workspace: Workspace, catalogue: Catalogue) -> Sequence[PublishedArtifact]:
    """The packages as they are called now, by the highest version that was published, here or elsewhere."""
    known, here = catalogue.versions(), workspace.versions()
    for version in sorted({*known, *here}, reverse=True):
        published = catalogue.find(version) if version in known else None
        if published is not None:
            return published.artifacts
        lock = workspace.release_lock(version)
        if lock is not None:
            return [PublishedArtifact.from_lock(each) for each in lock.artifacts]
    return ()
