"""Keeps the rows that a statement accepts which is meant to fail on others: their values are compared."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import errors, sql

from ...introspection.pg_catalog import Connection
from ...runner.fit_checks import Check

_FAILS = -1


def remove_unfit(connection: Connection, table: str, checks: Sequence[Check]) -> bool:
    """Delete the rows of ``table``, which is SQL, that ``checks`` find; False if some are left, or unknown.

    Rows that refer to these go, too.
    """
    for check in checks:
        while (count := _answer(connection, check)) not in (0, None):
            row = _first_unfit(connection, table, check, count or 0)
            if row is None or not _delete(connection, table, row):
                return False
    return bool(checks) and all(_answer(connection, check) == 0 for check in checks)


def _answer(connection: Connection, check: Check) -> int | None:
    """How many rows it finds; None if it can't tell."""
    try:
        with connection.transaction():
            found = connection.execute(check.sql.encode()).fetchone()
    except (errors.DataError, errors.IntegrityError):
        return _FAILS if check.converts else None
    except psycopg.Error:
        return None
    return None if found is None else found[0]


def _first_unfit(connection: Connection, table: str, check: Check, count: int) -> str | None:
    """A row without which the check finds less; a conversion fails until the last unfit row is gone."""
    places = connection.execute(f"SELECT ctid::text FROM {table} ORDER BY ctid".encode()).fetchall()  # noqa: S608
    with connection.transaction(force_rollback=True):
        for (place,) in places:
            if not _delete(connection, table, place):
                return None
            left = _answer(connection, check)
            if left is not None and left != _FAILS and (count == _FAILS or left < count):
                return str(place)
    return None


def _delete(connection: Connection, table: str, place: str) -> bool:
    query = f"DELETE FROM {table} WHERE ctid = '{place}'::tid"  # noqa: S608 - from Postgres
    return _without_referring(connection, query.encode(), [])


def _without_referring(connection: Connection, query: bytes | sql.Composed, emptied: list[str]) -> bool:
    """Run a DELETE; tables that refer to its rows are emptied before."""
    while True:
        try:
            with connection.transaction():
                connection.execute(query)
        except errors.ForeignKeyViolation as error:
            schema, table = error.diag.schema_name or "", error.diag.table_name or ""
            if (name := f"{schema}.{table}") in emptied:
                return False
            emptied.append(name)
            empty = sql.SQL("DELETE FROM {}").format(sql.Identifier(schema, table))
            if not _without_referring(connection, empty, emptied):
                return False
        else:
            return True
