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


def connection_arguments(settings: ConnectionSettings, timeout_seconds: float) -> dict[str, Any]:
    """What each connection is opened with; libpq counts whole seconds, two at least."""
    return {
        "autocommit": True,
        "prepare_threshold": 5 if settings.uses_prepared else None,
        "connect_timeout": max(2, round(timeout_seconds)),
    }
