"""A package's bill of materials: what it depends on and what it carries, as CycloneDX 1.6.

Rules: the JSON reference of CycloneDX 1.6, the package URL specification for ``purl``, PEP 770 for its place
in a wheel. It has no time and no random number: the serial number follows from the package's own bytes. It is
written here, and not by CycloneDX's library, so that an update of the library can't change the bytes of a
package that is built again; the tests hold it to that library's strict validator.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..bundled import BundledComponent, tree_digest
from ..file_tree import FileTree
from ..target import Package

#: Its name in a tarball, and below ``.dist-info/sboms/`` in a wheel.
SBOM_NAME = "sbom.cdx.json"
_ECOSYSTEMS = {"wheel": "pypi", "npm": "npm"}
_NPM_DEPENDENCIES = (
    ("dependencies", "required"),
    ("peerDependencies", "required"),
    ("optionalDependencies", "optional"),
)


def sbom(package: Package, files: FileTree) -> bytes:
    """The document for ``package``; ``files`` are those that its archive holds. Its manifest is valid."""
    ecosystem = _ECOSYSTEMS[package.kind]
    subject = _identity(ecosystem, package.name, package.version)
    purl = subject["purl"]
    parts = [*_dependencies(package), *(_bundled(each) for each in package.bundled)]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{purl}#{tree_digest(files)}')}",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "schema-service"}]},
            "component": subject,
        },
        "components": parts,
        "dependencies": [
            {"ref": purl, "dependsOn": [part["bom-ref"] for part in parts]},
            *({"ref": part["bom-ref"]} for part in parts),
        ],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _dependencies(package: Package) -> list[dict[str, Any]]:
    found = _of_wheel(package.files) if package.kind == "wheel" else _of_npm(package.files)
    return sorted(found, key=lambda part: str(part["bom-ref"]))


def _of_wheel(files: FileTree) -> Iterator[dict[str, Any]]:
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    for text in project.get("dependencies", []):
        yield _dependency("pypi", canonicalize_name(Requirement(text).name), text, "required")
    for extra, texts in project.get("optional-dependencies", {}).items():
        for text in texts:
            name = canonicalize_name(Requirement(text).name)
            yield _dependency("pypi", name, f"{text}; extra == '{extra}'", "optional")


def _of_npm(files: FileTree) -> Iterator[dict[str, Any]]:
    manifest = json.loads(files["package.json"])
    for key, scope in _NPM_DEPENDENCIES:
        for name, version_range in manifest.get(key, {}).items():
            is_optional = manifest.get("peerDependenciesMeta", {}).get(name, {}).get("optional", False)
            yield _dependency("npm", name, f"{name}@{version_range}", "optional" if is_optional else scope)


def _dependency(ecosystem: str, name: str, requirement: str, scope: str) -> dict[str, Any]:
    """CycloneDX 1.6 has no field for a range of versions, so the requirement is a property, as its manager
    reads it."""
    part = _identity(ecosystem, name)
    return {
        **part,
        "bom-ref": f"{part['bom-ref']}#{requirement}",
        "scope": scope,
        "properties": [{"name": "schema-service:requirement", "value": requirement}],
    }


def _bundled(component: BundledComponent) -> dict[str, Any]:
    if component.ecosystem is None:
        part: dict[str, Any] = {"type": "library", "bom-ref": component.name, "name": component.name}
    else:
        part = _identity(component.ecosystem, component.name, component.version)
    part["bom-ref"] = f"bundled:{part['bom-ref']}"
    if component.sha256 is not None:
        part["hashes"] = [{"alg": "SHA-256", "content": component.sha256}]
    part["licenses"] = [{"expression": component.licence}]
    part["properties"] = [{"name": "schema-service:bundled", "value": "true"}]
    return part


def _identity(ecosystem: str, name: str, version: str | None = None) -> dict[str, Any]:
    """A component with its package URL; an npm scope is its group."""
    written = canonicalize_name(name) if ecosystem == "pypi" else name
    group, slash, bare = written.rpartition("/")
    purl = f"pkg:{ecosystem}/{quote(group, safe='')}{slash}{quote(bare, safe='')}"
    part: dict[str, Any] = {"type": "library"}
    if version is not None:
        purl += f"@{quote(version, safe='')}"
    part |= {"bom-ref": purl, **({"group": group} if group else {}), "name": bare}
    return {**part, **({"version": version} if version is not None else {}), "purl": purl}
