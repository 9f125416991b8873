"""The blocking client's own methods; the generated class adds an accessor for each model."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from .errors import TransactionError
from .sync_session import PoolSession, Session


class ClientBase:
    """A client over a connection pool. Use it as a context manager, or call connect() and disconnect().

    ``dsn`` is a libpq connection string or URL; without one, DATABASE_URL is read when connecting.
    ``pool_size`` is the greatest number of connections (10 by default); ``connect_timeout_seconds`` bounds
    the wait for one.
    """

    def __init__(
        self, dsn: str | None = None, *, pool_size: int | None = None, connect_timeout_seconds: float = 10
    ) -> None:
        self._pool = PoolSession(dsn, pool_size=pool_size, timeout_seconds=connect_timeout_seconds)
        self._session: Session = self._pool

    def connect(self) -> None:
        """Open the pool; nothing happens if it is open. Raises DatabaseConnectionError."""
        self._refuse_in_transaction()
        self._pool.open()

    def disconnect(self) -> None:
        """Close the pool; nothing happens if it is closed."""
        self._refuse_in_transaction()
        self._pool.close()

    def is_connected(self) -> bool:
        """Whether the pool is open."""
        return self._pool.is_open

    @contextmanager
    def tx(self) -> Generator[Self, None, None]:
        """A client inside one transaction, committed at the end of the block and rolled back on an error.

        ::

            with client.tx() as tx:
                ...

        Inside a transaction ``tx.tx()`` is a savepoint.
        """
        with self._session.transaction() as session:
            inside = type(self).__new__(type(self))
            inside._pool, inside._session = self._pool, session
            yield inside

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    def _refuse_in_transaction(self) -> None:
        if self._session is not self._pool:
            raise TransactionError("a transaction's client shares its parent's connections; use the parent")
