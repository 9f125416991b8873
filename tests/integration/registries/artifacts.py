"""Small real artifacts to publish, and the one fault no registry has on demand: a race."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from generators.file_tree import FileTree
from generators.metadata import WheelProject, package_json, project_files
from generators.packing import pack
from generators.target import Artifact, Package
from registry.publishers.npm import NpmPublisher
from registry.publishers.pypi import PypiPublisher

#: Without a pre-release part. npm reads no larger number.
LONGEST_VERSION = ".".join([str(2**53 - 1)] * 3)


def wheel_of(
    name: str,
    version: str = "1.0.0",
    *,
    content: str = "VALUE = 1\n",
    generator: str | None = None,
    dependencies: tuple[str, ...] = (),
) -> Artifact:
    """``generator``: the tool that says that it has made it; this one by default."""
    import_package = name.replace("-", "_")
    project = WheelProject(
        name=name,
        version=version,
        description="A package to publish",
        readme="# Package\n",
        requires_python=">=3.10",
        import_package=import_package,
        dependencies=dependencies,
    )
    files = project_files(project, FileTree({"__init__.py": content}))
    made = pack(Package(language="python", kind="wheel", name=name, version=version, files=files))
    return made if generator is None else replace(made, content=_made_by(generator, made.content))


def _made_by(generator: str, wheel: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as old, zipfile.ZipFile(changed, "w") as new:
        for path in old.namelist():
            content = old.read(path)
            if path.endswith(".dist-info/WHEEL"):
                content = content.replace(b"schema-service", generator.encode())
            new.writestr(path, content)
    return changed.getvalue()


def tarball_of(
    name: str,
    version: str = "1.0.0",
    *,
    content: str = "module.exports = 1;\n",
    made_from: Mapping[str, str] | None = None,
    dependencies: Mapping[str, str] | None = None,
) -> Artifact:
    """``made_from``: what the packages of this tool tell of their schema."""
    manifest: dict[str, Any] = {"name": name, "version": version, "main": "./index.cjs"}
    manifest["description"] = "A package"
    if made_from is not None:
        manifest["schemaService"] = made_from
    if dependencies is not None:
        manifest["dependencies"] = dependencies
    files = FileTree(
        {"package.json": package_json(manifest), "index.cjs": content, "README.md": "# Package\n"}
    )
    return pack(Package(language="node", kind="npm", name=name, version=version, files=files))


def overlook_once(publisher: NpmPublisher | PypiPublisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``publisher`` see nothing at its first look, as if somebody uploaded right after it."""
    looks = iter([False])
    look = publisher._is_published
    monkeypatch.setattr(publisher, "_is_published", lambda artifact: next(looks, True) and look(artifact))
