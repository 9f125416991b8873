"""Writes the two manifests that every target shares: ``pyproject.toml`` and ``package.json``.

Descriptions and authors are free text. It is normalised here to what a header accepts (one line,
no control characters, the registry's length) here; the packers refuse whatever is not in that form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any

import tomlkit

from .file_tree import FileTree

#: The core metadata version of our wheels, also given to hatchling, so that both builds agree.
METADATA_VERSION = "2.4"

_SUMMARY_LENGTH = 512  # PyPI's limit for Summary
_AUTHOR = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+)>")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelProject:
    """What a wheel says about itself. ``version`` is PEP 440; ``readme`` is Markdown.

    ``author`` is ``Name`` or ``Name <address>``. ``scripts`` maps a command to ``module:function``.
    ``import_package`` is the one top-level package that the wheel installs.
    """

    name: str
    version: str
    description: str
    readme: str
    requires_python: str
    import_package: str
    dependencies: tuple[str, ...] = ()
    optional_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    author: str | None = None
    keywords: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()


def project_files(project: WheelProject, sources: FileTree) -> FileTree:
    """A whole wheel project: ``pyproject.toml``, ``README.md`` and ``sources`` under the import package."""
    manifest = {"pyproject.toml": pyproject_toml(project), "README.md": encodable(project.readme)}
    return FileTree(manifest) | sources.under(project.import_package)


def pyproject_toml(project: WheelProject) -> str:
    """``pyproject.toml`` for hatchling, as PEP 621 defines it; the readme is the file ``README.md``."""
    document = tomlkit.document()
    document["build-system"] = {"requires": ["hatchling>=1.27"], "build-backend": "hatchling.build"}
    document["project"] = _project_table(project)
    document["tool"] = {
        "hatch": {
            "build": {
                "targets": {
                    "wheel": {
                        "packages": [project.import_package],
                        "core-metadata-version": METADATA_VERSION,
                    }
                }
            }
        }
    }
    return tomlkit.dumps(document)


def package_json(manifest: Mapping[str, Any]) -> str:
    """``package.json`` with the keys in the order given and the description on one line."""
    written = dict(manifest)
    for key in ("description", "author"):
        if isinstance(written.get(key), str):
            written[key] = one_line(written[key])
    return encodable(json.dumps(written, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def one_line(text: str, limit: int = _SUMMARY_LENGTH) -> str:
    """``text`` as the value of a header: printable, single-spaced, at most ``limit`` characters."""
    printable = "".join(char if char.isprintable() else " " for char in encodable(text))
    line = " ".join(printable.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _project_table(project: WheelProject) -> dict[str, Any]:
    table: dict[str, Any] = {
        "name": project.name,
        "version": project.version,
        "description": one_line(project.description),
        "readme": "README.md",
        "requires-python": project.requires_python,
        "authors": [_author(project.author)] if project.author and project.author.strip() else [],
        "keywords": [one_line(word) for word in project.keywords],
        "classifiers": sorted(project.classifiers),
        "dependencies": sorted(project.dependencies),
        "optional-dependencies": {
            extra: sorted(requirements)
            for extra, requirements in sorted(project.optional_dependencies.items())
        },
        "urls": dict(sorted(project.urls.items())),
        "scripts": dict(sorted(project.scripts.items())),
    }
    return {key: value for key, value in table.items() if value}


def _author(text: str) -> dict[str, str]:
    line = one_line(text)
    match = _AUTHOR.fullmatch(line)
    if match is None or not _is_address(match["email"]):
        return {"name": line}
    name = match["name"].strip().strip('"')
    return {"name": name, "email": match["email"]} if name else {"email": match["email"]}


def _is_address(text: str) -> bool:
    try:
        return text.isascii() and bool(Address(addr_spec=text).domain)
    except (HeaderParseError, ValueError, IndexError):
        return False


def encodable(text: str) -> str:
    """Lone surrogates (JSON can hold them, UTF-8 can't) become the replacement character."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
