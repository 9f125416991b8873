"""The asyncio client's own methods; the generated class adds an accessor for each model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from .async_session import AsyncPoolSession, AsyncSession
from .errors import TransactionError


class AsyncClientBase:
    """A client over a connection pool. Use it as a context manager, or call connect() and disconnect().

    ``dsn`` is a libpq connection string or URL; without one, DATABASE_URL is read when connecting.
    ``pool_size`` is the greatest number of connections (10 by default); ``connect_timeout_seconds`` bounds
    the wait for one.
    """

    def __init__(
        self, dsn: str | None = None, *, pool_size: int | None = None, connect_timeout_seconds: float = 10
    ) -> None:
        self._pool = AsyncPoolSession(dsn, pool_size=pool_size, timeout_seconds=connect_timeout_seconds)
        self._session: AsyncSession = self._pool

    async def connect(self) -> None:
        """Open the pool; nothing happens if it is open. Raises DatabaseConnectionError."""
        self._refuse_in_transaction()
        await self._pool.open()

    async def disconnect(self) -> None:
        """Close the pool; nothing happens if it is closed."""
        self._refuse_in_transaction()
        await self._pool.close()

    def is_connected(self) -> bool:
        """Whether the pool is open."""
        return self._pool.is_open

    @asynccontextmanager
    async def tx(self) -> AsyncGenerator[Self, None]:
        """A client inside one transaction, committed at the end of the block and rolled back on an error.

        ::

            async with client.tx() as tx:
                ...

        Inside a transaction ``tx.tx()`` is a savepoint.
        """
        async with self._session.transaction() as session:
            inside = type(self).__new__(type(self))
            inside._pool, inside._session = self._pool, session
            yield inside

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    def _refuse_in_transaction(self) -> None:
        if self._session is not self._pool:
            raise TransactionError("a transaction's client shares its parent's connections; use the parent")
