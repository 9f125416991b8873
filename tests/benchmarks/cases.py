"""The schemas that are published: the sample's newest version, and a real project's as it stands upstream."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from generators.target import GenerationRequest, PackageNames
from registry.config.settings import load_settings
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import import_prisma
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

_CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PROJECT = _CORPUS / "ghostfolio" / "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A version that is ready to be published. ``root`` is its workspace, of which each round takes a copy;
    ``request`` is what its packages are generated from."""

    name: str
    root: Path
    request: GenerationRequest

    @property
    def version(self) -> SchemaVersion:
        return self.request.version

    @property
    def title(self) -> str:
        """What the tables call it."""
        counts = f"{len(self.request.schema.models)} models, {len(self.request.migrations)} migrations"
        return f"{self.name} {self.version} ({counts})"

    def request_for(self, names: PackageNames) -> GenerationRequest:
        return replace(self.request, names=names)

    def copy_to(self, folder: Path) -> Path:
        """A copy of the workspace, with what it knows of earlier releases.

        Files stay whose they are: a server that root starts runs as another user, and reads no others.
        """
        subprocess.run(["cp", "-a", self.root, folder], check=True)
        return folder


def sample_case(folder: Path, bridge: PrismaBridge) -> Case:
    """The newest version of the sample; the ones before it are still to be published."""
    workspace = create_workspace(folder, name="sample", sample=True)
    return _case("sample", workspace, bridge)


def project_case(folder: Path, bridge: PrismaBridge) -> Case:
    """Ghostfolio's schema and its whole history, through ``init --from-prisma``."""
    workspace = import_prisma(PROJECT, folder, name="ghostfolio", bridge=bridge).workspace
    return _case("ghostfolio", workspace, bridge)


def _case(name: str, workspace: Workspace, bridge: PrismaBridge) -> Case:
    source = workspace.load(workspace.versions()[-1])
    settings = load_settings(workspace.root)
    request = GenerationRequest(
        schema_name=settings.name,
        version=source.version,
        description=source.description,
        author=source.author,
        schema=bridge.parse(source.schema_text, source.schema_path),
        migrations=source.history,
        names=settings.packages.names(),
    )
    return Case(name=name, root=workspace.root, request=request)
