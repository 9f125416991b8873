"""How every connection of a client is set up: types that psycopg reads or sends otherwise by default."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor, Connection, RawCursor
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import TextLoader

from .codecs import READ_AS_TEXT
from .dsn import ConnectionSettings


def register(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Adapt one connection; psycopg's global adapters are left alone."""
    if isinstance(connection, Connection):
        connection.cursor_factory = RawCursor
    else:
        connection.cursor_factory = AsyncRawCursor
    # By default an int's size picks its type, and each combination becomes one more prepared statement.
    connection.adapters.register_dumper(int, Int8Dumper)
    for name in READ_AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)


async def register_async(connection: AsyncConnection[Any]) -> None:
    """The same, as an asyncio pool calls it."""
    register(connection)


def connection_arguments(settings: ConnectionSettings) -> dict[str, Any]:
    """What a pool passes to each connection."""
    return {"autocommit": True, "prepare_threshold": 5 if settings.uses_prepared else None}


def probe_arguments(timeout_seconds: float) -> dict[str, Any]:
    """What the connection that only tries the server gets; libpq counts whole seconds, two at least."""
    return {"connect_timeout": max(2, round(timeout_seconds))}
