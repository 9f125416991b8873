"""The line and column of a key in a TOML file, which the parser does not return.

The file is read line by line, with the parser for each line's keys. A line inside a multi-line string may be
mistaken for a key; then the location is wrong, and nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ..errors import Problem

Keys: TypeAlias = tuple[str, ...]


def with_location(problem: Problem, text: str, path: Sequence[str]) -> Problem:
    """``problem`` with the line and column of the key at ``path``, as far as it can be found in ``text``."""
    line, column = location_of(text, path) or (None, None)
    return replace(problem, line=line, column=column)


def location_of(text: str, path: Sequence[str]) -> tuple[int, int] | None:
    """Line and column, from 1, of the key at ``path``, or of the nearest table or key above it that is in the
    text; None if there is none."""
    wanted = tuple(path)
    locations: dict[Keys, tuple[int, int]] = {}
    for keys, place in _keys(text):
        locations.setdefault(keys, place)
    while wanted:
        for keys, place in locations.items():
            if keys[: len(wanted)] == wanted:
                return place
        wanted = wanted[:-1]
    return None


def _keys(text: str) -> Iterator[tuple[Keys, tuple[int, int]]]:
    table: Keys = ()
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.lstrip()
        column = len(line) - len(written) + 1
        if written.startswith("["):
            table = _path(_parsed(written)) or table
            yield table, (number, column)
        elif (keys := _key(written)) is not None:
            yield table + keys, (number, column)


def _key(line: str) -> Keys | None:
    """The keys before the equals sign: the first one that isn't inside a quoted key."""
    end = line.find("=")
    while end != -1:
        keys = _path(_parsed(f"{line[:end]} = 0"))
        if keys is not None:
            return keys
        end = line.find("=", end + 1)
    return None


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(line)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _path(content: dict[str, Any] | None) -> Keys | None:
    """The keys that lead to a parsed line's only value."""
    keys: list[str] = []
    node: Any = content
    while isinstance(node, dict) and len(node) == 1:
        ((key, node),) = node.items()
        keys.append(key)
        if isinstance(node, list):  # [[a table of many]]
            break
    return tuple(keys) or None
