# Generated from client/aio/session.py by `make blocking`: change that file, not this one.
"""Runs operations on psycopg's blocking connections: over a pool, or inside one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Protocol, Self, TypeVar

from psycopg import RawCursor

from ...compatibility.database_range import DatabaseRange
from ...connection.cursors import CAN_PIPELINE, turn_to
from ...connection.dsn import ConnectionSettings, Server, connection_settings
from ...connection.first_statement import begun, first_statement, is_unsent
from ...connection.pool import connected
from ...connection.prepared import executed, remember
from ...connection.sqlstates import FAILURES, is_outdated, translated
from ...connection.transactions import (
    BEGIN,
    COMMIT,
    ROLLBACK,
    TransactionState,
    commit_failed,
    control,
    idle_limit,
    server_limit,
    set_limit,
)
from ...connection.usage import Usage
from ...operations.copy_rows import copied
from ...operations.operation import (
    LARGE_RESULT,
    Operation,
    column_names,
    column_types,
    has_rows,
    loaded,
    unread,
)
from ...public.errors import (
    ClientNotConnectedError,
    PrismaError,
    TransactionExpiredError,
    UnreadableValueError,
)
from ...sql.plans import Result, Statement, Steps
from .connection import RawConnection
from .database_check import check_database
from .pool import SyncPool, SyncSlot
from .waiting import Alarm, Lock, Stream, TransactionLock, call_later, if_free

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
        package: DatabaseRange | None = None,
    ) -> None:
        self._find_dsn, self._pool_size = find_dsn, pool_size
        self._package = package
        #: The versions that the database is checked for when the pool opens; None to take any.
        self.database: DatabaseRange | None = None
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
        return connection_settings(
            self._find_dsn(),
            self._pool_size,
            self._statement_timeout_seconds,
            self._package,
            is_checked=self.database is not None,
        )

    @property
    def is_open(self) -> bool:
        """Whether the pool is open."""
        return self._pool is not None

    def open(self) -> None:
        """Open the pool and a first connection, once, and check the version of its database.

        Raises DatabaseConnectionError.
        """
        with self._opening:
            if self._pool is None:
                settings = self.settings()
                pool = SyncPool(settings, self.timeout_seconds)
                slot = pool.take()
                try:
                    if self.database is not None:
                        check_database(connected(slot), self.database, settings.schema)
                except BaseException:
                    pool.close()
                    raise
                finally:
                    pool.put(slot)
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
        at_once: bool = False,
    ) -> Stream[TransactionSession]:
        """A session inside a new transaction, which may take ``timeout_seconds``.

        The server hears of it with the first statement, or now if ``at_once``.
        """
        pool = self._pool or self._refuse()
        slot = pool.take(max_wait_seconds)
        is_expired = False
        try:
            if timeout_seconds != slot.limited_to:
                begin = _limited(begin, slot, timeout_seconds, is_pooled=pool.is_pooled)
            slot.begin = begin
            if at_once or pool.is_pooled or not CAN_PIPELINE:
                _begin(slot)
            session = TransactionSession(slot, timeout_seconds, pool)
            try:
                yield session
                session.state.end_before_commit()
            except BaseException:
                if session.state.end():
                    _roll_back(slot)
                raise
            finally:
                session.release()
                is_expired = session.state.is_expired
            _commit(slot)
        finally:
            slot.begin = None
            if is_expired:
                pool.take_back(slot)
            else:
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
        self,
        slot: SyncSlot,
        timeout_seconds: float | None,
        pool: SyncPool,
        outer: TransactionSession | None = None,
    ) -> None:
        """The time begins. When it is over, the transaction is."""
        around = None if outer is None else outer.state
        self.state: TransactionState = TransactionState(slot, timeout_seconds, around)
        #: What has to live for as long as this is used: the transaction ends with its context manager.
        self.manager: object = None
        self._slot, self._pool = slot, pool
        self._lock: TransactionLock = TransactionLock() if outer is None else outer._lock
        self._alarm: Alarm | None = None
        if timeout_seconds is not None and outer is None:
            self._alarm = call_later(timeout_seconds, self._expire)

    def release(self) -> None:
        """The block has ended."""
        if self._alarm is not None:
            self._alarm.cancel()
        self.manager = None

    def _expire(self) -> None:
        if self.state.expire() and not self._give_back():
            # Whoever holds the lock gives the connection back as soon as the statement has ended.
            connected(self._slot).interrupt()

    def _give_back(self) -> bool:
        return if_free(self._lock, partial(self._pool.take_back, self._slot))

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
            try:
                with self._lock:
                    self.state.check()
                    begin = monotonic()
                    try:
                        _drive(operation, self._slot, atomic=atomic)
                    finally:
                        self._slot.queries.add(monotonic() - begin)
            except PrismaError as error:
                if self.state.is_expired and not isinstance(error, TransactionExpiredError):
                    raise self.state.expired() from error
                raise
            finally:
                if self.state.is_expired:
                    self._give_back()
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
        try:
            with _savepoint(self._slot, self._lock):
                session = TransactionSession(self._slot, timeout_seconds, self._pool, self)
                try:
                    yield session
                    session.state.end_before_commit()
                finally:
                    session.state.end()
                    session.release()
        finally:
            if self.state.is_expired:
                self._give_back()

    @contextmanager
    def connection(self) -> Stream[RawConnection]:
        """The transaction's connection."""
        self.state.check()
        with self._lock:
            _begin(self._slot)
        yield connected(self._slot)


