"""How every connection of a client is set up: types that psycopg reads or sends otherwise by default."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from math import isinf
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor, Connection, DataError, RawCursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.json import set_json_loads
from psycopg.types.numeric import Int8Dumper

from .dsn import SESSION_SETTINGS, ConnectionSettings

#: https://www.pgbouncer.org/config.html (track_extra_parameters)
_KEPT_BY_POOLERS = ("TimeZone", "DateStyle", "standard_conforming_strings")

_MONEY = re.compile(rb"(-?)(?:\$|[\x80-\xff]{1,4})?([0-9,]+\.[0-9]{2})")


class MoneyLoader(Loader):
    """``money`` in raw queries. How it is written depends on the server's locale: what could be read in two
    ways is refused."""

    def load(self, data: Buffer) -> Decimal:
        """The number, without its currency."""
        found = _MONEY.fullmatch(bytes(data))
        if found is None:
            raise DataError("money in the form of a locale that can be read in two ways")
        return Decimal((found[1] + found[2].replace(b",", b"")).decode())


def _finite(digits: str) -> float:
    """A number of a ``json``: one beyond all floats would become infinity, which is no JSON."""
    number = float(digits)
    if isinf(number):
        raise DataError(f"a number in JSON that is beyond all floats: {digits:.40}")
    return number


_JSON = json.JSONDecoder(parse_float=_finite)


def _json_loads(text: str | bytes) -> Any:
    return _JSON.decode(text if isinstance(text, str) else text.decode())


def register(connection: Connection[Any] | AsyncConnection[Any], settings: ConnectionSettings) -> None:
    """Adapt one connection; psycopg's global adapters are left alone."""
    if isinstance(connection, Connection):
        connection.cursor_factory = RawCursor
    else:
        connection.cursor_factory = AsyncRawCursor
    # By default an int's size picks its type, and each combination becomes one more prepared statement.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_loader("money", MoneyLoader)
    set_json_loads(_json_loads, connection)
    if settings.statement_cache_size:
        connection.prepared_max = settings.statement_cache_size


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
    prepares = not settings.is_pooled and settings.statement_cache_size != 0
    return {
        "autocommit": True,
        "prepare_threshold": 5 if prepares else None,
        "connect_timeout": max(2, round(opening_seconds(settings, timeout_seconds))),
    }


def opening_seconds(settings: ConnectionSettings, timeout_seconds: float) -> float:
    """How long opening a connection may take: as the URL says, or else ``timeout_seconds``."""
    limits = [settings.connect_timeout_seconds, settings.pool_timeout_seconds]
    return min((limit for limit in limits if limit is not None), default=timeout_seconds)
