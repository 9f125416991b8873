"""Connection strings: in any spelling libpq reads, out as a URI, which Node's drivers read too."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict


def with_database(dsn: str, database: str) -> str:
    """The same server and role as a URI, with another database.

    Raises psycopg.ProgrammingError for a string that is no DSN.
    """
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    parts["dbname"] = database
    return to_uri(parts)


def with_login(dsn: str, user: str, password: str | None) -> str:
    """The same server and database as a URI, with another role."""
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    parts.pop("password", None)
    login = {"user": user} | ({"password": password} if password is not None else {})
    return to_uri(parts | login)


def to_uri(parts: dict[str, str]) -> str:
    """``postgresql://user:password@host:port/dbname?…`` of libpq's parameters.

    A socket folder, or several hosts, can't be in a URI's host part and go into its query.
    """
    rest = dict(parts)
    user, password, host, port = (rest.pop(key, "") for key in ("user", "password", "host", "port"))
    database = rest.pop("dbname", "")
    if host.startswith("/") or "," in host:
        rest["host"] = host
        if port:
            rest["port"] = port
        host = port = ""
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    address = (f"[{host}]" if ":" in host else quote(host, safe="")) + (f":{port}" if port else "")
    query = f"?{urlencode(rest, quote_via=quote, safe='/')}" if rest else ""
    return f"postgresql://{login}{'@' if login else ''}{address}/{quote(database, safe='')}{query}"


def shown(dsn: str) -> str:
    """Host, port and database for messages; never a password, and nothing of a string that is no DSN."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return "the given URL"
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}".rstrip("/")
