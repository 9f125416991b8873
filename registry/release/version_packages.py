"""The packages of a version of the workspace, made without publishing anything."""

from __future__ import annotations

from dataclasses import dataclass

from generators.packing import pack
from generators.target import Artifact, Package
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from ..validation.version_check import check_version, passed
from .context import generation_request, rehearsed_history
from .snapshots.workspace_snapshot import load_unedited, snapshot_to_build


@dataclass(frozen=True, slots=True)
class VersionPackages:
    """``with_sbom`` is False for a version that was published before packages had one."""

    packages: tuple[Package, ...]
    with_sbom: bool

    def packed(self) -> list[Artifact]:
        """The bytes that `publish` uploads, or did."""
        return [pack(package, with_sbom=self.with_sbom) for package in self.packages]


def version_packages(workspace: Workspace, settings: Settings, version: SchemaVersion) -> VersionPackages:
    """Generate them. Raises WorkspaceError for a sealed version that was edited, InvalidSchemaError,
    CheckFailedError, and what a rehearsal raises."""
    source = load_unedited(workspace, version)
    with PrismaBridge() as bridge:
        snapshot = snapshot_to_build(workspace, source, settings, bridge)
        schema = passed(check_version(snapshot.candidate, snapshot.before, bridge))
        history = rehearsed_history(snapshot, schema, settings.rehearsal.url, workspace.root)
        request = generation_request(snapshot, schema, history)
        packages = tuple(target.generate(request) for target in all_targets(bridge))
    return VersionPackages(packages, snapshot.with_sbom)
