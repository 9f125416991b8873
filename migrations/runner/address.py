"""The address of the database. Imports almost nothing, since the fast path's whole duration is imports."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The environment variable read when no other is named.
DEFAULT_URL_VARIABLE = "DATABASE_URL"
# libpq's own: if any of them is set, the database is meant to be found without a URL.
_LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER")
# Parameters of Prisma's connection URLs that libpq refuses, because it does not know them.
_PRISMA_PARAMETERS = frozenset(
    {"connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "pgbouncer", "schema"}
    | {"sslaccept", "sslidentity", "sslpassword"}
)


class Address:
    """A libpq connection string (empty: libpq's variables) and the Postgres schema to create objects in."""

    __slots__ = ("conninfo", "search_path")

    def __init__(self, conninfo: str, search_path: str = "public") -> None:
        self.conninfo = conninfo
        self.search_path = search_path

    def tracked_name(self, schema_name: str) -> str:
        """The name in the tracking tables: the same schema may live in several Postgres schemas."""
        return schema_name if self.search_path == "public" else f"{schema_name}@{self.search_path}"

    @property
    def password(self) -> str | None:
        """The password, so that it can be kept out of every message."""
        import re  # noqa: PLC0415 - not needed by the fast path
        from urllib.parse import parse_qsl, unquote, urlsplit  # noqa: PLC0415

        if "://" in self.conninfo:
            split = urlsplit(self.conninfo)
            in_query = dict(parse_qsl(split.query)).get("password")
            return unquote(split.password) if split.password else in_query
        found = re.search(r"password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))", self.conninfo)
        return (found[1] or found[2]) if found else None


def address_from_environment(variable: str | None, environment: Mapping[str, str] = os.environ) -> Address:
    """The database that ``variable`` (or DATABASE_URL, or libpq's variables) names. Raises UsageError."""
    url = environment.get(variable or DEFAULT_URL_VARIABLE, "")
    if url:
        return address(url)
    if variable is None and any(environment.get(name) for name in _LIBPQ_VARIABLES):
        return Address("")
    from .errors import UsageError  # noqa: PLC0415

    raise UsageError(
        "no-database",
        f"no database is given: the environment variable {variable or DEFAULT_URL_VARIABLE} is not set",
        "set it to postgresql://role:password@host:port/database, or set libpq's PGHOST, PGDATABASE, …",
    )


def address(dsn: str) -> Address:
    """An address from what libpq accepts, or from a URL as Prisma or SQLAlchemy write it."""
    scheme, separator, rest = dsn.strip().partition("://")
    if not separator:
        return Address(dsn.strip())
    location, _, query = rest.partition("?")
    parameters = [parameter for parameter in query.split("&") if parameter]
    kept = "&".join(each for each in parameters if each.partition("=")[0] not in _PRISMA_PARAMETERS)
    conninfo = f"{scheme.partition('+')[0]}://{location}{'?' if kept else ''}{kept}"
    schemas = [each.partition("=")[2] for each in parameters if each.startswith("schema=")]
    return Address(conninfo, _unquoted(schemas[-1]) if schemas and schemas[-1] else "public")


def _unquoted(text: str) -> str:
    from urllib.parse import unquote_plus  # noqa: PLC0415

    return unquote_plus(text)
