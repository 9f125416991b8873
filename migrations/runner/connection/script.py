"""Sends the statements of a step in one round trip, and finds out which of them Postgres refused."""

from __future__ import annotations

import contextlib
import re
import select
import time
from collections.abc import Sequence

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus, TransactionStatus

from ..manifest import StepStatement
from .connection import Connection

# A statement may end in a comment, so the semicolon is on a line of its own.
_BETWEEN = "\n;\n"
#: How long a statement that is cancelled may take to end.
STOP_SECONDS = 5.0
# First words of statements that change the session, or run code that may; and words that do so elsewhere.
_LEAVING = re.compile(
    r"(?:set|reset|values|do|call|execute|prepare|declare|listen|load|discard)\b", re.IGNORECASE
)
_LEAVING_WORDS = re.compile(r"\b(?:temp|temporary|select|set_config)\b", re.IGNORECASE)


class StatementError(Exception):
    """The statement that Postgres refused, and the position in it (in characters), if Postgres gives one.

    ``note`` is what the runner found out in addition.
    """

    def __init__(self, statement: StepStatement, offset: int | None, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.statement = statement
        self.offset = offset
        self.error = error
        self.note = ""

    @property
    def location(self) -> tuple[int, int]:
        """Line and column in the script: of the error if Postgres gives it, else of the statement."""
        before = self.statement.sql[: self.offset] if self.offset else ""
        if "\n" not in before:
            return self.statement.line, self.statement.column + len(before)
        return self.statement.line + before.count("\n"), len(before) - before.rfind("\n")


def run_statements(
    connection: Connection, statements: Sequence[StepStatement], before: Sequence[str] = ()
) -> int:
    """Run them in order, over the simple protocol: no ``%`` is special, and nothing is prepared. Returns how
    many rows they touched.

    ``before`` are the runner's own statements, sent first in the same round trip. Raises StatementError for
    the first that fails; psycopg.Error for one of the runner's own, and for a connection that breaks.
    """
    if not statements and not before:
        return 0
    texts = [*before, *(statement.sql for statement in statements)]
    connection.pgconn.send_query(_BETWEEN.join(texts).encode())
    # There is one result per statement, so an error's index tells which statement it was.
    results = connection.wait(generators.execute(connection.pgconn))
    for index, result in enumerate(results):
        if result.status == ExecStatus.FATAL_ERROR:
            error = errors.error_from_result(result, encoding="utf-8")
            if index < len(before):
                raise error
            raise StatementError(statements[index - len(before)], _offset(texts[:index], error), error)
    return sum(result.command_tuples or 0 for result in results)


def end_statement(connection: Connection) -> None:
    """Cancel what an interruption has left running, and read its results, so that the connection can be used
    again. If the server takes too long to end it, the connection is closed.

    psycopg does this itself, but not for a signal that comes before it waits, or while its Python code runs.
    """
    pgconn, deadline = connection.pgconn, time.monotonic() + STOP_SECONDS
    if connection.closed or pgconn.transaction_status != TransactionStatus.ACTIVE:
        return
    try:
        connection.cancel_safe(timeout=STOP_SECONDS)
        while pgconn.transaction_status == TransactionStatus.ACTIVE:
            pgconn.flush()
            while not pgconn.is_busy() and pgconn.get_result() is not None:
                pass
            if pgconn.transaction_status != TransactionStatus.ACTIVE:
                return
            readable, _, _ = select.select([pgconn.socket], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                break
            pgconn.consume_input()
    except psycopg.Error:
        pass
    with contextlib.suppress(psycopg.Error):
        connection.close()


def leaves_traces(statements: Sequence[StepStatement]) -> bool:
    """Whether the session may keep something after the transaction: a setting, a temporary table, a cursor, a
    prepared statement. It is a guess from words, on the safe side."""
    return any(_LEAVING.match(each.sql) or _LEAVING_WORDS.search(each.sql) for each in statements)


def _offset(before: Sequence[str], error: psycopg.Error) -> int | None:
    position = error.diag.statement_position
    if position is None:
        return None
    return max(0, int(position) - 1 - sum(len(text) + len(_BETWEEN) for text in before))
