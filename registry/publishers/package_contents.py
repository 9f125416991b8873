"""What the file of a package says of itself: METADATA of a wheel, package.json of a tarball.

Rules: the core metadata specifications of Python packages, and package.json in the npm documentation.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from email.parser import HeaderParser
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from generators.target import Kind

from ..catalogue.facts.package_facts import PackageFacts, text_digest
from .npm import npm_integrity

_MANIFEST = "manifest.json"


def package_facts(kind: Kind, content: bytes) -> PackageFacts:
    """Of a package that this tool has built."""
    return _of_wheel(content) if kind == "wheel" else _of_tarball(content)


def _of_wheel(content: bytes) -> PackageFacts:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        names = wheel.namelist()
        (path,) = (name for name in names if name.count("/") == 1 and name.endswith(".dist-info/METADATA"))
        metadata = wheel.read(path).decode("utf-8")
        manifests = [name for name in names if name.count("/") == 1 and name.endswith(f"/{_MANIFEST}")]
        manifest = json.loads(wheel.read(manifests[0])) if manifests else {}
    headers = HeaderParser().parsestr(metadata)
    python = headers.get("Requires-Python")
    return PackageFacts(
        dependencies=tuple(map(_dependency, headers.get_all("Requires-Dist", []))),
        requires=("python", python) if python else None,
        metadata=metadata,
        metadata_sha256=text_digest(metadata),
        compatible_from=manifest.get("compatible_from", {}).get(manifest.get("version")),
    )


def _dependency(text: str) -> tuple[str, str]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return text, ""
    return requirement.name, text[len(requirement.name) :].strip()


def _of_tarball(content: bytes) -> PackageFacts:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        member = archive.extractfile("package/package.json")
        manifest: dict[str, Any] = json.loads(member.read()) if member else {}
    node = manifest.get("engines", {}).get("node")
    wanted = {**manifest.get("dependencies", {}), **manifest.get("peerDependencies", {})}
    return PackageFacts(
        dependencies=tuple(sorted(wanted.items())),
        requires=("node", node) if node else None,
        manifest=manifest,
        integrity=npm_integrity(content),
        shasum=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
    )
