"""psycopg's blocking connection, as the pool wants it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from psycopg import Connection, Error
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

_Connection = TypeVar("_Connection", bound=Connection[Any])

_CANCEL_SECONDS = 5.0


class PooledConnection(Connection[Row]):
    """psycopg's connection, as the pool's state wants it."""

    is_elsewhere = False

    def interrupt(self) -> None:
        """Have the server cancel the statement that another thread waits for, without waiting for that."""
        threading.Thread(target=self._cancel, daemon=True).start()

    def hang_up(self) -> None:
        """Close the connection.

        What a signal's handler or a greenlet's end has left under way (Ctrl-C is psycopg's own) is ended too:
        the server would go on with it, and keep its locks.
        """
        if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
            self._cancel()
        self.pgconn.finish()

    def _cancel(self) -> None:
        with suppress(Error):
            self.cancel_safe(timeout=_CANCEL_SECONDS)


RawConnection: TypeAlias = PooledConnection[tuple[Any, ...]]


def connect(kind: type[_Connection], conninfo: str, **arguments: Any) -> _Connection:
    """A new connection of this class."""
    connection: _Connection = kind.connect(conninfo, **arguments)
    return connection
