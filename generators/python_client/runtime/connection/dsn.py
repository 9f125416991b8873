"""How a client finds its database, and what its sessions begin with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import NamedTuple

from psycopg import conninfo
from psycopg.errors import ProgrammingError

from ..compatibility.database_range import DatabaseRange
from ..compatibility.database_version import application_name, moved_by, named_in_options
from ..public.errors import DatabaseConnectionError
from .database_url import InvalidDatabaseUrlError, option_value, read_database_url

#: The text formats of values. A role or a database may have other defaults, which psycopg can't read, or
#: reads as another value.
SESSION_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "standard_conforming_strings": "on",
    "extra_float_digits": "1",
}


#: Longer than any process runs, and short enough for every clock.
_FOREVER_SECONDS = 1e8


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """The settings of a pool. ``is_pooled``: a transaction pooler stands before the server
    (``pgbouncer=true``), so no statement is prepared, and no session setting can be relied on."""

    conninfo: str = field(repr=False)  # error trackers show the variables of frames
    pool_size: int
    is_pooled: bool
    #: How long to wait for a connection while all are in use, and for one that opens: if the URL says so.
    pool_timeout_seconds: float | None = None
    connect_timeout_seconds: float | None = None
    #: How many statements each connection keeps prepared at most; None is psycopg's own number.
    statement_cache_size: int | None = None
    #: The Postgres schema that the URL names.
    schema: str | None = None


class Server(NamedTuple):
    """A server without anything secret: an address or the folder of a socket, a port, a database."""

    address: str | None
    port: int | None
    database: str | None


def server_of(settings: ConnectionSettings) -> Server:
    """The server of the settings; None for several hosts."""
    parameters = conninfo.conninfo_to_dict(settings.conninfo)
    host = str(parameters.get("host") or "")
    database = str(parameters.get("dbname") or "")
    return Server(
        host if host and "," not in host else None,
        _number(str(parameters.get("port") or "")),
        database or None,
    )


def connection_settings(
    dsn: str | None,
    pool_size: int | None,
    statement_timeout_seconds: float | None = None,
    package: DatabaseRange | None = None,
    *,
    is_checked: bool = False,
) -> ConnectionSettings:
    """Settings from ``dsn`` or the environment variable ``DATABASE_URL``.

    The server ends any statement that takes longer than ``statement_timeout_seconds``. ``package`` says
    in ``pg_stat_activity`` which one is connected. ``is_checked``: who connects looks where the session's
    search path leads, so that a pooler's may be that of the role.
    ``schema=x`` becomes the search path and ``connection_limit`` the pool's size. Raises
    DatabaseConnectionError for a missing or malformed one; no message repeats it: it may contain a password.
    """
    given = dsn or os.environ.get("DATABASE_URL")
    if not given:
        raise DatabaseConnectionError("no database: set DATABASE_URL or pass a connection string")
    try:
        url = read_database_url(given)
    except InvalidDatabaseUrlError as error:
        raise DatabaseConnectionError(str(error)) from None
    parameters = dict(url.parameters)
    # Whatever the database's encoding is. The names of enums and the like may be any text too.
    parameters.setdefault("client_encoding", "UTF8")
    given_options = parameters.get("options") or os.environ.get("PGOPTIONS", "")
    if package is not None:
        _refuse_schema(url.schema, package)
        _name_sessions(parameters, package.packaged, given_options)
    timeout = url.socket_timeout if statement_timeout_seconds is None else statement_timeout_seconds
    if url.is_pooled:
        _refuse_settings(None if is_checked else url.schema, timeout)
    else:
        parameters["options"] = " ".join(filter(None, [given_options, *_options(url.schema, timeout)]))
    return ConnectionSettings(
        conninfo=_checked(parameters),
        pool_size=pool_size or url.connection_limit or 10,
        is_pooled=url.is_pooled,
        pool_timeout_seconds=_seconds(url.pool_timeout),
        connect_timeout_seconds=_seconds(url.connect_timeout),
        statement_cache_size=url.statement_cache_size,
        schema=url.schema,
    )


def _refuse_schema(schema: str | None, package: DatabaseRange) -> None:
    if package.has_schemas and schema not in (None, "", "public"):
        raise DatabaseConnectionError("; ".join(moved_by(schema)))


def _name_sessions(parameters: dict[str, str], packaged_name: str, options: str) -> None:
    own = parameters.get("application_name") or os.environ.get("PGAPPNAME")
    if own is None and (parameters.get("service") or os.environ.get("PGSERVICE")):
        # What the service's file calls them is libpq's to read, and wins.
        parameters["fallback_application_name"] = application_name(None, packaged_name)
        return
    own = own or named_in_options(options) or parameters.pop("fallback_application_name", None)
    parameters["application_name"] = application_name(own, packaged_name)


def _checked(parameters: dict[str, str]) -> str:
    try:
        return conninfo.make_conninfo("", **parameters)
    except ProgrammingError:
        raise DatabaseConnectionError(
            "the connection string has an option that this version of libpq does not know; leave it out"
        ) from None


def _seconds(limit: int | None) -> float | None:
    """A limit of a URL, where 0 is none."""
    return _FOREVER_SECONDS if limit == 0 else limit


def _options(schema: str | None, statement_timeout_seconds: float | None) -> list[str]:
    """The session's settings, sent when it begins, without another round trip."""
    options = [f"-c {name}={value}" for name, value in SESSION_SETTINGS.items()]
    if statement_timeout_seconds is not None:
        options.append(f"-c statement_timeout={round(statement_timeout_seconds * 1000)}")
    if schema:
        options.append(f"-c search_path={option_value(schema)}")
    return options


def _refuse_settings(schema: str | None, statement_timeout_seconds: float | None) -> None:
    """A pooler refuses them or, worse, takes them from one client's transaction to another's."""
    wanted: list[tuple[str, str]] = []
    if schema not in (None, "", "public"):
        wanted.append(("schema", "search_path"))
    if statement_timeout_seconds is not None:
        wanted.append(("statement_timeout", "statement_timeout"))
    if wanted:
        names = " and ".join(name for name, _ in wanted)
        fixes = " and ".join(f"ALTER ROLE ... SET {setting} = ..." for _, setting in wanted)
        raise DatabaseConnectionError(
            f"a transaction pooler (pgbouncer=true) does not keep {names} for each client; "
            f"leave it out, and set it on the role: {fixes}"
        )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
