"""The connection that runs steps, with every setting pinned that a role or a script may have changed."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
from psycopg import errors, sql

from ..errors import CommitUnknownError, RefusedError, TryAgainError
from ..events import Listener, silent
from ..manifest import Step, StepStatement
from ..options import Address, Options
from .connection import Connection, connect
from .pinned_settings import PINNED_SETTINGS, unpinned
from .script import end_statement, leaves_traces, run_statements

_CHECK_INTERVAL_MS = 500
_READ_ONLY_NAME = "schema-service-look"
_ORPHAN_SECONDS = 30.0
# However little time the checks of rows are given: what exists is asked for in any case.
_CATALOG_SECONDS = 10.0
_SHORTEST_CHECK_MS = 50  # in which its savepoint is set
_ORPHANS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
  AND state IS DISTINCT FROM 'idle'
"""
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Undo what a script has set, inside its own transaction: it must not affect the journal, the next step, or
# another client of a pooler.
_FORGET_SETTINGS = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
_FORGET_OBJECTS = "CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES"


class Session:
    """The session that runs steps; see :func:`step_session`."""

    def __init__(self, connection: Connection, address: Address, options: Options, name: str) -> None:
        self.connection = connection
        self.address = address
        self.application_name = name
        self._options = options
        # Behind a pooler the server process that we log in to is not the one that runs a statement, and
        # session settings would affect other clients.
        row = connection.execute("SELECT pg_backend_pid(), pg_is_in_recovery()").fetchone()
        self.is_pooled = row is None or row[0] != connection.info.backend_pid
        self.is_standby = row is not None and row[1]
        self._search_path = sql.Identifier(address.search_path).as_string(connection)
        self._lock_timeout_ms = max(1, round(options.lock_timeout * 1000))
        self._can_check_clients = _can_check_clients(connection)
        # Postgres writes commits to its log in order: the commit that ends a run, or records its failure,
        # waits for the disk (and for standbys), and with it all earlier ones are safe. If the server crashes
        # in between, a step and its journal row are either both there or both missing.
        self._begin = (_BEGIN, *self._preamble("LOCAL "), "SET LOCAL synchronous_commit = off")

    def begin(self) -> None:
        """Open a step's transaction."""
        self.connection.execute("; ".join(self._begin).encode())

    @property
    def check_timeout(self) -> float:
        """How long one check of the data may take, in seconds."""
        return self._options.check_timeout

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """A transaction for checks of the data: read-only, and all queries see the same state."""
        with self._limited(_BEGIN_SNAPSHOT):
            yield

    def limit_checks(self) -> None:
        """From here on in a snapshot, where rows are asked about and not only what exists."""
        limit = max(_SHORTEST_CHECK_MS, round(self.check_timeout * 1000))
        self.connection.execute(f"SET LOCAL statement_timeout = {limit}".encode())

    @contextlib.contextmanager
    def trial(self) -> Iterator[None]:
        """A transaction for what is made in order to be looked at, and rolled back."""
        with self._limited(_BEGIN):
            yield

    @contextlib.contextmanager
    def _limited(self, begin: str) -> Iterator[None]:
        limits = (
            "SET LOCAL lock_timeout = 0",  # readers make nobody wait; the query's time is limited
            f"SET LOCAL statement_timeout = {round(max(self.check_timeout, _CATALOG_SECONDS) * 1000)}",
        )
        self.connection.execute("; ".join((begin, *self._preamble("LOCAL "), *limits)).encode())
        try:
            yield
        finally:
            self.rollback()

    def run(self, statements: Sequence[StepStatement], settings: Sequence[str] = ()) -> None:
        """Open a step's transaction and run it. Raises StatementError."""
        before = [*self._begin, *settings]
        if self.connection.info.parameter_status("standard_conforming_strings") != "on":
            # Postgres parses the whole message before it runs its first statement.
            run_statements(self.connection, (), before)
            before = []
        run_statements(self.connection, statements, before)

    def commit(self, statements: Sequence[StepStatement], journal: str, *, is_last: bool) -> None:
        """End a step's transaction with its journal row, written as the role that logged in.

        The script's settings are undone first, and after a migration's last step also what it has left in the
        session. Raises CommitUnknownError if the answer is lost.
        """
        forget: list[str] = []
        if self.is_pooled or leaves_traces(statements):
            forget = [_FORGET_SETTINGS, _FORGET_OBJECTS] if is_last else [_FORGET_SETTINGS]
        try:
            self.connection.execute("; ".join([*forget, journal, "COMMIT"]).encode())
        except psycopg.OperationalError as error:
            if not self.connection.closed:
                raise
            raise CommitUnknownError from error

    def write(self, *statements: str) -> None:
        """Run the runner's own statements in one transaction, in one round trip."""
        try:
            self.connection.execute("; ".join([_BEGIN, *statements, "COMMIT"]).encode())
        except psycopg.Error:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Undo the transaction; a closed connection has done so already."""
        end_statement(self.connection)
        with contextlib.suppress(psycopg.Error):
            self.connection.execute("ROLLBACK")

    def pin_for_standalone(self, step: Step) -> None:
        """Pin the settings for a statement outside transactions.

        A statement that makes nobody wait while it waits, and would begin its work anew, waits for as long as
        other steps are retried. Raises RefusedError behind a pooler that might run the statement with other
        settings.
        """
        if not self.is_pooled:
            pinned = [*self._preamble(""), "SET default_transaction_read_only = off"]
            if step.is_concurrent:
                pinned.append(f"SET lock_timeout = {max(1, round(self._options.retry * 1000))}")
            self.connection.execute("; ".join(pinned).encode())
            for setting in step.settings:
                self.connection.execute(setting.encode())
            return
        needed = self._needed_of_pooler(step)
        if needed is not None:
            raise RefusedError(
                "pooled",
                f"a statement that can't run in a transaction depends on settings ({needed}) that a "
                "transaction pooler doesn't keep",
                "use the database's own address instead of the pooler's for this run",
            )

    def limit_waits(self) -> None:
        """From now on, until the settings are undone: wait for locks no longer than other steps do."""
        if not self.is_pooled:
            self.connection.execute(f"SET lock_timeout = {self._lock_timeout_ms}".encode())

    def _needed_of_pooler(self, step: Step) -> str | None:
        """The settings that a statement outside transactions needs and the pooler's connection lacks."""
        if step.settings:
            return "its script's own"
        query = "SELECT current_schema(), current_setting('TimeZone'), current_setting('DateStyle')"
        row = self.connection.execute(query).fetchone()
        schema, time_zone, date_style = row or (None, "", "")
        if schema != self.address.search_path:
            return f"a search path other than {self.address.search_path}"
        names = (unpinned(statement.sql, time_zone, date_style) for statement in step.statements)
        return next((f"{name} for the constants in it" for name in names if name is not None), None)

    @contextlib.contextmanager
    def another(self, wait: float) -> Iterator[Connection]:
        """A new connection in place of one that was lost; the database has ``wait`` seconds to answer."""
        options = replace(self._options, database_wait=wait)
        with contextlib.closing(connect(self.address, options, _READ_ONLY_NAME, silent)) as connection:
            connection.read_only = False
            yield connection

    def reset(self) -> None:
        """After a statement outside transactions: undo its settings."""
        if not self.is_pooled:
            self.connection.execute("DISCARD ALL")

    def _preamble(self, scope: str) -> list[str]:
        values = {
            "search_path": self._search_path,
            "lock_timeout": str(self._lock_timeout_ms),
            "statement_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
            **PINNED_SETTINGS,
            "row_security": "off",  # rows that a policy hides from this role are an error, not skipped
        }
        if self.connection.info.server_version >= 170000:
            values["transaction_timeout"] = "0"
        if self._can_check_clients:
            # A run that is killed during a statement releases its locks after this time.
            values["client_connection_check_interval"] = str(_CHECK_INTERVAL_MS)
        return [f"SET {scope}{name} = {value}" for name, value in values.items()]


