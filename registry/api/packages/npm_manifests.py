"""What an npm registry tells of each version of a package: its package.json, digests and signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from generators.target import Kind
from schemas.errors import ServiceError
from schemas.versions import SchemaVersion

from ...publishers.publisher import Publisher
from ..served.version_index import VersionIndex
from .offered import OfferedPackage


class NpmManifests:
    """From the catalogue, with the signatures that the registry lists: they are made when a package is
    uploaded. Those of versions whose files nobody has read here are the registry's own."""

    def __init__(self, publishers: Mapping[Kind, Publisher]) -> None:
        self._publishers = publishers
        self._listed: dict[str, tuple[dict[str, Any], frozenset[SchemaVersion]]] = {}
        self._lock = Lock()

    def of(self, packages: Sequence[OfferedPackage], index: VersionIndex) -> dict[str, dict[str, Any]]:
        """By version; without those that neither tells of. The registry is asked once for all versions of
        ``index``; who it is and whether it answers changes no digest."""
        name = packages[0].artifact.name
        with self._lock:
            known, asked_of = self._listed.get(name, ({}, frozenset()))
            if any(str(each.version) not in known and each.version not in asked_of for each in packages):
                known = self._asked(name) or known
                asked_of = frozenset([*index.versions, *(each.version for each in packages)])
                self._listed[name] = (known, asked_of)
        found = {}
        for package in packages:
            manifest = _manifest(package, known.get(str(package.version), {}))
            if manifest is not None:
                found[str(package.version)] = manifest
        return found

    def _asked(self, name: str) -> dict[str, Any]:
        try:
            versions = self._publishers["npm"].packument(name).get("versions", {})
        except (ServiceError, KeyError):
            return {}
        return versions if isinstance(versions, dict) else {}


def _manifest(package: OfferedPackage, listed: Mapping[str, Any]) -> dict[str, Any] | None:
    dist = listed.get("dist", {})
    if package.facts is None:
        return {**listed, "dist": dist} if dist else None
    made = {"integrity": package.facts.integrity, "shasum": package.facts.shasum}
    if dist.get("signatures") and dist.get("integrity") == package.facts.integrity:
        made["signatures"] = dist["signatures"]
    return {**package.facts.manifest, "dist": made}