def _drive(operation: Operation[Any], slot: SyncSlot, *, atomic: bool) -> None:
    try:
        if atomic:
            _begin(slot)
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
        try:
            if statement.copied:
                _begin(slot)
                connection = connected(slot)
                result = connection.wait(copied(connection, statement))
            else:
                result = _prepared(slot, statement) or _by_cursor(slot, statement)
        except FAILURES as error:
            slot.failed(outdated=is_outdated(error))
            refused = translated(error)
            refused.__cause__ = error
            statement = operation.throw(refused)
        except UnreadableValueError as error:
            slot.failed()
            statement = operation.throw(error)
        else:
            statement = operation.send(result)
        if statement is None:
            return
        slot.further_statements += 1


def _prepared(slot: SyncSlot, statement: Statement) -> Result | None:
    """The result of a statement that is prepared already; None if a cursor has to execute it."""
    known = slot.prepared.get(statement.sql)
    if known is None or statement.named:
        return None
    connection = connected(slot)
    with connection.lock:
        answer = connection.wait(executed(slot, known, statement))
    return None if answer is None else loaded(*answer)


def _by_cursor(slot: SyncSlot, statement: Statement) -> Result:
    """The same, by a cursor."""
    cursor = _cursor(slot)
    turn_to(cursor, slot, statement.sql)
    (
        cursor.execute(statement.sql, statement.parameters, binary=statement.binary)
        if slot.begin is None
        else connected(slot).wait(first_statement(cursor, slot, slot.begin, statement))
    )
    try:
        rows = cursor.fetchall() if has_rows(cursor) else []
    except Exception as error:
        raise unread(cursor, error) from error
    remember(slot, cursor, statement)
    if len(rows) > LARGE_RESULT:
        slot.cursor = None
    if statement.named:
        return Result(rows, cursor.rowcount, column_names(cursor), column_types(cursor))
    return Result(rows, cursor.rowcount)


def _cursor(slot: SyncSlot) -> RawCursor[tuple[Any, ...]]:
    cursor = slot.cursor
    if cursor is None:
        cursor = slot.cursor = RawCursor(connected(slot))
    return cursor


def _limited(begin: bytes, slot: SyncSlot, timeout_seconds: float | None, *, is_pooled: bool) -> bytes:
    """``begin``, once the server's limit is right or with what sets it."""
    if slot.own_limit < 0:
        slot.own_limit = _server_limit(slot)
    limit = idle_limit(slot, timeout_seconds)
    if is_pooled:  # a pooler would take the session's setting to other clients
        return b"%b; %b" % (begin, set_limit(limit, is_local=True))
    _control(slot, set_limit(limit))
    slot.limited_to = timeout_seconds
    return begin


def _server_limit(slot: SyncSlot) -> int:
    try:
        connection = connected(slot)
        return connection.wait(server_limit(connection))
    except FAILURES as error:
        raise translated(error) from error


def _begin(slot: SyncSlot) -> None:
    """Send the BEGIN that has waited for a statement. Raises the error a user sees."""
    if slot.begin is not None:
        try:
            connection = connected(slot)
            connection.wait(begun(slot, slot.begin))
        except FAILURES as error:
            raise translated(error) from error


def _control(slot: SyncSlot, command: bytes) -> None:
    """COMMIT, ROLLBACK or a setting. Raises the error a user sees."""
    try:
        connection = connected(slot)
        connection.wait(control(connection, command))
    except FAILURES as error:
        raise translated(error) from error


def _commit(slot: SyncSlot) -> None:
    if is_unsent(slot):
        return
    try:
        _control(slot, COMMIT)
    except PrismaError as error:
        raise commit_failed(error) from error.__cause__


def _roll_back(slot: SyncSlot) -> None:
    if is_unsent(slot):
        return
    # If even this fails, the pool closes the connection, and the server rolls back.
    with suppress(PrismaError):
        _control(slot, ROLLBACK)


@contextmanager
def _savepoint(slot: SyncSlot, lock: TransactionLock) -> Stream[None]:
    savepoint = connected(slot).transaction()
    try:
        with lock:
            _begin(slot)
            savepoint.__enter__()
    except FAILURES as error:
        raise translated(error) from error
    try:
        yield
    except BaseException as error:
        with lock:
            is_handled = savepoint.__exit__(type(error), error, error.__traceback__)
        if not is_handled:
            raise
    else:
        try:
            with lock:
                savepoint.__exit__(None, None, None)
        except FAILURES as error:
            raise translated(error) from error
