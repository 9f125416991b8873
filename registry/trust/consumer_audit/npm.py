"""npm: it takes a scope from the registry that .npmrc gives that scope, and all else from the default one.

Rules: the npmrc and package-lock.json pages of the npm documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.errors import Problem

from .ours import ConsumerFile, Ours, shown

NPM_FILES = re.compile(r"package\.json|package-lock\.json|\.npmrc")
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_DEFAULT = "npm's default registry"


def audit_npm(files: Sequence[ConsumerFile], ours: Ours) -> Iterator[Problem]:
    """Each package.json with the .npmrc beside it, and package-lock.json."""
    by_path = {file.path: file for file in files}
    for file in files:
        if file.name == "package-lock.json":
            yield from _locked(file, ours)
        elif file.name == "package.json":
            # npm reads the .npmrc of the project's root: a workspace's own is ignored.
            beside = by_path.get(re.sub(r"[^/]+$", ".npmrc", file.path)) or by_path.get(".npmrc")
            yield from _dependencies(file, beside, ours)


def _dependencies(file: ConsumerFile, npmrc: ConsumerFile | None, ours: Ours) -> Iterator[Problem]:
    manifest = _object(file)
    settings = dict(_settings(npmrc)) if npmrc else {}
    used = {name for key in _DEPENDENCIES for name in _mapping(manifest.get(key))}
    for name in (each for each in ours.tarballs if each in used):
        scope = name.partition("/")[0] if name.startswith("@") else None
        setting = f"{scope}:registry" if scope else "registry"
        line, address = settings.get(setting) or settings.get("registry") or (None, _DEFAULT)
        if ours.serve(address):
            continue
        if line is None or npmrc is None:
            yield file.could_win(
                file.line_of(re.escape(f'"{name}"')),
                f"no .npmrc here says where {name} is from: unless the user's own does, npm asks {address}",
                f"write {setting}={ours.registry} into .npmrc",
            )
        else:
            yield npmrc.could_win(
                line,
                f"{name} would come from {shown(address)}, which is not where it is published",
                f"write {setting}={ours.registry}",
            )


def _settings(file: ConsumerFile) -> Iterator[tuple[str, tuple[int | None, str]]]:
    for number, line in file.lines():
        key, equals, value = line.partition("=")
        if equals and not key.lstrip().startswith(("#", ";")):
            yield key.strip(), (number, value.strip().strip("\"'"))


def _locked(file: ConsumerFile, ours: Ours) -> Iterator[Problem]:
    for place, package in _mapping(_object(file).get("packages")).items():
        name = place.rpartition("node_modules/")[2]
        address = _mapping(package).get("resolved")
        if name not in ours.tarballs or not isinstance(address, str) or not address.startswith("http"):
            continue
        registry = address.partition(f"{name}/-/")[0]
        if not ours.serve(registry):
            yield file.locked_elsewhere(
                file.line_of(re.escape(address)),
                name,
                registry,
                f"write the registry into .npmrc, remove the entry, and run: npm install {name}",
            )


def _object(file: ConsumerFile) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(file.text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
