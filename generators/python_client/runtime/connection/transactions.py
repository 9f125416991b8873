"""Transactions of both clients: how one begins, its options, and when it can't go on."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus

from ..public.errors import (
    DatabaseConnectionError,
    InputError,
    PrismaError,
    TransactionError,
    TransactionExpiredError,
)
from .pool import AnyConnection, Slot

BEGIN = b"BEGIN"
COMMIT = b"COMMIT"
ROLLBACK = b"ROLLBACK"

_LIMIT = b"idle_in_transaction_session_timeout"
_LONGEST_LIMIT = 2**31 - 1  # milliseconds, as the server counts
#: The server waits a little longer than the client, whose error says why: it only acts if the client can't.
_SLACK_SECONDS = 1.0


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


def server_limit(connection: AnyConnection) -> Generator[Any, Any, int]:
    """For how many milliseconds the server lets a transaction idle, by the role's settings; 0 for ever."""
    pgconn = connection.pgconn
    pgconn.send_query(b"SELECT ceil(extract(epoch FROM current_setting('%b')::interval) * 1000)" % _LIMIT)
    (result,) = yield from execute(pgconn)
    if result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result)
    return int(result.get_value(0, 0) or 0)


def idle_limit(slot: Slot[Any, Any], timeout_seconds: float | None) -> int:
    """For how many milliseconds the server shall let a transaction idle, if this process can't end it.

    It may be stopped, or cut off: the locks would stay for as long as the server waits. A shorter limit that
    the server has already stays.
    """
    wanted = 0 if timeout_seconds is None else round((timeout_seconds + _SLACK_SECONDS) * 1000)
    if not 0 < wanted <= _LONGEST_LIMIT or 0 < slot.own_limit <= wanted:
        return slot.own_limit
    return wanted


def set_limit(limit: int, *, is_local: bool = False) -> bytes:
    """The statement that sets it."""
    return b"SET %b%b = %d" % (b"LOCAL " * is_local, _LIMIT, limit)


class TransactionState:
    """Whether a transaction may still be used. It may take ``timeout_seconds`` from now on.

    ``outer`` is the state of the transaction that this one is a savepoint of.
    """

    __slots__ = ("_deadline", "_ending", "_has_ended", "_is_expired", "_outer", "_slot", "_timeout_seconds")

    def __init__(
        self, slot: Slot[Any, Any], timeout_seconds: float | None, outer: TransactionState | None = None
    ) -> None:
        self._slot, self._outer = slot, outer
        self._has_ended = self._is_expired = False
        self._ending = [None]  # taken once: by the end of the block, or by that of the time
        self._timeout_seconds = timeout_seconds
        self._deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds

    @property
    def is_expired(self) -> bool:
        """Whether its time ran out before its block ended."""
        return self._is_expired or (self._outer is not None and self._outer.is_expired)

    def end(self) -> bool:
        """Refuse all operations from now on; whether it was not over before."""
        self._has_ended = True
        return self._take_ending()

    def expire(self) -> bool:
        """The time is over; whether the transaction was not over before."""
        if self._take_ending():
            self._is_expired = True
        return self._is_expired

    def _take_ending(self) -> bool:
        try:
            self._ending.pop()  # of two threads, only one can
        except IndexError:
            return False
        return True

    def expired(self) -> TransactionExpiredError:
        """The error of a transaction that has taken longer than it may."""
        if self._outer is not None and self._outer.is_expired:
            return self._outer.expired()
        return TransactionExpiredError(
            f"the transaction took longer than {self._timeout_seconds:g} s, so nothing in it is saved"
        )

    def check(self) -> None:
        """Raise TransactionExpiredError if the transaction has ended, or has taken longer than it may."""
        if self.is_expired:
            raise self.expired()
        if self._has_ended:
            raise TransactionExpiredError("Transaction already closed; use the client that began it")
        if self._slot.is_inherited:
            raise TransactionExpiredError(
                "the transaction belongs to the process that this one was forked from"
            )
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise self.expired()

    def end_before_commit(self) -> None:
        """The same, and end it; also raise TransactionError if a statement failed: COMMIT would silently
        roll back."""
        self.check()
        connection = self._slot.connection
        if connection is not None and connection.pgconn.transaction_status == TransactionStatus.INERROR:
            raise TransactionError("a statement of this transaction failed, so nothing in it was saved")
        if not self.end():
            raise self.expired()


def commit_failed(error: PrismaError) -> PrismaError:
    """An error of COMMIT itself. If the connection was lost just then, the outcome is unknown."""
    if not isinstance(error, DatabaseConnectionError):
        return error
    return DatabaseConnectionError(
        f"the connection was lost during COMMIT: whether the transaction was saved is unknown ({error})"
    )


#: Prisma's names, or PostgreSQL's in lower case.
IsolationLevel: TypeAlias = Literal[
    "ReadUncommitted",
    "ReadCommitted",
    "RepeatableRead",
    "Serializable",
    "read uncommitted",
    "read committed",
    "repeatable read",
    "serializable",
]

#: Those of Prisma Client Python.
MAX_WAIT = timedelta(seconds=2)
TIMEOUT = timedelta(seconds=5)

_LEVELS = {
    "readuncommitted": b"READ UNCOMMITTED",
    "readcommitted": b"READ COMMITTED",
    "repeatableread": b"REPEATABLE READ",
    "serializable": b"SERIALIZABLE",
}


def begin_statement(isolation_level: str | None, *, read_only: bool) -> bytes:
    """BEGIN with these options. Raises InputError for an unknown level."""
    statement = b"BEGIN"
    if isolation_level is not None:
        level = _LEVELS.get(str(isolation_level).lower().replace(" ", "").replace("_", ""))
        if level is None:
            known = ", ".join(name.decode().lower() for name in _LEVELS.values())
            raise InputError(f"isolation_level: needs one of {known}, but got {isolation_level!r:.60}")
        statement += b" ISOLATION LEVEL " + level
    return statement + b" READ ONLY" * read_only


def seconds(given: int | timedelta | None, name: str) -> float | None:
    """A duration in seconds; an int counts milliseconds, as in Prisma. None is no limit."""
    if given is None:
        return None
    duration = (
        timedelta(milliseconds=given) if isinstance(given, int) and not isinstance(given, bool) else given
    )
    if not isinstance(duration, timedelta) or duration < timedelta(0):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{name}: needs a timedelta or milliseconds, but got {given!r:.60}")
    return duration.total_seconds()