@contextlib.contextmanager
def step_session(
    address: Address, options: Options, schema_name: str, listener: Listener, *, read_only: bool = False
) -> Iterator[Session]:
    """A session for the block. Open it only while holding the runner's lock: it ends what killed runs left.

    ``read_only``: for queries that are rolled back, without the lock. Raises RefusedError on a standby, and
    TryAgainError for a statement of a killed run that can't be ended.
    """
    name = f"schema-service-run-{hashlib.sha256(schema_name.encode()).hexdigest()[:16]}"
    if read_only:
        name = _READ_ONLY_NAME
    with contextlib.closing(connect(address, options, name, listener)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection.read_only = False
        session = Session(connection, address, options, name)
        if session.is_standby:
            raise RefusedError(
                "standby",
                "this database is a read-only standby",
                "give the address of the primary (libpq: target_session_attrs=read-write)",
            )
        if not read_only:
            _end_orphans(connection, name, listener)
        yield session


def _end_orphans(connection: Connection, name: str, listener: Listener) -> None:
    """End what killed runners left running: with the lock held, no other runner has statements here."""
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while orphans := connection.execute(_ORPHANS, (name,)).fetchall():
        for (pid,) in orphans:
            listener("ended_orphan")
            # Only a role with the right to can end it: else it is waited for.
            with contextlib.suppress(errors.InsufficientPrivilege):
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        if time.monotonic() > deadline:
            raise TryAgainError(
                "orphan",
                "a statement of an earlier, killed run is still running and can't be ended",
                "end it with a role that may do so (pg_terminate_backend), then run this again",
            )
        time.sleep(0.05)


def _can_check_clients(connection: Connection) -> bool:
    """Whether client_connection_check_interval works: since Postgres 14, not on every operating system."""
    if connection.info.server_version < 140000:
        return False
    try:
        connection.execute(
            f"BEGIN; SET LOCAL client_connection_check_interval = {_CHECK_INTERVAL_MS}; COMMIT".encode()
        )
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        connection.execute("ROLLBACK")
        return False
    return True
