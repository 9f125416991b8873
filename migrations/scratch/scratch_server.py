"""A server for scratch databases, on which migrations are rehearsed before they are published.

The embedded Postgres 18 is the default; a team whose schema needs other extensions gives the URL of its own.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import psycopg
from psycopg import sql

from schemas.errors import Problem

from ..errors import ScratchServerError
from ..runner.address.database_url import InvalidDatabaseUrlError, read_database_url
from . import dsn
from .embedded.server import EmbeddedPostgres, run_postgres

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

#: The prefix of every scratch database's name, so that other databases on a shared server are never touched.
DATABASE_PREFIX = "schema_service_scratch_"
# Rehearsed SQL runs as this role. It owns its database but is not a superuser, so that a script can't read
# files, run programs or access another database. It may pass by row level security, as whoever migrates
# tables that force it on their owners must (the runner refuses before its first step if it may not).
_SCRATCH_ROLE = "scratch_owner"
_CONNECT_SECONDS = 10
_HAS_IDLE_TIMEOUT = 140000  # Postgres 14
# A session that was just closed ends within milliseconds. Postgres only copies and drops databases without
# sessions, and checks for them every 100 ms (CountOtherDBBackends in procarray.c): checking first is faster.
_LINGERING_SECONDS, _CHECK_SECONDS = 0.08, 0.002
#: What sessions of a scratch database begin with: none is the default, as in some database in production. SQL
#: that is right only with the defaults fails in the rehearsal instead of there.
FOREIGN_SETTINGS: Mapping[str, str] = {
    "TimeZone": "America/New_York",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
}
_SESSIONS = "SELECT FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchServer:
    """A server on which databases can be created. ``url`` is its admin DSN, including any password.

    ``role_url`` is a DSN of the role that owns the scratch databases: the same as ``url`` on a given server,
    an ordinary role on the embedded one. ``strategy`` is how databases are copied: file by file if nothing
    waits for the disk, else by the server's default.
    """

    url: str
    role_url: str
    strategy: Literal["", " STRATEGY FILE_COPY"] = ""
    _made: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    _idle: dict[str, deque[Connection]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @contextlib.contextmanager
    def new_database(self, template: str | None = None) -> Iterator[str]:
        """An empty database (or a copy of the database ``template``), dropped afterwards: its DSN, a URI.

        Raises ScratchServerError if the role can't create databases.
        """
        name = DATABASE_PREFIX + secrets.token_hex(8)
        self._create(name, template)
        self._made.add(name)
        try:
            yield dsn.with_database(self.role_url, name)
        finally:
            self._drop(name)
            self._made.discard(name)

    def abandon(self) -> None:
        """Drop every database, which also ends what other threads run there."""
        for name in tuple(self._made):
            self._drop(name)

    def _create(self, name: str, template: str | None) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}{}").format(
            sql.Identifier(name), sql.Identifier(template or "template0"), sql.SQL(self.strategy)
        )
        try:
            with self.session() as connection:
                if template is not None:
                    let_go(connection, template)
                connection.execute(statement)
                connection.execute(foreign_settings(name))
        except psycopg.Error as error:
            raise _refused(
                f"no database can be created on {dsn.shown(self.url)}: {_first_line(error)}",
                "give the URL of a server and a role with the CREATEDB privilege",
            ) from None

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        # If the server is gone there is nothing to drop, and this error must not hide the original one.
        with contextlib.suppress(psycopg.OperationalError), self.session(self.url) as connection:
            let_go(connection, name)
            connection.execute(statement)

    @contextlib.contextmanager
    def session(self, url: str | None = None) -> Iterator[Connection]:
        """A connection in autocommit mode that no other thread has: by default of the role. After the block
        it is kept for the next one, until :meth:`close`, as Postgres starts a process for each."""
        idle = self._idle.setdefault(url or self.role_url, deque())
        connection = _first_that_answers(idle) or open_session(url or self.role_url)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        idle.append(connection)

    def close(self) -> None:
        """Close the connections that :meth:`session` has kept."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def _first_that_answers(idle: deque[Connection]) -> Connection | None:
    """Whoever administers a given server may have ended the others."""
    while idle:
        with contextlib.suppress(IndexError, psycopg.OperationalError):
            connection = idle.pop()
            connection.execute("")
            return connection
    return None


def foreign_settings(name: str) -> sql.Composed:
    """Gives a database the settings that are no defaults."""
    return sql.SQL("; ").join(
        sql.SQL("ALTER DATABASE {} SET {} = {}").format(sql.Identifier(name), sql.SQL(setting), value)
        for setting, value in FOREIGN_SETTINGS.items()
    )


def let_go(connection: Connection, name: str) -> None:
    """Wait briefly for sessions of the database ``name`` that were closed and have not ended yet."""
    deadline = time.monotonic() + _LINGERING_SECONDS
    while connection.execute(_SESSIONS, (name,)).fetchone() is not None and time.monotonic() < deadline:
        time.sleep(_CHECK_SECONDS)


