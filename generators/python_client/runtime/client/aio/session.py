"""Runs operations on psycopg's asyncio connections: over a pool, or inside one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Protocol, Self, TypeVar

from psycopg import AsyncRawCursor

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
from .pool import AsyncPool, AsyncSlot
from .waiting import Alarm, Lock, Stream, TransactionLock, call_later, if_free

_T = TypeVar("_T")


class AsyncSession(Protocol):
    """Where operations run."""

    @property
    def reads(self) -> AsyncSession:
        """Where operations run that only read."""
        ...

    @property
    def primary(self) -> AsyncSession:
        """Where everything runs on the primary."""
        ...

    @property
    def server(self) -> Server | None:
        """The replica that answers; None for the primary, and if it is not always the same."""
        ...

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end; all of it or nothing if ``atomic``."""
        ...

    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncTransactionSession]:
        """A session inside a new transaction, or inside a savepoint of the present one."""
        ...

    def connection(self) -> AbstractAsyncContextManager[RawConnection]:
        """psycopg's own connection, for everything besides operations: COPY, LISTEN, server-side cursors."""
        ...


class AsyncPoolSession:
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
        self._pool: AsyncPool | None = None
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

    async def open(self) -> None:
        """Open the pool and a first connection, once, and check the version of its database.

        Raises DatabaseConnectionError.
        """
        async with self._opening:
            if self._pool is None:
                settings = self.settings()
                pool = AsyncPool(settings, self.timeout_seconds)
                slot = await pool.take()
                try:
                    if self.database is not None:
                        await check_database(connected(slot), self.database, settings.schema)
                except BaseException:
                    pool.close()
                    raise
                finally:
                    pool.put(slot)
                self._pool = pool

    async def close(self) -> None:
        """Close the pool; nothing happens if it is closed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    @property
    def usage(self) -> Usage:
        """The pool's state, and its counters since it was opened. Raises ClientNotConnectedError."""
        return (self._pool or self._refuse()).usage()

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation on a connection of its own."""
        operation = Operation(steps)
        if operation.statement is not None:
            await self.finish(operation, atomic=atomic)
        return operation.value

    async def finish(self, operation: Operation[Any], *, atomic: bool = False) -> None:
        """Run an operation from its current statement."""
        pool = self._pool or self._refuse()
        slot = await pool.take()
        try:
            await _drive(operation, slot, atomic=atomic)
        finally:
            pool.put(slot, True)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
        at_once: bool = False,
    ) -> Stream[AsyncTransactionSession]:
        """A session inside a new transaction, which may take ``timeout_seconds``.

        The server hears of it with the first statement, or now if ``at_once``.
        """
        pool = self._pool or self._refuse()
        slot = await pool.take(max_wait_seconds)
        is_expired = False
        try:
            if timeout_seconds != slot.limited_to:
                begin = await _limited(begin, slot, timeout_seconds, is_pooled=pool.is_pooled)
            slot.begin = begin
            if at_once or pool.is_pooled or not CAN_PIPELINE:
                await _begin(slot)
            session = AsyncTransactionSession(slot, timeout_seconds, pool)
            try:
                yield session
                session.state.end_before_commit()
            except BaseException:
                if session.state.end():
                    await _roll_back(slot)
                raise
            finally:
                session.release()
                is_expired = session.state.is_expired
            await _commit(slot)
        finally:
            slot.begin = None
            if is_expired:
                pool.take_back(slot)
            else:
                pool.put(slot)

    @asynccontextmanager
    async def connection(self) -> Stream[RawConnection]:
        """A connection of its own; one that is returned inside a transaction is closed."""
        pool = self._pool or self._refuse()
        slot = await pool.take()
        try:
            yield connected(slot)
        finally:
            pool.put(slot)

    def _refuse(self) -> AsyncPool:
        raise ClientNotConnectedError("the client is not connected; call connect() first")


class AsyncTransactionSession:
    """Every operation runs on the transaction's connection."""

    server: Server | None = None

    def __init__(
        self,
        slot: AsyncSlot,
        timeout_seconds: float | None,
        pool: AsyncPool,
        outer: AsyncTransactionSession | None = None,
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

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation inside the transaction. Tasks that share it take turns."""
        operation = Operation(steps)
        if operation.statement is not None:
            try:
                async with self._lock:
                    self.state.check()
                    begin = monotonic()
                    try:
                        await _drive(operation, self._slot, atomic=atomic)
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

    @asynccontextmanager
    async def transaction(
        self,
        *,
        begin: bytes = BEGIN,  # noqa: ARG002 - a savepoint has the transaction's own isolation
        max_wait_seconds: float | None = None,  # noqa: ARG002 - and its connection
        timeout_seconds: float | None = None,
    ) -> Stream[AsyncTransactionSession]:
        """A session inside a savepoint."""
        self.state.check()
        try:
            async with _savepoint(self._slot, self._lock):
                session = AsyncTransactionSession(self._slot, timeout_seconds, self._pool, self)
                try:
                    yield session
                    session.state.end_before_commit()
                finally:
                    session.state.end()
                    session.release()
        finally:
            if self.state.is_expired:
                self._give_back()

    @asynccontextmanager
    async def connection(self) -> Stream[RawConnection]:
        """The transaction's connection."""
        self.state.check()
        async with self._lock:
            await _begin(self._slot)
        yield connected(self._slot)


async def _drive(operation: Operation[Any], slot: AsyncSlot, *, atomic: bool) -> None:
    try:
        if atomic:
            await _begin(slot)
            async with connected(slot).transaction():
                await _execute(operation, slot)
        else:
            await _execute(operation, slot)
    except FAILURES as error:
        slot.failed(outdated=is_outdated(error))
        raise translated(error) from error
    except BaseException:
        slot.failed()
        raise


async def _execute(operation: Operation[Any], slot: AsyncSlot) -> None:
    statement = operation.statement
    while statement is not None:
        try:
            if statement.copied:
                await _begin(slot)
                connection = connected(slot)
                result = await connection.wait(copied(connection, statement))
            else:
                result = await _prepared(slot, statement) or await _by_cursor(slot, statement)
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


async def _prepared(slot: AsyncSlot, statement: Statement) -> Result | None:
    """The result of a statement that is prepared already; None if a cursor has to execute it."""
    known = slot.prepared.get(statement.sql)
    if known is None or statement.named:
        return None
    connection = connected(slot)
    async with connection.lock:
        answer = await connection.wait(executed(slot, known, statement))
    return None if answer is None else loaded(*answer)


async def _by_cursor(slot: AsyncSlot, statement: Statement) -> Result:
    """The same, by a cursor."""
    cursor = _cursor(slot)
    turn_to(cursor, slot, statement.sql)
    await (
        cursor.execute(statement.sql, statement.parameters, binary=statement.binary)
        if slot.begin is None
        else connected(slot).wait(first_statement(cursor, slot, slot.begin, statement))
    )
    try:
        rows = await cursor.fetchall() if has_rows(cursor) else []
    except Exception as error:
        raise unread(cursor, error) from error
    remember(slot, cursor, statement)
    if len(rows) > LARGE_RESULT:
        slot.cursor = None
    if statement.named:
        return Result(rows, cursor.rowcount, column_names(cursor), column_types(cursor))
    return Result(rows, cursor.rowcount)


def _cursor(slot: AsyncSlot) -> AsyncRawCursor[tuple[Any, ...]]:
    cursor = slot.cursor
    if cursor is None:
        cursor = slot.cursor = AsyncRawCursor(connected(slot))
    return cursor


async def _limited(begin: bytes, slot: AsyncSlot, timeout_seconds: float | None, *, is_pooled: bool) -> bytes:
    """``begin``, once the server's limit is right or with what sets it."""
    if slot.own_limit < 0:
        slot.own_limit = await _server_limit(slot)
    limit = idle_limit(slot, timeout_seconds)
    if is_pooled:  # a pooler would take the session's setting to other clients
        return b"%b; %b" % (begin, set_limit(limit, is_local=True))
    await _control(slot, set_limit(limit))
    slot.limited_to = timeout_seconds
    return begin


async def _server_limit(slot: AsyncSlot) -> int:
    try:
        connection = connected(slot)
        return await connection.wait(server_limit(connection))
    except FAILURES as error:
        raise translated(error) from error


async def _begin(slot: AsyncSlot) -> None:
    """Send the BEGIN that has waited for a statement. Raises the error a user sees."""
    if slot.begin is not None:
        try:
            connection = connected(slot)
            await connection.wait(begun(slot, slot.begin))
        except FAILURES as error:
            raise translated(error) from error


async def _control(slot: AsyncSlot, command: bytes) -> None:
    """COMMIT, ROLLBACK or a setting. Raises the error a user sees."""
    try:
        connection = connected(slot)
        await connection.wait(control(connection, command))
    except FAILURES as error:
        raise translated(error) from error


async def _commit(slot: AsyncSlot) -> None:
    if is_unsent(slot):
        return
    try:
        await _control(slot, COMMIT)
    except PrismaError as error:
        raise commit_failed(error) from error.__cause__


async def _roll_back(slot: AsyncSlot) -> None:
    if is_unsent(slot):
        return
    # If even this fails, the pool closes the connection, and the server rolls back.
    with suppress(PrismaError):
        await _control(slot, ROLLBACK)


@asynccontextmanager
async def _savepoint(slot: AsyncSlot, lock: TransactionLock) -> Stream[None]:
    savepoint = connected(slot).transaction()
    try:
        async with lock:
            await _begin(slot)
            await savepoint.__aenter__()
    except FAILURES as error:
        raise translated(error) from error
    try:
        yield
    except BaseException as error:
        async with lock:
            is_handled = await savepoint.__aexit__(type(error), error, error.__traceback__)
        if not is_handled:
            raise
    else:
        try:
            async with lock:
                await savepoint.__aexit__(None, None, None)
        except FAILURES as error:
            raise translated(error) from error
