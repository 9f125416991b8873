"""How every connection of a client is set up: types that psycopg reads or sends otherwise by default."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor, Connection, RawCursor
from psycopg.types.numeric import Int8Dumper

from .dsn import ConnectionSettings


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
    """What a new connection has still to be told; None if nothing.

    A pooler takes no options when a session begins, but PgBouncer keeps each client's own time zone.
    """
    if not settings.is_pooled or connection.info.parameter_status("TimeZone") == "UTC":
        return None
    return b"SET TimeZone TO 'UTC'"


def connection_arguments(settings: ConnectionSettings, timeout_seconds: float) -> dict[str, Any]:
    """What each connection is opened with; libpq counts whole seconds, two at least."""
    return {
        "autocommit": True,
        "prepare_threshold": None if settings.is_pooled else 5,
        "connect_timeout": max(2, round(timeout_seconds)),
    }
