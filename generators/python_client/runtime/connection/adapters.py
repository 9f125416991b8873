"""How every connection of a client is set up: types that psycopg reads or sends otherwise by default."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor, Connection, RawCursor
from psycopg.types.numeric import Int8Dumper

from .dsn import SESSION_SETTINGS, ConnectionSettings

#: https://www.pgbouncer.org/config.html (track_extra_parameters)
_KEPT_BY_POOLERS = ("TimeZone", "DateStyle", "standard_conforming_strings")


def register(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Adapt one connection; psycopg's global adapters are left alone."""
    if isinstance(connection, Connection):
        connection.cursor_factory = RawCursor
    else:
        connection.cursor_factory = AsyncRawCursor
    # By default an int's size picks its type, and each combination becomes one more prepared statement.
    connection.adapters.register_dumper(int, Int8Dumper)


def settings_to_send(
    connection: Connection[Any] | AsyncConnection[Any], settings: ConnectionSettings
) -> bytes | None:
    """The SQL that a new connection still needs; None if nothing.

    A pooler accepts no options when a session begins, but PgBouncer keeps some settings for each client.
    """
    if not settings.is_pooled:
        return None
    now = {name: connection.info.parameter_status(name) or "" for name in _KEPT_BY_POOLERS}
    # "ISO, DMY": how dates are written, and the order of those that are read.
    others = [name for name in now if now[name].partition(",")[0] != SESSION_SETTINGS[name]]
    return "; ".join(f"SET {name} TO '{SESSION_SETTINGS[name]}'" for name in others).encode() or None


def connection_arguments(settings: ConnectionSettings, timeout_seconds: float) -> dict[str, Any]:
    """The parameters of each connection; libpq counts whole seconds, two at least."""
    return {
        "autocommit": True,
        "prepare_threshold": None if settings.is_pooled else 5,
        "connect_timeout": max(2, round(timeout_seconds)),
    }
