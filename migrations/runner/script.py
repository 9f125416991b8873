"""Sends the statements of a step in one round trip, and still tells which one Postgres refused."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus

from .connection import Connection
from .manifest import Statement

# A statement may end in a comment: its end is on a line of its own.
_BETWEEN = "\n;\n"


class StatementError(Exception):
    """Which statement Postgres refused, and where in it (a number of characters, if Postgres tells).

    ``note`` is what the runner has found out besides.
    """

    def __init__(self, statement: Statement, offset: int | None, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.statement = statement
        self.offset = offset
        self.error = error
        self.note = ""

    @property
    def place(self) -> tuple[int, int]:
        """Line and column in the script: of the fault if Postgres tells them, else of the statement."""
        before = self.statement.sql[: self.offset] if self.offset else ""
        if "\n" not in before:
            return self.statement.line, self.statement.column + len(before)
        return self.statement.line + before.count("\n"), len(before) - before.rfind("\n")


def run_statements(connection: Connection, statements: Sequence[Statement]) -> None:
    """Run them in order, over the simple protocol: no ``%`` is special, and nothing is prepared.

    Raises StatementError for the first that fails; psycopg.OperationalError for a connection that breaks.
    """
    if not statements:
        return
    connection.pgconn.send_query(_BETWEEN.join(statement.sql for statement in statements).encode())
    # One result a statement: how many came before an error is which statement it was.
    results = connection.wait(generators.execute(connection.pgconn))
    for index, result in enumerate(results):
        if result.status == ExecStatus.FATAL_ERROR:
            error = errors.error_from_result(result, encoding="utf-8")
            raise StatementError(statements[index], _offset(statements, index, error), error)


def _offset(statements: Sequence[Statement], index: int, error: psycopg.Error) -> int | None:
    position = error.diag.statement_position
    if position is None:
        return None
    before = sum(len(statement.sql) + len(_BETWEEN) for statement in statements[:index])
    return max(0, int(position) - 1 - before)
