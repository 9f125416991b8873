"""The connection that runs steps, with every setting pinned that a role or a script could have changed."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from .connection import Connection, connect
from .errors import RefusedError, TryAgainError
from .events import Listener
from .options import Address, Options

_CHECK_INTERVAL_MS = 500
_ORPHAN_SECONDS = 30.0
_ORPHANS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
"""


class Session:
    """Open one only while holding the runner's lock: it ends what earlier, killed runs left running."""

    def __init__(self, connection: Connection, address: Address, options: Options) -> None:
        self.connection = connection
        # Behind a pooler the process we log in to is not the one that runs a statement, and what a session
        # sets would reach other clients.
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        self.is_pooled = row is None or row[0] != connection.info.backend_pid
        self._search_path = sql.Identifier(address.search_path).as_string(connection)
        self._lock_timeout_ms = max(1, round(options.lock_timeout * 1000))
        self._begin = self._preamble("LOCAL ")

    def begin(self) -> None:
        """Open a step's transaction."""
        self.connection.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {self._begin}".encode())

    def commit(self) -> None:
        """End a step's transaction."""
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        """End it without a trace; a connection that is gone has done so already."""
        with contextlib.suppress(psycopg.Error):
            self.connection.execute("ROLLBACK")

    def pin_for_standalone(self) -> None:
        """Before a statement outside transactions. A lock timeout would leave concurrent indexes broken."""
        if not self.is_pooled:
            self.connection.execute(f"{self._preamble('')}; SET lock_timeout = 0".encode())

    def reset(self) -> None:
        """Forget whatever the last migration's script has set, prepared or left in temporary tables."""
        self.connection.execute("DISCARD ALL")

    def _preamble(self, scope: str) -> str:
        values = {
            "search_path": self._search_path,
            "lock_timeout": str(self._lock_timeout_ms),
            "statement_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
            "standard_conforming_strings": "on",
        }
        if self.connection.info.server_version >= 170000:
            values["transaction_timeout"] = "0"
        if self.connection.info.server_version >= 140000 and _can_check_clients(self.connection):
            # A run that is killed in the middle of a statement frees its locks after this time.
            values["client_connection_check_interval"] = str(_CHECK_INTERVAL_MS)
        return "; ".join(f"SET {scope}{name} = {value}" for name, value in values.items())


@contextlib.contextmanager
def step_session(
    address: Address, options: Options, schema_name: str, listener: Listener
) -> Iterator[Session]:
    """A session for the block. Raises RefusedError on a standby, TryAgainError for an orphan that stays."""
    name = f"schema-service-run-{hashlib.sha256(schema_name.encode()).hexdigest()[:16]}"
    with contextlib.closing(connect(address, options, name, listener)) as connection:
        row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        if row is not None and row[0]:
            raise RefusedError(
                "standby",
                "this database is a read-only standby",
                "give the address of the primary (libpq: target_session_attrs=read-write)",
            )
        _end_orphans(connection, name, listener)
        yield Session(connection, address, options)


def _end_orphans(connection: Connection, name: str, listener: Listener) -> None:
    """Statements of a runner that was killed go on in the server; with the lock held they are nobody's."""
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while orphans := connection.execute(_ORPHANS, (name,)).fetchall():
        for (pid,) in orphans:
            listener("ended_orphan")
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        if time.monotonic() > deadline:
            raise TryAgainError(
                "orphan",
                "a statement of an earlier, killed run is still running and can't be ended",
                "end it with a role that may (pg_terminate_backend), then run this again",
            )
        time.sleep(0.05)


def _can_check_clients(connection: Connection) -> bool:
    try:
        with connection.transaction():
            connection.execute(f"SET LOCAL client_connection_check_interval = {_CHECK_INTERVAL_MS}".encode())
    except psycopg.Error:
        return False
    return True
