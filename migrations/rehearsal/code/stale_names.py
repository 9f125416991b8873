"""Where the text of a function still names a table or column that a migration has renamed or dropped.

A call doesn't get to every line, and text that is put together can't be read: words are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...introspection.pg_catalog import Connection, Name
from ...runner.tracking.tracking_tables import TRACKING_SCHEMA
from ..snapshots.data_snapshot import DataSnapshot, TableSnapshot

_BODIES = """
SELECT p.oid::regprocedure::text, p.prosrc,
       ARRAY(SELECT t.tgrelid::bigint FROM pg_trigger t WHERE t.tgfoid = p.oid AND NOT t.tgisinternal)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('internal', 'c') AND p.prosqlbody IS NULL
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(tracking)s) AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class StaleName:
    """``function`` names ``name``, a table or column, which ``now`` is called otherwise (None: dropped)."""

    function: str
    name: str
    now: str | None


@dataclass(frozen=True, slots=True)
class _Gone:
    """A name that is no longer there: of a column of the table with this id, or, with None, of the table."""

    table: int
    before: Name
    after: Name | None
    column: str | None
    now: str | None


def stale_names(connection: Connection, before: DataSnapshot, after: DataSnapshot) -> list[StaleName]:
    """Names of ``before`` that functions of the database, which is at ``after``, still use."""
    gone = list(_gone(before, after))
    if not gone:
        return []
    bodies = connection.execute(_BODIES, {"tracking": TRACKING_SCHEMA}).fetchall()
    return [
        StaleName(function, each.column or each.before[1], each.now)
        for function, body, tables in bodies
        for each in gone
        if _is_named(each, body, tables, after)
    ]


def _gone(before: DataSnapshot, after: DataSnapshot) -> Iterator[_Gone]:
    taken = {table.qualified[1] for table in after.tables.values()}
    for oid, old in before.tables.items():
        new = after.tables.get(oid)
        if old.qualified[1] not in taken:
            now = new.qualified[1] if new is not None else None
            yield _Gone(oid, old.qualified, new.qualified if new else None, None, now)
        if new is not None:
            yield from _columns_gone(oid, old, new)


def _columns_gone(oid: int, old: TableSnapshot, new: TableSnapshot) -> Iterator[_Gone]:
    taken = {column.name for column in new.columns.values()}
    for number, column in old.columns.items():
        if column.name not in taken:
            now = new.columns[number].name if number in new.columns else None
            yield _Gone(oid, old.qualified, new.qualified, column.name, now)


def _is_named(gone: _Gone, body: str, triggered_by: list[int], after: DataSnapshot) -> bool:
    """A column's name only counts with its table's, or in a trigger of it, and if no other table that the
    body names has a column of that name."""
    if gone.column is None:
        return _has(body, gone.before[1])
    if gone.table in triggered_by and re.search(rf"\b(?:NEW|OLD)\.\"?{re.escape(gone.column)}\b", body, re.I):
        return True
    own = {gone.before[1], gone.after[1] if gone.after else gone.before[1]}
    is_about = gone.table in triggered_by or any(_has(body, name) for name in own)
    return (
        is_about
        and _has(body, gone.column)
        and not any(
            _has(body, table.qualified[1])
            for oid, table in after.tables.items()
            if oid != gone.table and any(column.name == gone.column for column in table.columns.values())
        )
    )


def _has(body: str, word: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", body, re.IGNORECASE) is not None
