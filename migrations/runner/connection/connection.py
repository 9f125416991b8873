"""Opens connections: waits for a database that is starting, but not for one that refuses the connection."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from typing import Any, TypeAlias
from urllib.parse import quote

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ..errors import RefusedError, RunnerError, TryAgainError, UsageError
from ..events import Listener
from ..options import Address, Options
from .timeouts import ended_statement

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_CONNECT_SECONDS = 5
# One connection is idle while the other works, perhaps for hours: load balancers drop it after minutes.
_KEEPALIVES = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 6}
_PAUSE_FIRST, _PAUSE_MOST = 0.1, 2.0
# Where the server is. Nothing of the role: whoever listens there may not be the server.
_PLACE = ("host", "hostaddr", "port", "service", "servicefile")
# The server is up, but has no connection left: SQLSTATE 53300, which libpq reports only as text.
_FULL = ("too many clients", "too many connections", "remaining connection slots", "no more connections")


def connect(address: Address, options: Options, application_name: str, listener: Listener) -> Connection:
    """An autocommit connection without prepared statements, so that it works through a transaction pooler.

    Raises TryAgainError when the database can't be reached for ``options.database_wait`` seconds,
    RefusedError when it refuses the connection (a wrong password, no such database, no TLS as the address
    asks for it), UsageError for an invalid connection string, and for one that leaves open which schema is
    meant.
    """
    deadline = time.monotonic() + options.database_wait
    pause, reported = _PAUSE_FIRST, False
    answered_before = False
    while True:
        try:
            opened = psycopg.connect(
                _kept_alive(address.conninfo),
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=_CONNECT_SECONDS,
                application_name=application_name,
                client_encoding="utf8",
            )
        except psycopg.ProgrammingError:
            raise _no_address() from None
        except psycopg.OperationalError as error:
            reason = _first_line(error)
            answered = _answers(address) and not any(words in reason for words in _FULL)
            if answered and answered_before:
                raise RefusedError(
                    "connection-refused",
                    f"the database refuses this connection: {reason}",
                    "check the role, its password, the database's name, and what the address says of TLS",
                ) from None
            # Ask twice: the server may have finished starting between the attempt and the ping.
            if answered:
                answered_before = True
                continue
            answered_before = False
            if time.monotonic() + pause > deadline:
                raise TryAgainError(
                    "database-away",
                    f"the database could not be reached for {options.database_wait:g} s: {reason}",
                    "check that it is running and that its address is right, then run this again",
                ) from None
            if not reported:
                listener("waiting_for_database", reason=reason)
                reported = True
        else:
            if not address.names_schema:
                _refuse_other_schema(opened, address)
            return opened
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 1.6, _PAUSE_MOST)


def _refuse_other_schema(connection: Connection, address: Address) -> None:
    """A client finds its tables where its session's search path leads, and refuses one that leads elsewhere,
    too."""
    try:
        with refusals(address):
            row = connection.execute("SELECT current_schema()").fetchone()
        if row is None or row[0] in (None, address.search_path):
            return
        raise UsageError(
            "other-schema",
            f'the session\'s search_path leads to the schema "{row[0]}", and the URL names none, which means '
            f'"{address.search_path}"',
            f"name the one that is meant in the URL: schema={quote(row[0])} or schema={address.search_path}",
        )
    except RunnerError:
        connection.close()
        raise


@contextlib.contextmanager
def refusals(address: Address) -> Iterator[None]:
    """Turn Postgres' errors for the runner's own statements into RunnerErrors."""
    try:
        yield
    except psycopg.Error as error:
        raise refusal(error, address) from error


def refusal(error: psycopg.Error, address: Address) -> RunnerError:
    """A Postgres error for one of the runner's own statements, as a RunnerError."""
    ended = ended_statement(error, address)
    if ended is not None:
        return ended
    if isinstance(error, psycopg.OperationalError):
        return TryAgainError(
            "database-lost",
            f"the database ended the connection: {_first_line(error)}",
            "run this again; what was committed is recorded",
        )
    return RefusedError(
        "tracking-refused",
        f"the database does not let this role keep track of migrations: {_first_line(error)}",
        "use the role that owns the database, or grant this one what the message names",
    )


def _kept_alive(conninfo: str) -> str:
    return conninfo if "keepalives" in conninfo else make_conninfo(conninfo, **_KEEPALIVES)


def _answers(address: Address) -> bool:
    """Whether the server accepts connections at all, as `pg_isready` checks it, without logging in.

    A ping makes TLS as the address says. If that can't be made, the server may be up all the same: it says so
    without.
    """
    answer = _ping(make_conninfo(address.conninfo, connect_timeout=_CONNECT_SECONDS))
    if answer == pq.Ping.NO_ATTEMPT:
        raise _no_address()
    if answer == pq.Ping.OK:
        return True
    given = conninfo_to_dict(address.conninfo)
    plain = {name: str(given[name]) for name in _PLACE if name in given}
    plain |= {"sslmode": "disable", "gssencmode": "disable", "connect_timeout": str(_CONNECT_SECONDS)}
    return _ping(make_conninfo(**plain)) == pq.Ping.OK


def _ping(conninfo: str) -> int:
    return pq.PGconn.ping(conninfo.encode())


def _no_address() -> UsageError:
    return UsageError(
        "no-address",
        "the database's address can't be used: it has an option that this version of libpq does not know",
        "leave the option out, or install a newer psycopg",
    )


def _first_line(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
