"""What a client should do, done slowly in memory: the rows of a few tables, SQL's three-valued logic, and
Prisma's meaning of relations.

A condition is True, False or None (unknown); a row is found if it is True.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .naive_values import Truth, conjunction, inverted

Row = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A relation: rows of ``table`` whose ``theirs`` equals ``own``, or those joined in ``pairs``."""

    table: str
    own: str
    theirs: str
    is_list: bool
    pairs: str | None = None
    is_reversed: bool = False


@dataclass
class Tables:
    """Rows by table and key, joined keys by name."""

    rows: dict[str, list[Row]]
    links: dict[str, dict[str, Link]]
    pairs: dict[str, set[tuple[Any, Any]]] = field(default_factory=dict)

    def related(self, row: Row, link: Link) -> list[Row]:
        """The rows on the other side."""
        if link.pairs is not None:
            pairs = self.pairs[link.pairs]
            keys = {
                a if link.is_reversed else b
                for a, b in pairs
                if (b if link.is_reversed else a) == row[link.own]
            }
            return [other for other in self.rows[link.table] if other[link.theirs] in keys]
        if row[link.own] is None:
            return []
        return [other for other in self.rows[link.table] if other[link.theirs] == row[link.own]]

    def value(self, table: str, row: Row, path: tuple[str, ...]) -> Any:
        """What an order by ``path`` compares: a field, one of a related row, or how many there are."""
        link = self.links[table].get(path[0])
        if link is None:
            return row[path[0]]
        others = self.related(row, link)
        if path[1] == "_count":
            return len(others)
        return self.value(link.table, others[0], path[1:]) if others else None

    def found(self, table: str, where: dict[str, Any]) -> list[Row]:
        """The rows that a condition is true of."""
        return [row for row in self.rows[table] if self.holds(table, row, where) is True]

    def holds(self, table: str, row: Row, where: dict[str, Any]) -> Truth:
        """Whether a condition is true of a row."""
        return conjunction(self._entry(table, row, key, value) for key, value in where.items())

    def _entry(self, table: str, row: Row, key: str, value: Any) -> Truth:
        if key in ("AND", "OR", "NOT"):
            truths = [self.holds(table, row, each) for each in value if each]
            if key == "OR":
                return inverted(conjunction(map(inverted, truths)))
            return conjunction(map(inverted, truths) if key == "NOT" else truths)
        link = self.links[table].get(key)
        if link is None:
            return _column(row[key], value)
        return conjunction(self._relation(row, link, word, inner) for word, inner in value.items())

    def _relation(self, row: Row, link: Link, word: str, where: Any) -> bool:
        others = self.related(row, link)
        if where is None:
            return bool(others) == (word == "is_not")
        truths = [self.holds(link.table, other, where) for other in others]
        if word in ("some", "is"):
            return any(truth is True for truth in truths)
        if word == "every":
            return not any(truth is False for truth in truths)
        return not any(truth is True for truth in truths)


Key = tuple[tuple[str, ...], str, str]


def ordered(rows: Iterable[Row], order: list[Key], value: Callable[[Row, tuple[str, ...]], Any]) -> list[Row]:
    """Rows by keys: what ``value`` reads, directions and places of None (``""`` for Postgres' own).

    Rows that are equal in all of them are ordered by ``id``.
    """

    def compare(one: Row, other: Row) -> int:
        for path, direction, nulls in [*order, (("id",), "asc", "")]:
            mine, theirs = value(one, path), value(other, path)
            if mine == theirs:
                continue
            first = nulls == "first" if nulls else direction == "desc"
            if mine is None or theirs is None:
                return -1 if (mine is None) == first else 1
            return -1 if (mine < theirs) == (direction == "asc") else 1
        return 0

    return sorted(rows, key=functools.cmp_to_key(compare))


def page(
    everything: list[Row],
    found: Callable[[Row], bool],
    *,
    cursor: int | None = None,
    take: int | None = None,
    skip: int = 0,
    distinct: Iterable[str] = (),
) -> list[Row]:
    """Some of the ordered rows: the first ones of each combination that are found, from the cursor's row on.

    For a negative ``take`` back from it. The cursor's own row need not be found.
    """
    names, seen = list(distinct), set[tuple[Any, ...]]()
    kept: list[Row] = []
    for row in filter(found, everything):
        combination = tuple(row[name] for name in names or ["id"])
        kept += [] if combination in seen else [row]
        seen.add(combination)
    places = {row["id"]: index for index, row in enumerate(everything)}
    is_back = take is not None and take < 0
    if cursor is not None:
        here = places.get(cursor)
        kept = [
            row for row in kept
            if here is not None and (places[row["id"]] <= here if is_back else places[row["id"]] >= here)
        ]  # fmt: skip
    if is_back:
        kept = kept[::-1]
    kept = kept[skip : None if take is None else skip + abs(take)]
    return kept[::-1] if is_back else kept


def _column(found: Any, condition: Any) -> Truth:
    if not isinstance(condition, dict):
        condition = {"equals": condition}
    return conjunction(_operator(found, word, value) for word, value in condition.items())


def _operator(found: Any, word: str, value: Any) -> Truth:
    if word == "not" and isinstance(value, dict):
        return conjunction(inverted(_operator(found, *each)) for each in value.items())
    if value is None:
        return (found is None) == (word == "equals")
    if word == "in":
        return _listed(found, value)
    if word == "not_in":
        return inverted(_listed(found, value))
    return None if found is None else _COMPARISONS[word](found, value)


def _listed(found: Any, values: list[Any]) -> Truth:
    if not values:
        return False
    return None if found is None else found in values


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda a, b: bool(a == b),
    "not": lambda a, b: bool(a != b),
    "lt": lambda a, b: bool(a < b),
    "lte": lambda a, b: bool(a <= b),
    "gt": lambda a, b: bool(a > b),
    "gte": lambda a, b: bool(a >= b),
    "contains": lambda a, b: b in a,
    "startswith": lambda a, b: a.startswith(b),
    "endswith": lambda a, b: a.endswith(b),
}
