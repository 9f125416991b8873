# Generated from client/aio/session.py by `make blocking`: change that file, not this one.
"""Runs operations on psycopg's blocking connections: over a pool, or inside one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, suppress
from time import monotonic
from typing import Any, Protocol, Self, TypeVar

from psycopg import RawCursor

from ...connection.dsn import ConnectionSettings, Server, connection_settings
from ...connection.pool import connected
from ...connection.sqlstates import FAILURES, is_outdated, translated
from ...connection.transactions import BEGIN, COMMIT, ROLLBACK, TransactionState, commit_failed, control
from ...connection.usage import Usage
from ...operations.copy_rows import copied
from ...operations.operation import LARGE_RESULT, Operation, column_names, has_rows
from ...public.errors import ClientNotConnectedError, PrismaError
from ...sql.plans import Result, Steps
from .connection import RawConnection
from .pool import SyncPool, SyncSlot
from .waiting import Lock, Stream, TransactionLock

_T = TypeVar("_T")


class Session(Protocol):
    """Where operations run."""

    @property
    def reads(self) -> Session:
        """Where operations run that only read."""
        ...

    @property
    def primary(self) -> Session:
        """Where everything runs on the primary."""
        ...

    @property
    def server(self) -> Server | None:
        """The replica that answers; None for the primary, and if it is not always the same."""
        ...

    def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end; all of it or nothing if ``atomic``."""
        ...

    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> AbstractContextManager[TransactionSession]:
        """A session inside a new transaction, or inside a savepoint of the present one."""
        ...

    def connection(self) -> AbstractContextManager[RawConnection]:
        """psycopg's own connection, for everything besides operations: COPY, LISTEN, server-side cursors."""
        ...


class PoolSession:
    """Every operation takes a connection from the pool and returns it."""

    server: Server | None = None

    def __init__(
        self,
        find_dsn: Callable[[], str | None],
        *,
        pool_size: int | None,
        timeout_seconds: float,
        statement_timeout_seconds: float | None = None,
    ) -> None:
        self._find_dsn, self._pool_size = find_dsn, pool_size
        self._statement_timeout_seconds = statement_timeout_seconds
        self.timeout_seconds = timeout_seconds
        self._pool: SyncPool | None = None
        self._opening = Lock()

    @property
    def primary(self) -> Self:
        """Where everything runs on the primary: here."""
        return self

    @property
    def reads(self) -> Self:
        """Where reads go."""
        return self

    def settings(self) -> ConnectionSettings:
        """How connections are made. Raises DatabaseConnectionError if there is no database to connect to."""
        return connection_settings(self._find_dsn(), self._pool_size, self._statement_timeout_seconds)

    @property
    def is_open(self) -> bool:
        """Whether the pool is open."""
        return self._pool is not None

    def open(self) -> None:
        """Open the pool and a first connection, once. Raises DatabaseConnectionError."""
        with self._opening:
            if self._pool is None:
                pool = SyncPool(
                    self.settings(),
                    self.timeout_seconds,
                )
                pool.put(pool.take())
                self._pool = pool

    def close(self) -> None:
        """Close the pool; nothing happens if it is closed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    @property
    def usage(self) -> Usage:
        """The pool's state, and its counters since it was opened. Raises ClientNotConnectedError."""
        return (self._pool or self._refuse()).usage()

    def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation on a connection of its own."""
        operation = Operation(steps)
        if operation.statement is not None:
            self.finish(operation, atomic=atomic)
        return operation.value

    def finish(self, operation: Operation[Any], *, atomic: bool = False) -> None:
        """Run an operation from its current statement."""
        pool = self._pool or self._refuse()
        slot = pool.take()
        try:
            _drive(operation, slot, atomic=atomic)
        finally:
            pool.put(slot, True)

    @contextmanager
    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> Stream[TransactionSession]:
        """A session inside a new transaction, which may take ``timeout_seconds``."""
        pool = self._pool or self._refuse()
        slot = pool.take(max_wait_seconds)
        try:
            _control(slot, begin)
            session = TransactionSession(slot, timeout_seconds)
            try:
                yield session
                session.state.check_before_commit()
            except BaseException:
                session.state.end()
                _roll_back(slot)
                raise
            session.state.end()
            _commit(slot)
        finally:
            pool.put(slot)

    @contextmanager
    def connection(self) -> Stream[RawConnection]:
        """A connection of its own; one that is returned inside a transaction is closed."""
        pool = self._pool or self._refuse()
        slot = pool.take()
        try:
            yield connected(slot)
        finally:
            pool.put(slot)

    def _refuse(self) -> SyncPool:
        raise ClientNotConnectedError("the client is not connected; call connect() first")


class TransactionSession:
    """Every operation runs on the transaction's connection."""

    server: Server | None = None

    def __init__(
        self, slot: SyncSlot, timeout_seconds: float | None, lock: TransactionLock | None = None
    ) -> None:
        self.state = TransactionState(slot, timeout_seconds)
        self._slot = slot
        self._lock = lock or TransactionLock()

    @property
    def primary(self) -> Self:
        """Where everything runs on the primary: here."""
        return self

    @property
    def reads(self) -> Self:
        """Where reads go: a transaction sees what it wrote."""
        return self

    def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation inside the transaction. Threads that share it take turns."""
        operation = Operation(steps)
        if operation.statement is not None:
            with self._lock:
                self.state.check()
                begin = monotonic()
                try:
                    _drive(operation, self._slot, atomic=atomic)
                finally:
                    self._slot.queries.add(monotonic() - begin)
        return operation.value

    @contextmanager
    def transaction(
        self,
        *,
        begin: bytes = BEGIN,  # noqa: ARG002 - a savepoint has the transaction's own isolation
        max_wait_seconds: float | None = None,  # noqa: ARG002 - and its connection
        timeout_seconds: float | None = None,
    ) -> Stream[TransactionSession]:
        """A session inside a savepoint."""
        self.state.check()
        with _savepoint(self._slot):
            session = TransactionSession(self._slot, timeout_seconds, self._lock)
            try:
                yield session
                session.state.check_before_commit()
            finally:
                session.state.end()

    @contextmanager
    def connection(self) -> Stream[RawConnection]:
        """The transaction's connection."""
        self.state.check()
        yield connected(self._slot)


