"""The address of the database. Imports almost nothing, since the fast path's whole duration is imports."""

from __future__ import annotations

import os

from .database_url import InvalidDatabaseUrlError, read_database_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: The environment variable read when no other is named.
DEFAULT_URL_VARIABLE = "DATABASE_URL"
# libpq's own: if any of them is set, the database is meant to be found without a URL.
_LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER")


class Address:
    """A libpq connection string (empty: libpq's variables), the Postgres schema to create objects in, and the
    password, so that it can be kept out of every message. ``names_schema``: it says which schema is meant, so
    that it doesn't matter where a session's search path leads."""

    __slots__ = ("conninfo", "names_schema", "password", "search_path")

    def __init__(self, conninfo: str, search_path: str | None = None, password: str | None = None) -> None:
        self.conninfo = conninfo
        self.search_path = search_path or "public"
        self.names_schema = search_path is not None
        self.password = password

    def tracked_name(self, schema_name: str) -> str:
        """The name in the tracking tables: the same schema may live in several Postgres schemas."""
        return schema_name if self.search_path == "public" else f"{schema_name}@{self.search_path}"


def address_from_environment(variable: str | None, environment: Mapping[str, str] = os.environ) -> Address:
    """The database that ``variable`` (or DATABASE_URL, or libpq's variables) names. Raises UsageError."""
    url = environment.get(variable or DEFAULT_URL_VARIABLE, "")
    if url:
        return address(url)
    if variable is None and any(environment.get(name) for name in _LIBPQ_VARIABLES):
        return Address("")
    from ..errors import UsageError  # noqa: PLC0415

    raise UsageError(
        "no-database",
        f"no database is given: the environment variable {variable or DEFAULT_URL_VARIABLE} is not set",
        "set it to postgresql://role:password@host:port/database, or set libpq's PGHOST, PGDATABASE, …",
    )


def address(dsn: str) -> Address:
    """An address from what libpq accepts, or from a URL as Prisma or SQLAlchemy write it. Raises UsageError.

    The runner has no pool, and its statements may take their time: what a URL says of these has no effect.
    """
    try:
        url = read_database_url(dsn)
    except InvalidDatabaseUrlError as error:
        from ..errors import UsageError  # noqa: PLC0415

        raise UsageError(
            "no-address", f"the database's address can't be used: {error.message}", error.fix
        ) from None
    return Address(url.conninfo, url.schema, url.parameters.get("password"))
