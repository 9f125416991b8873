"""One runner at a time on one schema of one database.

The lock is a transaction-level advisory lock held by an open READ COMMITTED transaction on a connection of
its own. Such a transaction holds no snapshot, so CREATE INDEX CONCURRENTLY does not wait for it; it works
through a transaction pooler; and it ends with this process. It is polled and not waited for, since CREATE
INDEX CONCURRENTLY would wait for a session that is waiting for a lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import time
from collections.abc import Iterator

import psycopg

from ..errors import TryAgainError
from ..events import Listener
from ..options import Address, Options
from .connection import Connection, connect

_POLL_FIRST, _POLL_MOST = 0.05, 1.0


def lock_connection(address: Address, options: Options, listener: Listener) -> Connection:
    """A connection for :func:`runner_lock`, which may be read from before. Raises as ``connect`` does."""
    return connect(address, options, "schema-service-lock", listener)


@contextlib.contextmanager
def runner_lock(
    connection: Connection, options: Options, schema_name: str, listener: Listener
) -> Iterator[Connection]:
    """Hold the schema's lock on ``connection`` for the block, then close the connection.

    Check the lock with :func:`still_held` before each step. Raises TryAgainError when another runner holds
    it for ``options.runner_wait`` seconds.
    """
    with contextlib.closing(connection):
        _acquire(connection, _key(schema_name), options, listener)
        yield connection


def still_held(connection: Connection) -> None:
    """Raises TryAgainError if the connection that holds the lock was closed.

    Reads what the socket has received, without a round trip: a server that ends a session sends a message.
    """
    try:
        for _ in range(2):  # first the server's message, then the end of the stream
            connection.pgconn.consume_input()
            connection.pgconn.is_busy()
        is_lost = connection.closed
    except psycopg.Error:
        is_lost = True
    if is_lost:
        raise TryAgainError(
            "lock-lost",
            "the connection that held the migration lock was closed",
            "run this again; what was committed is recorded",
        )


def _key(schema_name: str) -> int:
    digest = hashlib.sha256(f"schema-service:{schema_name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _acquire(connection: Connection, key: int, options: Options, listener: Listener) -> None:
    deadline = time.monotonic() + options.runner_wait
    pause = _POLL_FIRST
    while not _try(connection, key):
        if pause == _POLL_FIRST:
            listener("waiting_for_runner")
        if time.monotonic() > deadline:
            raise TryAgainError(
                "locked",
                f"another runner has held the lock for {options.runner_wait:g} s",
                "run this again when it has finished; `status` shows how far it is",
            )
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 1.5, _POLL_MOST)


def _try(connection: Connection, key: int) -> bool:
    # The role's timeouts must not end a transaction that has to stay open.
    connection.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; "
        "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"
        + ("; SET LOCAL transaction_timeout = 0" if connection.info.server_version >= 170000 else "")
    )
    # Without parameters, over the simple protocol: the extended one would leave a portal open, and its
    # snapshot, which CREATE INDEX CONCURRENTLY would wait for.
    row = connection.execute(f"SELECT pg_try_advisory_xact_lock({key})".encode()).fetchone()
    if row is not None and row[0]:
        return True
    connection.execute("ROLLBACK")
    return False
