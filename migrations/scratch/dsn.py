"""Connection strings: accepts whatever libpq does, and returns URIs, which Node's drivers understand too."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from ..runner.address.database_url import InvalidDatabaseUrlError, read_database_url


def with_database(dsn: str, database: str) -> str:
    """The same server and role as a URI, with another database.

    Raises InvalidDatabaseUrlError.
    """
    return to_uri(parameters(dsn) | {"dbname": database})


def with_login(dsn: str, user: str, password: str | None) -> str:
    """The same server and database as a URI, with another role."""
    parts = parameters(dsn)
    parts.pop("password", None)
    login = {"user": user} | ({"password": password} if password is not None else {})
    return to_uri(parts | login)


def parameters(dsn: str) -> dict[str, str]:
    """libpq's parameters of a DSN, without what it says of a pool. Raises InvalidDatabaseUrlError."""
    return read_database_url(dsn).parameters


def to_uri(parts: dict[str, str]) -> str:
    """``postgresql://user:password@host:port/dbname?…`` from libpq's parameters.

    A socket folder or several hosts can't be in a URI's host part, so they are put into its query.
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
    """Host, port and database for messages; never a password, nor any part of an invalid DSN."""
    try:
        parts = parameters(dsn)
    except InvalidDatabaseUrlError:
        return "the given URL"
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}".rstrip("/")
