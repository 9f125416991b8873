"""Row security that applies even to a table's owner, put aside while rows are made and read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg import sql

from .pg_catalog import Connection

_FORCED = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND c.relforcerowsecurity AND pg_has_role(c.relowner, 'USAGE')
ORDER BY 1, 2
"""


@contextlib.contextmanager
def without_forced_row_security(connection: Connection) -> Iterator[None]:
    """Policies hide rows from whoever owns the tables here, and refuse their rows: for the block they don't.

    The connection is in a transaction.
    """
    tables = [sql.Identifier(*name) for name in connection.execute(_FORCED)]
    _set(connection, tables, "NO FORCE")
    yield
    _set(connection, tables, "FORCE")


def _set(connection: Connection, tables: list[sql.Identifier], word: str) -> None:
    for table in tables:
        statement = sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY")
        connection.execute(statement.format(table, sql.SQL(word)))
