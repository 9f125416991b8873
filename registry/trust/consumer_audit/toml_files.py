"""pyproject.toml and other TOML files of consumers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .ours import ConsumerFile, Ours


def toml_table(file: ConsumerFile) -> dict[str, Any]:
    """What a file holds; nothing if it isn't TOML, which its own tool will say."""
    try:
        return tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def required_wheels(document: dict[str, Any], ours: Ours) -> list[str]:
    """Packages of ours that a pyproject.toml depends on (PEP 621, PEP 735), canonical and sorted."""
    project = document.get("project")
    texts: list[object] = []
    if isinstance(project, dict):
        texts += _list(project.get("dependencies"))
        texts += _lists(project.get("optional-dependencies"))
    texts += _lists(document.get("dependency-groups"))
    return sorted({name for name in _names(texts) if name in ours.wheels})


def _names(texts: list[object]) -> Iterator[str]:
    for text in texts:
        try:
            yield str(canonicalize_name(Requirement(str(text)).name))
        except InvalidRequirement:
            continue


def _lists(table: object) -> list[object]:
    return [text for value in (table.values() if isinstance(table, dict) else ()) for text in _list(value)]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
