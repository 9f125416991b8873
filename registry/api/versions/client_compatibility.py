"""Which versions' packages work on a database at which version, as the migrations wheels say it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from threading import Lock

from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin, contained_versions

from ...catalogue import Catalogue, PublishedArtifact
from ...publishers.published_bytes import PublishedBytes
from ..served.version_index import VersionIndex
from .documents import CompatibilityDocument, CompatibleClients, CompatibleDatabases


class OldestClients:
    """The oldest client that each version promises to serve. A wheel says it of all versions that it
    contains: of those whose files nobody has read, the newest wheels are read until each was told of."""

    def __init__(self, catalogue: Catalogue, files: PublishedBytes) -> None:
        self._catalogue = catalogue
        self._files = files
        self._told: dict[SchemaVersion, SchemaVersion] = {}
        self._lock = Lock()

    def of(self, index: VersionIndex) -> Mapping[SchemaVersion, SchemaVersion]:
        """For each version. Raises what reading a file from its registry raises."""
        with self._lock:
            packages = self._catalogue.packages.all("migrations")
            for package in reversed(packages):
                version = package.version
                if package.facts is not None:
                    oldest = package.facts.compatible_from
                    self._told[version] = SchemaVersion.parse(oldest) if oldest else version
                elif version not in self._told:
                    self._read(package.artifact)
            return {version: self._told.get(version, version) for version in index.versions}

    def _read(self, artifact: PublishedArtifact) -> None:
        with zipfile.ZipFile(io.BytesIO(self._files.of(artifact))) as wheel:
            (path,) = (
                name for name in wheel.namelist() if name.count("/") == 1 and name.endswith("/manifest.json")
            )
            manifest = json.loads(wheel.read(path))
        oldest = manifest.get("compatible_from", {})
        for text in manifest["versions"]:
            self._told.setdefault(SchemaVersion.parse(text), SchemaVersion.parse(oldest.get(text, text)))


def compatibility(
    index: VersionIndex,
    origins: Mapping[SchemaVersion, Origin],
    oldest: Mapping[SchemaVersion, SchemaVersion],
    database: SchemaVersion | None,
    client: SchemaVersion | None,
) -> CompatibilityDocument:
    """``oldest`` is that of each version; ``database`` and ``client`` are those that were asked for."""
    has_lines = any(not origin.is_default for origin in origins.values())

    def contains(version: SchemaVersion, other: SchemaVersion) -> bool:
        return not has_lines or other in contained_versions(version, origins)

    rows = []
    for each in (database,) if database else reversed(tuple(index.versions)):
        first = oldest[each]
        between = [other for other in index.versions if first <= other <= each] if has_lines else []
        rows.append(_row(each, first, [other for other in between if not contains(each, other)]))
    clients = []
    if client is not None:
        serving = [
            str(each) for each in index.versions if oldest[each] <= client <= each and contains(each, client)
        ]
        clients = [CompatibleDatabases(client=str(client), databases=serving)]
    return CompatibilityDocument(schema_name=index.schema_name, databases=rows, clients=clients)


def _row(version: SchemaVersion, first: SchemaVersion, excluded: list[SchemaVersion]) -> CompatibleClients:
    is_one = first == version
    return CompatibleClients(
        database=str(version),
        oldest_client=str(first),
        npm_range=str(version) if is_one else f">={first} <={version}",
        python_specifier=f"=={version.pep440}" if is_one else f">={first.pep440},<={version.pep440}",
        excluded=[str(each) for each in excluded],
    )
