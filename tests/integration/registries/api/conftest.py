"""The sample's three versions, published into a catalogue without a registry, and served over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from generators.packing import pack
from generators.target import Artifact, GenerationRequest, PackageNames
from generators.targets import all_targets
from registry.api.application import create_api
from registry.api.server import serving
from registry.artifacts.folder import FolderStore
from registry.catalogue import Catalogue, PublishedArtifact, PublishedVersion
from registry.catalogue.facts.events import RESTORED, WITHDRAWN, NewEvent
from registry.config.settings import NpmTable, PypiTable, RegistriesTable, Settings
from registry.publishers.package_contents import package_facts
from registry.trust.signing import new_key, signing_key
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace

NAME = "reviews"
FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class SchemaService:
    """The running API at ``url``; ``files`` are what it publishes, by version and language."""

    url: str
    root: Path
    catalogue: Catalogue
    settings: Settings
    files: dict[tuple[str, str], Artifact] = field(repr=False)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=60, **options)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, bridge: PrismaBridge) -> Iterator[SchemaService]:
    """1.0.0, 1.1.0 and 2.0.0, which is latest and signed. No registry runs: the service has the files itself.
    Nobody has read those of 1.0.0."""
    root = tmp_path_factory.mktemp("service") / "workspace"
    workspace = create_workspace(root, name=NAME, sample=True)
    settings = Settings(
        name=NAME,
        registries=RegistriesTable(
            pypi=PypiTable(url="http://127.0.0.1:9/team/release"), npm=NpmTable(url="http://127.0.0.1:9/npm/")
        ),
    )
    store = FolderStore(private_folder(root, "artifacts"))
    catalogue = Catalogue.open("sqlite:///.schema-service/state.db", root=root, schema_name=NAME)
    files: dict[tuple[str, str], Artifact] = {}
    for number, version in enumerate(workspace.versions()):
        source = workspace.load(version)
        schema = bridge.parse(source.schema_text)
        request = GenerationRequest(
            schema_name=NAME,
            version=version,
            description=source.description,
            author=source.author,
            schema=schema,
            migrations=source.history,
            names=PackageNames(),
        )
        artifacts = [pack(target.generate(request)) for target in all_targets(bridge)]
        for artifact in artifacts:
            store.put(artifact.content)
            files[str(version), artifact.language] = artifact
            if version > SchemaVersion(1, 0, 0):
                facts = package_facts(artifact.kind, artifact.content)
                catalogue.packages.keep(artifact.sha256, facts)
        published = PublishedVersion(
            version=version,
            description=source.description,
            author=source.author,
            schema_text=schema.text,
            schema_digest=schema.digest,
            input_digest="0" * 64,
            changelog=f"# {version}\n\nWhat changed.\n",
            published_at=FIRST + timedelta(days=number),
            published_by="release-manager",
            migrations=source.migrations,
            artifacts=tuple(map(PublishedArtifact.of, artifacts)),
            renames=source.renames,
        )
        catalogue.record(published, latest=version)
    _sign(catalogue, SchemaVersion(2, 0, 0))
    publishers: Any = {}
    try:
        with serving(
            create_api(catalogue, settings, publishers, root=root), host="127.0.0.1", port=0
        ) as address:
            yield SchemaService(address, root, catalogue, settings, files)
    finally:
        catalogue.close()


def _sign(catalogue: Catalogue, version: SchemaVersion) -> None:
    private, public = new_key()
    catalogue.trust.keep_keys([public])
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": str(version)}]}
    catalogue.trust.keep_attestation(version, signing_key(private, "a test").envelope(statement))


@contextmanager
def withdrawn(service: SchemaService, version: SchemaVersion, reason: str = "loses rows") -> Iterator[None]:
    """A version is withdrawn until the block ends."""
    events = service.catalogue.events
    events.begin([NewEvent(event=WITHDRAWN, version=version, details={"reason": reason})], latest=None)
    try:
        yield
    finally:
        events.begin([NewEvent(event=RESTORED, version=version)], latest=None)
