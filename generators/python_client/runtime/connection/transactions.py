"""What both clients' transactions have in common: how one begins, and when it can't go on."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus

from ..public.errors import DatabaseConnectionError, PrismaError, TransactionError, TransactionExpiredError
from .pool import AnyConnection, Slot

BEGIN = b"BEGIN"
COMMIT = b"COMMIT"
ROLLBACK = b"ROLLBACK"


def control(connection: AnyConnection, command: bytes) -> Generator[Any, Any, None]:
    """BEGIN, COMMIT or ROLLBACK, for a connection's ``wait()``.

    A cursor's ``execute()`` would convert parameters and look for a prepared statement and for rows; without,
    the two take a tenth less of a short transaction.
    """
    pgconn = connection.pgconn
    pgconn.send_query(command)
    for result in (yield from execute(pgconn)):
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


class TransactionState:
    """Whether a transaction may still be used. ``timeout_seconds`` bounds its life from now on."""

    __slots__ = ("_deadline", "_has_ended", "_slot", "_timeout_seconds")

    def __init__(self, slot: Slot[Any, Any], timeout_seconds: float | None) -> None:
        self._slot = slot
        self._has_ended = False
        self._timeout_seconds = timeout_seconds
        self._deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds

    def end(self) -> None:
        """Refuse everything from now on."""
        self._has_ended = True

    def check(self) -> None:
        """Raise TransactionExpiredError if the transaction has ended, or has taken longer than it may."""
        if self._has_ended:
            raise TransactionExpiredError("Transaction already closed; use the client that began it")
        if self._slot.is_inherited:
            raise TransactionExpiredError(
                "the transaction belongs to the process that this one was forked from"
            )
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TransactionExpiredError(
                f"the transaction took longer than {self._timeout_seconds:g} s, so nothing in it is saved"
            )

    def check_before_commit(self) -> None:
        """The same, and raise TransactionError if a statement failed: COMMIT would silently roll back."""
        self.check()
        connection = self._slot.connection
        if connection is not None and connection.pgconn.transaction_status == TransactionStatus.INERROR:
            raise TransactionError("a statement of this transaction failed, so nothing in it was saved")


def commit_failed(error: PrismaError) -> PrismaError:
    """An error of COMMIT itself. If the connection was lost just then, nobody knows what the server did."""
    if not isinstance(error, DatabaseConnectionError):
        return error
    return DatabaseConnectionError(
        f"the connection was lost during COMMIT: whether the transaction was saved is unknown ({error})"
    )
