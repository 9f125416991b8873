"""How a client finds its database: libpq's connection strings, Prisma's URLs (with TLS options), ``.env``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from psycopg import conninfo
from psycopg.errors import ProgrammingError

from ..public.errors import DatabaseConnectionError

#: Options that only Prisma's own engine reads; libpq would refuse the URL for them.
_FOREIGN = frozenset(
    {
        "connection_limit", "max_idle_connection_lifetime", "pgbouncer", "pool_timeout", "schema",
        "single_use_connections", "socket_timeout", "sslaccept", "sslidentity", "statement_cache_size",
    }
)  # fmt: skip
#: The text formats of values. A role or a database may have other defaults, which psycopg can't read, or
#: reads as another value.
SESSION_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "standard_conforming_strings": "on",
    "extra_float_digits": "1",
}
_MALFORMED = "the connection string is malformed"
_ENCODE = "in a URL's user and password, write @ / : ? # % and spaces percent-encoded, as %40 for @"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """The settings of a pool. ``is_pooled``: a transaction pooler stands before the server
    (``pgbouncer=true``), so no statement is prepared, and no session setting can be relied on."""

    conninfo: str = field(repr=False)  # error trackers show the variables of frames
    pool_size: int
    is_pooled: bool


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
    dsn: str | None, pool_size: int | None, statement_timeout_seconds: float | None = None
) -> ConnectionSettings:
    """Settings from ``dsn`` or the environment variable ``DATABASE_URL``.

    The server ends any statement that takes longer than ``statement_timeout_seconds``.
    ``schema=x`` becomes the search path and ``connection_limit`` the pool's size. Raises
    DatabaseConnectionError for a missing or malformed one; no message repeats it: it may contain a password.
    """
    given = dsn or os.environ.get("DATABASE_URL")
    if not given:
        raise DatabaseConnectionError("no database: set DATABASE_URL or pass a connection string")
    plain, foreign = _parted(given)
    try:
        parameters = conninfo.conninfo_to_dict(plain)
    except ProgrammingError:
        hint = f"; {_ENCODE}" if _is_url(given) else ""
        raise DatabaseConnectionError(
            f"{_MALFORMED}, or has an option that libpq does not know{hint}"
        ) from None
    take_over_tls(parameters, foreign)
    # Whatever the database's encoding is. The names of enums and the like may be any text too.
    parameters.setdefault("client_encoding", "UTF8")
    is_pooled = foreign.get("pgbouncer") == "true"
    if is_pooled:
        _refuse_settings(foreign.get("schema"), statement_timeout_seconds)
    else:
        given_options = str(parameters.get("options") or os.environ.get("PGOPTIONS", ""))
        options = [given_options, *_options(foreign.get("schema"), statement_timeout_seconds)]
        parameters["options"] = " ".join(filter(None, options))
    return ConnectionSettings(
        conninfo=conninfo.make_conninfo("", **parameters),
        pool_size=pool_size or _number(foreign.get("connection_limit")) or 10,
        is_pooled=is_pooled,
    )


def _options(schema: str | None, statement_timeout_seconds: float | None) -> list[str]:
    """The session's settings, sent when it begins, without another round trip."""
    options = [f"-c {name}={value}" for name, value in SESSION_SETTINGS.items()]
    if statement_timeout_seconds is not None:
        options.append(f"-c statement_timeout={round(statement_timeout_seconds * 1000)}")
    if schema:
        options.append(f"-c search_path={_option_value(schema)}")
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


def _parted(dsn: str) -> tuple[str, dict[str, str]]:
    if not _is_url(dsn):
        return dsn, {}
    base, _, query = dsn.partition("?")
    _refuse_unencoded(base)
    pairs = [pair for part in query.split("&") for pair in _pair(part)]
    foreign = {key: value for key, value in pairs if key in _FOREIGN}
    # libpq decodes %20 but not the + of parse_qsl and urlencode.
    own = urlencode([pair for pair in pairs if pair[0] not in _FOREIGN], quote_via=quote)
    return (f"{base}?{own}" if own else base), foreign


def _is_url(dsn: str) -> bool:
    return dsn.startswith(("postgres://", "postgresql://"))


def _refuse_unencoded(base: str) -> None:
    """A password ends at its first bare @ or /; libpq would look for a server named like the rest, and
    errors and traces would show it."""
    authority, _, path = base.partition("://")[2].partition("/")
    login, _, place = authority.rpartition("@")
    ports = (address.rpartition("]")[2].partition(":")[2] for address in place.split(","))
    is_cut = "@" in login or ("@" in path and place != "" and not login)
    if is_cut or not all(not port or _number(port) is not None for port in ports):
        raise DatabaseConnectionError(f"{_MALFORMED}; {_ENCODE}")


def _pair(part: str) -> list[tuple[str, str]]:
    """An option of a URL, decoded; a + stands for itself, as libpq has it, except between options."""
    is_options = part.startswith("options=")
    return parse_qsl(part if is_options else part.replace("+", "%2B"), keep_blank_values=True)


def _option_value(schema: str) -> str:
    # A quoted identifier, then libpq's escape for spaces and backslashes inside options.
    quoted = '"' + schema.replace('"', '""') + '"'
    return quoted.replace("\\", "\\\\").replace(" ", "\\ ")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


_LINE = re.compile(r"""\s*(?:export\s+)?DATABASE_URL\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#\s]*))""")


def database_url() -> str | None:
    """The URL, the environment's first. None if neither has one."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    try:
        lines = Path(".env").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in reversed(lines):
        match = _LINE.match(line)
        if match is not None:
            return next((group for group in match.groups() if group), None)
    return None


def take_over_tls(parameters: dict[str, Any], foreign: Mapping[str, str]) -> None:
    """Complete libpq's TLS parameters: a requested check must never be dropped.

    Raises DatabaseConnectionError for options without a libpq equivalent.
    """
    if "sslidentity" in foreign:
        raise DatabaseConnectionError(
            "sslidentity: PKCS 12 files are not supported; convert it to PEM files with openssl pkcs12, "
            "and name them as sslcert and sslkey"
        )
    if "sslaccept" not in foreign:
        return
    # Next to sslaccept and without a key, it is Prisma's sslcert: the authority's, not the client's.
    authority = None if "sslkey" in parameters else parameters.pop("sslcert", None)
    if foreign["sslaccept"] == "strict" and parameters.get("sslmode") != "disable":
        parameters["sslmode"] = "verify-full"
        if authority is not None or not os.environ.get("PGSSLROOTCERT"):
            parameters.setdefault("sslrootcert", authority or "system")
