"""Sends the statements of a step in one round trip, and still tells which one Postgres refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus

from ..manifest import Statement
from .connection import Connection

# A statement may end in a comment: its end is on a line of its own.
_BETWEEN = "\n;\n"
# First words of statements that change the session, or run code that may; words by which others do.
_LEAVING = re.compile(
    r"(?:set|reset|values|do|call|execute|prepare|declare|listen|load|discard)\b", re.IGNORECASE
)
_LEAVING_WORDS = re.compile(r"\b(?:temp|temporary|select|set_config)\b", re.IGNORECASE)


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


def run_statements(
    connection: Connection, statements: Sequence[Statement], before: Sequence[str] = ()
) -> None:
    """Run them in order, over the simple protocol: no ``%`` is special, and nothing is prepared. ``before``
    are statements of the runner's own that go first, in the same round trip.

    Raises StatementError for the first that fails; psycopg.Error for one of the runner's own, and for a
    connection that breaks.
    """
    if not statements and not before:
        return
    texts = [*before, *(statement.sql for statement in statements)]
    connection.pgconn.send_query(_BETWEEN.join(texts).encode())
    # One result a statement: how many came before an error is which statement it was.
    results = connection.wait(generators.execute(connection.pgconn))
    for index, result in enumerate(results):
        if result.status == ExecStatus.FATAL_ERROR:
            error = errors.error_from_result(result, encoding="utf-8")
            if index < len(before):
                raise error
            raise StatementError(statements[index - len(before)], _offset(texts[:index], error), error)


def leaves_traces(statements: Sequence[Statement]) -> bool:
    """Whether something may outlive the transaction in the session: a setting, a temporary table, a cursor, a
    prepared statement. Guessed from words; where they say nothing, nothing is left."""
    return any(_LEAVING.match(each.sql) or _LEAVING_WORDS.search(each.sql) for each in statements)


def _offset(before: Sequence[str], error: psycopg.Error) -> int | None:
    position = error.diag.statement_position
    if position is None:
        return None
    return max(0, int(position) - 1 - sum(len(text) + len(_BETWEEN) for text in before))
