"""Runs operations on psycopg's asyncio connections: over a pool, or inside one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolClosed

from .adapters import connection_arguments, probe_arguments, register_async
from .dsn import connection_settings
from .errors import (
    ClientNotConnectedError,
    DatabaseConnectionError,
    TransactionError,
    TransactionExpiredError,
)
from .failures import FAILURES, translated
from .operation import Operation
from .plans import Result, Steps

_T = TypeVar("_T")
_Connection = AsyncConnection[tuple[Any, ...]]


class AsyncSession(Protocol):
    """Where operations run."""

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end; all of it or nothing if ``atomic``."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[AsyncTransactionSession]:
        """A session inside a new transaction, or inside a savepoint of the one under way."""
        ...


class AsyncPoolSession:
    """Every operation takes a connection from the pool and gives it back."""

    def __init__(self, dsn: str | None, *, pool_size: int | None, timeout_seconds: float) -> None:
        self._dsn, self._pool_size = dsn, pool_size
        self._timeout_seconds = timeout_seconds
        self._pool: AsyncConnectionPool[_Connection] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the pool is open."""
        return self._pool is not None

    async def open(self) -> None:
        """Open the pool, once. Raises DatabaseConnectionError with the server's reason."""
        if self._pool is not None:
            return
        settings = connection_settings(self._dsn, self._pool_size)
        try:
            # The pool connects in the background, and would only ever report a timeout.
            probe = await AsyncConnection.connect(settings.conninfo, **probe_arguments(self._timeout_seconds))
            await probe.close()
        except FAILURES as error:
            raise DatabaseConnectionError(str(error).strip()) from error
        pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            settings.conninfo,
            connection_class=_Connection,
            kwargs=connection_arguments(settings),
            min_size=1,
            max_size=settings.pool_size,
            timeout=self._timeout_seconds,
            configure=register_async,
            open=False,
        )
        await pool.open()
        self._pool = pool

    async def close(self) -> None:
        """Close the pool; nothing happens if it is closed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation on a connection of its own."""
        operation = Operation(steps)
        if operation.statement is not None:
            async with self._connection() as connection:
                await _drive(operation, connection, atomic=atomic)
        return operation.value

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncTransactionSession, None]:
        """A session inside a new transaction."""
        async with self._connection() as connection, _transaction(connection) as session:
            yield session

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[_Connection, None]:
        if self._pool is None:
            raise ClientNotConnectedError("the client is not connected; call connect() first")
        pool = self._pool
        try:
            connection = await pool.getconn()
        except PoolClosed as error:
            raise ClientNotConnectedError("the client has been disconnected") from error
        except FAILURES as error:
            raise DatabaseConnectionError(str(error).strip()) from error
        try:
            yield connection
        finally:
            await pool.putconn(connection)


class AsyncTransactionSession:
    """Every operation runs on the transaction's connection."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._ended = False

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation inside the transaction."""
        operation = Operation(steps)
        if operation.statement is not None:
            self._check()
            await _drive(operation, self._connection, atomic=atomic)
        return operation.value

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncTransactionSession, None]:
        """A session inside a savepoint."""
        self._check()
        async with _transaction(self._connection) as session:
            yield session

    def end(self) -> None:
        """Refuse everything from now on."""
        self._ended = True

    def _check(self) -> None:
        if self._ended:
            raise TransactionExpiredError("the transaction has ended; use the client that began it")


async def _drive(operation: Operation[Any], connection: _Connection, *, atomic: bool) -> None:
    try:
        if atomic:
            async with connection.transaction():
                await _execute(operation, connection)
        else:
            await _execute(operation, connection)
    except FAILURES as error:
        raise translated(error) from error


async def _execute(operation: Operation[Any], connection: _Connection) -> None:
    while operation.statement is not None:
        sql, parameters = operation.statement
        cursor = await connection.execute(sql, parameters)
        rows = await cursor.fetchall() if cursor.description is not None else []
        operation.send(Result(rows, cursor.rowcount))


@asynccontextmanager
async def _transaction(connection: _Connection) -> AsyncGenerator[AsyncTransactionSession, None]:
    in_body = False
    try:
        async with connection.transaction():
            session = AsyncTransactionSession(connection)
            in_body = True
            try:
                yield session
            finally:
                session.end()
            in_body = False
            # COMMIT would be answered with a silent ROLLBACK.
            if connection.info.transaction_status == TransactionStatus.INERROR:
                raise TransactionError("a statement of this transaction failed, so nothing in it was saved")
    except FAILURES as error:
        if in_body:
            raise
        raise translated(error) from error
