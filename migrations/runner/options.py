"""How patient a run is, and which database it goes to."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from .errors import UsageError

#: The environment variable read when no other is named.
DEFAULT_URL_VARIABLE = "DATABASE_URL"
# libpq's own: any of them says that the database is meant to be found without a URL.
_LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER")
# Parameters of Prisma's connection URLs that libpq does not know and refuses.
_PRISMA_PARAMETERS = frozenset(
    {"connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "pgbouncer", "schema"}
    | {"sslaccept", "sslidentity", "sslpassword"}
)
_DRIVER = re.compile(r"^(postgres(?:ql)?)\+[a-z0-9_]+(?=://)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All in seconds. ``lock_timeout`` is how long one attempt may make readers queue behind its DDL;
    ``retry`` how long a step is attempted again after such a timeout or a deadlock; ``database_wait`` and
    ``runner_wait`` how long a database that is starting, and another runner, are waited for."""

    lock_timeout: float = 1.0
    retry: float = 120.0
    database_wait: float = 60.0
    runner_wait: float = 300.0


@dataclass(frozen=True, slots=True)
class Address:
    """A libpq connection string (empty: all from libpq's variables) and the schema to make objects in."""

    conninfo: str
    search_path: str = "public"

    @property
    def password(self) -> str | None:
        """The password, so that it can be kept out of every message."""
        found = re.search(r"password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))", self.conninfo)
        if "://" in self.conninfo:
            split = urlsplit(self.conninfo)
            in_query = dict(parse_qsl(split.query)).get("password")
            return unquote(split.password) if split.password else in_query
        return (found[1] or found[2]) if found else None


def address_from_environment(variable: str | None, environment: Mapping[str, str] = os.environ) -> Address:
    """The database that ``variable`` (or DATABASE_URL, or libpq's variables) names. Raises UsageError."""
    url = environment.get(variable or DEFAULT_URL_VARIABLE, "")
    if url:
        return address(url)
    if variable is None and any(environment.get(name) for name in _LIBPQ_VARIABLES):
        return Address("")
    raise UsageError(
        "no-database",
        f"no database is named: the environment variable {variable or DEFAULT_URL_VARIABLE} is not set",
        "set it to postgresql://role:password@host:port/database, or set libpq's PGHOST, PGDATABASE, …",
    )


def address(dsn: str) -> Address:
    """Accepts what libpq does, and the URLs that Prisma and SQLAlchemy share with it but for details."""
    text = _DRIVER.sub(r"\1", dsn.strip())
    if "://" not in text:
        return Address(text)
    split = urlsplit(text)
    parameters = parse_qsl(split.query, keep_blank_values=True)
    kept = [(name, value) for name, value in parameters if name not in _PRISMA_PARAMETERS]
    conninfo = urlunsplit(split._replace(query=urlencode(kept, quote_via=quote, safe="/")))
    return Address(conninfo, dict(parameters).get("schema") or "public")
