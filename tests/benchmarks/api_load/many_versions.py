"""A state database with any number of versions, which nobody has to publish one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from generators.target import Artifact
from registry.catalogue import Catalogue, tables
from registry.catalogue.engine import open_engine, state_url
from registry.publishers.package_contents import package_facts
from schemas.versions import SchemaVersion

_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def versions(count: int) -> list[SchemaVersion]:
    """1.0.0, 1.0.1, …: ten patches of each minor, a hundred minors of each major version."""
    return [SchemaVersion(1 + each // 1000, each // 10 % 100, each % 10) for each in range(count)]


def fill(root: Path, schema_name: str, count: int, artifacts: list[Artifact], schema_text: str) -> None:
    """Let the workspace's state database have ``count`` versions, each with packages that say what
    ``artifacts`` do."""
    engine = open_engine(state_url("sqlite:///.schema-service/state.db", root))
    Catalogue(engine, schema_name).close()
    known, published, facts = [], [], []
    told = [_facts(artifact) for artifact in artifacts]
    for number, version in enumerate(versions(count)):
        key = {"schema_name": schema_name, "version": str(version)}
        known.append(_version(key, number, schema_text))
        for place, artifact in enumerate(artifacts):
            digest = f"{number * 4 + place:064x}"
            published.append(_artifact(key, artifact, version, digest))
            facts.append({"schema_name": schema_name, "sha256": digest, **told[place]})
    latest = {"schema_name": schema_name, "version": str(versions(count)[-1])}
    with engine.begin() as connection:
        connection.execute(tables.versions.insert(), known)
        connection.execute(tables.artifacts.insert(), published)
        connection.execute(tables.package_facts.insert(), facts)
        connection.execute(tables.latest.insert().values(**latest))
    engine.dispose()


def _version(key: dict[str, str], number: int, schema_text: str) -> dict[str, Any]:
    return {
        **key,
        "description": f"Change number {number} of many",
        "author": "the team",
        "schema_text": schema_text,
        "schema_digest": f"{number:064x}",
        "input_digest": f"{number:064x}",
        "changelog": f"# {key['version']}\n\n- A column was added.\n",
        "published_at": _FIRST + timedelta(hours=number),
        "published_by": "release-manager",
    }


def _artifact(key: dict[str, str], artifact: Artifact, version: SchemaVersion, digest: str) -> dict[str, Any]:
    spelled = version.pep440 if artifact.kind == "wheel" else str(version)
    return {
        **key,
        "language": artifact.language,
        "kind": artifact.kind,
        "name": artifact.name,
        "package_version": spelled,
        "filename": artifact.filename.replace(artifact.version, spelled),
        "sha256": digest,
        "size": len(artifact.content),
    }


def _facts(artifact: Artifact) -> dict[str, str]:
    found = package_facts(artifact.kind, artifact.content)
    facts = {
        "dependencies": found.dependencies,
        "requires": found.requires,
        "metadata_sha256": found.metadata_sha256,
        "manifest": found.manifest,
        "integrity": found.integrity,
        "shasum": found.shasum,
        "compatible_from": found.compatible_from,
    }
    return {"metadata": found.metadata, "facts": json.dumps(facts)}