def _drive(operation: Operation[Any], slot: SyncSlot, *, atomic: bool) -> None:
    try:
        if atomic:
            with connected(slot).transaction():
                _execute(operation, slot)
        else:
            _execute(operation, slot)
    except FAILURES as error:
        slot.failed(outdated=is_outdated(error))
        raise translated(error) from error
    except BaseException:
        slot.failed()
        raise


def _execute(operation: Operation[Any], slot: SyncSlot) -> None:
    statement = operation.statement
    while statement is not None:
        if statement.copied:
            connection = connected(slot)
            result = connection.wait(copied(connection, statement))
        else:
            cursor = _cursor(slot)
            cursor.execute(statement.sql, statement.parameters, binary=statement.binary)
            rows = cursor.fetchall() if has_rows(cursor) else []
            if len(rows) > LARGE_RESULT:
                slot.cursor = None
            names = column_names(cursor) if statement.named else ()
            result = Result(rows, cursor.rowcount, names)
        statement = operation.send(result)
        if statement is None:
            return
        slot.further_statements += 1


def _cursor(slot: SyncSlot) -> RawCursor[tuple[Any, ...]]:
    cursor = slot.cursor
    if cursor is None:
        cursor = slot.cursor = RawCursor(connected(slot))
    return cursor


def _control(slot: SyncSlot, command: bytes) -> None:
    """BEGIN, COMMIT or ROLLBACK. Raises the error a user sees."""
    try:
        connection = connected(slot)
        connection.wait(control(connection, command))
    except FAILURES as error:
        raise translated(error) from error


def _commit(slot: SyncSlot) -> None:
    try:
        _control(slot, COMMIT)
    except PrismaError as error:
        raise commit_failed(error) from error.__cause__


def _roll_back(slot: SyncSlot) -> None:
    # If even this fails, the pool closes the connection, and the server rolls back.
    with suppress(PrismaError):
        _control(slot, ROLLBACK)


@contextmanager
def _savepoint(slot: SyncSlot) -> Stream[None]:
    in_body = False
    try:
        with connected(slot).transaction():
            in_body = True
            yield
            in_body = False
    except FAILURES as error:
        if in_body:
            raise
        raise translated(error) from error
