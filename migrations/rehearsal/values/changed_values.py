"""The values that differ between two snapshots of databases whose tables are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...introspection.pg_catalog import Name
from ..snapshots.data_snapshot import DataSnapshot, Row, TableSnapshot
from .spellings import without_spelling

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedValue:
    """The first value of a column that is no longer what it was; ``column`` is None for a row that is gone.

    ``row`` tells people which row it is, empty where the table has no key. ``before`` and ``after`` are as
    Postgres writes them (None: NULL). ``is_in_code``: code of users may have changed it.
    """

    table: Name
    column: str | None
    row: str
    before: str | None
    after: str | None
    is_in_code: bool

    @property
    def change(self) -> str:
        """For people."""
        place = f" in the row with {self.row}" if self.row else ""
        if self.column is None:
            return f"a row is gone{place}"
        return f"{_value(self.before)} becomes {_value(self.after)}{place}"


def changed_values(before: DataSnapshot, after: DataSnapshot) -> Iterator[ChangedValue]:
    """One for each column with a value that was there ``before`` and differs ``after``, and for each table
    with a row that is gone. What was NULL was no value, and a new row replaces none."""
    there = {table.qualified: table for table in after.tables.values()}
    for table in before.tables.values():
        now = there.get(table.qualified)
        if now is not None:
            yield from _in_table(table, now)


def name_after(
    before: DataSnapshot, after: DataSnapshot, table: Name, column: str | None
) -> tuple[Name, str | None]:
    """What a table and column of ``before`` are called ``after``; what is no longer there keeps its name."""
    for oid, old in before.tables.items():
        new = after.tables.get(oid)
        if old.qualified != table or new is None:
            continue
        number = next((number for number, each in old.columns.items() if each.name == column), None)
        renamed = new.columns.get(number) if number is not None else None
        return new.qualified, renamed.name if renamed is not None else column
    return table, column


def _in_table(before: TableSnapshot, after: TableSnapshot) -> Iterator[ChangedValue]:
    names = [column.name for column in before.columns.values()]
    places = {column.name: place for place, column in enumerate(after.columns.values())}
    shared = [(place, places[name], name) for place, name in enumerate(names) if name in places]
    old = [tuple(row[place] for place, _, _ in shared) for row in before.held]
    new = [tuple(row[place] for _, place, _ in shared) for row in after.held]
    if Counter(old) == Counter(new):
        return
    types = [column.type for column in before.columns.values() if column.name in places]
    old, new = ([without_spelling(row, types) for row in rows] for rows in (old, new))
    if Counter(old) == Counter(new):
        return
    columns = [name for _, _, name in shared]
    keys = {before.columns[number].name for number in before.key}
    key = [place for place, name in enumerate(columns) if name in keys]
    reaches = bool(key) and {_part(row, key) for row in old} <= {_part(row, key) for row in new}
    for place, row, now in _by_key(old, new, key) if reaches else _by_column(old, new, len(columns)):
        yield ChangedValue(
            table=before.qualified,
            column=None if place is None else columns[place],
            row=", ".join(f"{columns[each]} {_value(row[each])}" for each in key) if reaches else "",
            before=None if place is None else row[place],
            after=now,
            is_in_code=after.is_in_code,
        )


# The column, a row that had another value in it, and what that became.
_Difference: TypeAlias = tuple[int | None, Row, str | None]


def _by_key(old: Sequence[Row], new: Sequence[Row], key: Sequence[int]) -> Iterator[_Difference]:
    """The first difference of each column, in rows with the same key."""
    found = {_part(row, key): row for row in new}
    seen = set()
    for row in old:
        now = found[_part(row, key)]
        for place, value in enumerate(row):
            if value is not None and value != now[place] and place not in seen:
                seen.add(place)
                yield place, row, now[place]


def _by_column(old: Sequence[Row], new: Sequence[Row], columns: int) -> Iterator[_Difference]:
    """Without a key that is still there: the values of each column, wherever they are."""
    differs = len(new) < len(old)
    if differs:
        yield None, old[0], None
    for place in range(0 if differs else columns):
        before, after = Counter(row[place] for row in old), Counter(row[place] for row in new)
        gone = next((row for row in old if row[place] in before - after and row[place] is not None), None)
        if gone is not None:
            differs = True
            yield place, gone, next(iter(after - before), None)
    if not differs and Counter(old) - Counter(new):
        yield None, old[0], None


def _part(row: Row, key: Sequence[int]) -> Row:
    return tuple(row[place] for place in key)


def _value(value: str | None) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if len(value) <= _SHOWN else f"'{value[:_SHOWN]}…'"
