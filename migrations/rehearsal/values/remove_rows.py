"""Removes the rows that the checks of a downgrade refuse, to try the others."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from ...ddl.names import sql_name
from ...introspection.pg_catalog import Connection
from ..snapshots.data_snapshot import read_snapshot


def remove_rows(connection: Connection, blocking: Iterable[str]) -> bool:
    """Empty the tables that ``blocking`` lines are about, and those that refer to them; False if none of them
    has rows."""
    lines = [line.partition(": ")[2] for line in blocking]
    names = [
        table.qualified
        for table in read_snapshot(connection).tables.values()
        if table.rows
        and any(
            f" {sql_name(table.qualified)}." in line or f" {sql_name(table.qualified)} " in line
            for line in lines
        )
    ]
    for name in names:
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(*name)))
    return bool(names)