def open_server(
    url: str | None, *, folder: Path, port: int | None = None
) -> AbstractContextManager[ScratchServer]:
    """A server for scratch databases, until the block ends.

    ``url`` is an existing server (any DSN); None starts the embedded Postgres 18 with its data in
    ``folder``, on a socket, or on TCP ``port`` of 127.0.0.1 with a random password if one is given. Raises
    ScratchServerError if it can't be reached or started.
    """
    return _given(url) if url is not None else _embedded(folder, port)


@contextlib.contextmanager
def kept_server(folder: Path) -> Iterator[ScratchServer]:
    """An embedded server on a socket, whose databases are kept in ``folder`` if it is shut down cleanly.

    Raises ScratchServerError if it can't start, for example on the data of a killed server.
    """
    with run_postgres(folder, lifetime="kept") as running, contextlib.closing(_scratch(running)) as server:
        yield server


@contextlib.contextmanager
def embedded_postgres(folder: Path, *, port: int, password: str) -> Iterator[EmbeddedPostgres]:
    """A durable embedded Postgres 18 on TCP 127.0.0.1:``port``; its data stays in ``folder``.

    Its superuser is ``postgres`` with ``password`` (scram-sha-256), which is never written to a command line,
    a log or a file. Raises ScratchServerError if it can't start, also if another server runs on ``folder``.
    """
    with run_postgres(folder, lifetime="durable", port=port, password=password) as running:
        yield running


@contextlib.contextmanager
def _embedded(folder: Path, port: int | None) -> Iterator[ScratchServer]:
    password = secrets.token_urlsafe(24) if port is not None else None
    with (
        run_postgres(folder, lifetime="throw_away", port=port, password=password) as running,
        contextlib.closing(_scratch(running)) as server,
    ):
        yield server


def _scratch(running: EmbeddedPostgres) -> ScratchServer:
    return ScratchServer(
        url=running.url or running.admin_url,
        role_url=_make_role(running),
        strategy=" STRATEGY FILE_COPY",
    )


def _make_role(running: EmbeddedPostgres) -> str:
    """The DSN of a role that owns databases and nothing else; a kept server has it already."""
    password = secrets.token_urlsafe(24)
    with _connect(running.admin_url) as connection:
        row = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_SCRATCH_ROLE,)).fetchone()
        if row is not None and running.url is None:
            # A server that an older version of this program has kept.
            connection.execute(sql.SQL("ALTER ROLE {} BYPASSRLS").format(sql.Identifier(_SCRATCH_ROLE)))
            return dsn.with_login(running.admin_url, _SCRATCH_ROLE, None)
        verifier = connection.pgconn.encrypt_password(
            password.encode(), _SCRATCH_ROLE.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE BYPASSRLS PASSWORD {}").format(
                sql.Identifier(_SCRATCH_ROLE), sql.Literal(verifier.decode())
            )
        )
    if running.url is None:
        return dsn.with_login(running.admin_url, _SCRATCH_ROLE, None)
    return dsn.with_login(running.url, _SCRATCH_ROLE, password)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of ``query`` on a given server. Raises ScratchServerError if it can't be reached."""
    try:
        with _connect(url) as connection:
            return connection.execute(query.encode()).fetchall()
    except InvalidDatabaseUrlError as error:
        raise _refused(f"the scratch server's URL can't be used: {error.message}", error.fix) from None
    except psycopg.ProgrammingError:
        raise _refused("the scratch server's URL is not a valid Postgres URL", _URL_FIX) from None
    except psycopg.Error as error:
        raise _refused(f"{dsn.shown(url)} can't be reached: {_first_line(error)}", _URL_FIX) from None


@contextlib.contextmanager
def _given(url: str) -> Iterator[ScratchServer]:
    rows = ask(url, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if not rows or not rows[0][0]:
        raise _refused(
            f"the role that logs in to {dsn.shown(url)} can't create databases",
            "grant it with ALTER ROLE … CREATEDB, or use another role",
        )
    with contextlib.closing(ScratchServer(url=url, role_url=url)) as server:
        yield server


_URL_FIX = "check the address, the role and its password (postgresql://role:password@host:port/database)"


def open_session(url: str) -> Connection:
    """A connection in autocommit mode, which the server keeps however long nothing is asked over it."""
    connection = _connect(url)
    if connection.info.server_version >= _HAS_IDLE_TIMEOUT:
        connection.execute("SET idle_session_timeout = 0")
    return connection


def _connect(url: str) -> Connection:
    return psycopg.connect(read_database_url(url).conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS)


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _refused(message: str, fix: str) -> ScratchServerError:
    return ScratchServerError(Problem(code="no-scratch-server", message=message, fix=fix))
