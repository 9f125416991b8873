"""Settings from the environment, which win over those of a file."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

_DELIMITER = "__"


def with_variables(values: Mapping[str, Any], prefix: str, names: Collection[str]) -> dict[str, Any]:
    """``values`` with the variables ``<prefix><NAME>`` and ``<prefix><NAME>__<KEY>…``, in capitals or not.

    ``names`` are the settings that exist: variables with the same prefix that begin with another name are
    something else.
    """
    merged = dict(values)
    # A table's own variable comes before those of its keys.
    for variable in sorted(os.environ):
        if variable.upper().startswith(prefix):
            path = variable[len(prefix) :].lower().split(_DELIMITER)
            if path[0] in names:
                _set(merged, path, os.environ[variable])
    return merged


def _set(table: dict[str, Any], path: list[str], text: str) -> None:
    """Copies the tables on the way: they may be the caller's."""
    first, *rest = path
    if not rest:
        table[first] = text
        return
    inner = table.get(first)
    if isinstance(inner, list) and rest[0].isdigit():
        inner = {str(place): each for place, each in enumerate(inner)}
    table[first] = dict(inner) if isinstance(inner, Mapping) else {}
    _set(table[first], rest, text)
