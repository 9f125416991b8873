"""Small real artifacts to publish, and the one fault no registry has on demand: a race."""

from __future__ import annotations

import pytest

from generators.file_tree import FileTree
from generators.metadata import WheelProject, package_json, project_files
from generators.packing import pack
from generators.target import Artifact, Package
from registry.publishers.npm import NpmPublisher
from registry.publishers.pypi import PypiPublisher


def wheel_of(name: str, version: str = "1.0.0", *, content: str = "VALUE = 1\n") -> Artifact:
    import_package = name.replace("-", "_")
    project = WheelProject(
        name=name,
        version=version,
        description="A package to publish",
        readme="# Package\n",
        requires_python=">=3.10",
        import_package=import_package,
    )
    files = project_files(project, FileTree({"__init__.py": content}))
    return pack(Package(language="python", kind="wheel", name=name, version=version, files=files))


def tarball_of(name: str, version: str = "1.0.0", *, content: str = "module.exports = 1;\n") -> Artifact:
    manifest = {"name": name, "version": version, "description": "A package", "main": "./index.cjs"}
    files = FileTree(
        {"package.json": package_json(manifest), "index.cjs": content, "README.md": "# Package\n"}
    )
    return pack(Package(language="node", kind="npm", name=name, version=version, files=files))


def overlook_once(publisher: NpmPublisher | PypiPublisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``publisher`` see nothing at its first look, as if somebody uploaded right after it."""
    looks = iter([False])
    look = publisher._is_published
    monkeypatch.setattr(publisher, "_is_published", lambda artifact: next(looks, True) and look(artifact))
