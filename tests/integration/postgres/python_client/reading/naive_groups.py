"""What ``group_by`` should give, done slowly in memory: groups, numbers about them, their order."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .naive_values import Rank, Truth, conjunction, inverted, scalar_holds

Row = dict[str, Any]
Group = list[Row]

NUMBERS = ("_count", "_sum", "_avg", "_min", "_max")


def grouped(rows: list[Row], by: list[str]) -> list[Group]:
    """The rows that are equal in some fields; None equals None."""
    groups: dict[tuple[Any, ...], Group] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(groups.values())


def number(group: Group, word: str, field: str, place: Callable[[str, Any], Any]) -> Any:
    """One number about a group; ``place`` makes a field's value one that Python orders as Postgres does."""
    values = [row[field] for row in group if row[field] is not None]
    if word == "_count":
        return len(values)
    if not values:
        return None
    if word in ("_sum", "_avg"):
        total = sum(values)
        return total if word == "_sum" else total / len(values)
    return (min if word == "_min" else max)(values, key=lambda value: place(field, value))


def kept(group: Group, having: dict[str, Any], place: Callable[[str, Any], Any], rank: Rank) -> Truth:
    """Whether a group is what ``having`` asks for."""
    return conjunction(_entry(group, name, given, place, rank) for name, given in having.items())


def _entry(group: Group, name: str, given: Any, place: Callable[[str, Any], Any], rank: Rank) -> Truth:
    if name in ("AND", "OR", "NOT"):
        truths = [kept(group, each, place, rank) for each in given if each]
        if name == "OR":
            return inverted(conjunction(map(inverted, truths)))
        return conjunction(map(inverted, truths) if name == "NOT" else truths)
    own = {word: value for word, value in given.items() if word not in NUMBERS}
    numbers = [
        scalar_holds(number(group, word, name, place), value, rank)
        for word, value in given.items()
        if word in NUMBERS
    ]
    return conjunction([scalar_holds(group[0][name], own, rank), *numbers])


def in_order(
    groups: list[Group], keys: list[tuple[str | tuple[str, str], str]], place: Callable[[str, Any], Any]
) -> list[Group]:
    """Groups by fields or numbers, and directions; None is the greatest value."""
    for key, direction in reversed(keys):

        def value(group: Group, key: str | tuple[str, str] = key) -> tuple[bool, Any]:
            if isinstance(key, str):
                field, found = key, group[0][key]
            else:
                field, found = key[1], number(group, *key, place)
            counted = found is None or key[0] == "_count"
            return found is None, (found or 0) if counted else place(field, found)

        groups = sorted(groups, key=value, reverse=direction == "desc")
    return groups


def close(found: Any, expected: Any) -> bool:
    """Whether both are the same but for what averages are rounded to."""
    if isinstance(found, dict):
        return found.keys() == expected.keys() and all(close(found[key], expected[key]) for key in found)
    if isinstance(found, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(found, float | Decimal) and expected is not None:
        return math.isclose(found, expected, rel_tol=1e-12)
    return bool(found == expected)
