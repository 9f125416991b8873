"""LISTEN and NOTIFY: what both clients' listeners have in common.

A listener has a connection of its own, outside the pool: nothing else may run on it, and a pool would lend it
to others. https://www.postgresql.org/docs/current/sql-notify.html
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import Notify, conninfo
from psycopg.pq.abc import PGconn
from psycopg.pq.misc import PGnotify

from ..identifiers import quoted
from ..public.errors import DatabaseConnectionError, InputError
from ..sql.plans import Result, Statement, Steps
from .dsn import ConnectionSettings

_LONGEST_CHANNEL = 63  # bytes: NAMEDATALEN - 1; LISTEN would cut a longer name without a word
_LONGEST_PAYLOAD = 7999  # bytes
_FIRST_DELAY_SECONDS = 0.05
_LONGEST_DELAY_SECONDS = 5.0
#: A connection that is silent for hours has to notice that the other end is gone.
_KEEPALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification. ``pid`` is the server's process that sent it.

    ``is_gap`` marks one that nobody sent: the connection was lost and restored, and what was sent on
    ``channel`` in between is lost. Re-read what you keep. Only a listener with ``reconnect`` returns these.
    """

    channel: str
    payload: str
    pid: int
    is_gap: bool = False


class Inbox:
    """The channels of a listener, and the notifications that were received but not yet returned."""

    def __init__(self, channels: Sequence[str], reconnect: timedelta | None) -> None:
        if not channels:
            raise InputError("listen: needs a channel")
        for channel in channels:
            _check_channel(channel, "listen")
        self.statement: bytes = "; ".join(f"LISTEN {quoted(channel)}" for channel in channels).encode()
        self.arrived: deque[Notification] = deque()
        self.reconnect_seconds: float | None = None if reconnect is None else reconnect.total_seconds()
        self.is_waiting: bool = False
        self._channels = channels

    def watch(self, pgconn: PGconn) -> None:
        """Take also what comes with the reply to a statement, which older psycopg drops."""
        pgconn.notify_handler = self._hear

    def _hear(self, one: PGnotify) -> None:
        if not self.is_waiting:  # then psycopg passes it to those who wait
            text = (one.relname.decode(errors="replace"), one.extra.decode(errors="replace"))
            self.arrived.append(Notification(*text, one.be_pid))

    def add_buffered(self, pgconn: PGconn) -> None:
        """Take what libpq has read already: nothing more may arrive on the socket to wake those who wait."""
        while (one := pgconn.notifies()) is not None:
            self._hear(one)

    def add(self, received: Sequence[Notify]) -> None:
        """Take what psycopg has received."""
        self.arrived += (Notification(one.channel, one.payload, one.pid) for one in received)

    def add_gap(self) -> None:
        """Add a notification to each channel that something may be missing."""
        self.arrived += (Notification(channel, "", 0, is_gap=True) for channel in self._channels)


def notify(channel: str, payload: Any) -> Steps[None]:
    """The operation that notifies. Raises InputError."""
    _check_channel(channel, "notify")
    if not isinstance(payload, str):
        raise InputError(f"notify: the payload needs to be a str, but is a {type(payload).__name__}")
    if len(payload.encode(errors="replace")) > _LONGEST_PAYLOAD:
        raise InputError(f"notify: the payload is longer than {_LONGEST_PAYLOAD} bytes; send a key instead")
    _: Result = yield Statement(b"SELECT pg_notify($1::text, $2::text)", [channel, payload])


def listening_conninfo(settings: ConnectionSettings) -> str:
    """How a listener connects. Raises DatabaseConnectionError behind a transaction pooler."""
    if settings.is_pooled:
        raise DatabaseConnectionError(
            "listen: a transaction pooler (pgbouncer=true) forwards no notifications; "
            "give a client for listening the address of the server itself"
        )
    given: dict[str, Any] = conninfo.conninfo_to_dict(settings.conninfo)
    return conninfo.make_conninfo("", **{**_KEEPALIVE, **given, "client_encoding": "utf8"})


def seconds_of(timeout: float | timedelta | None) -> float | None:
    """A wait in seconds; None is no limit."""
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout


def delay_seconds(attempt: int) -> float:
    """How long to wait before another attempt: longer each time, with jitter."""
    longest = min(_FIRST_DELAY_SECONDS * 2 ** min(attempt, 16), _LONGEST_DELAY_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - so that listeners don't all come at once


def lost(error: Exception) -> DatabaseConnectionError:
    """The error of a listener whose connection is gone."""
    return DatabaseConnectionError(
        f"the listener lost its connection, and misses what is sent from now on ({str(error).strip()}); "
        "listen again and re-read what you keep, or pass reconnect="
    )


def _check_channel(channel: Any, what: str) -> None:
    if not isinstance(channel, str) or not channel or "\0" in channel:
        raise InputError(f"{what}: a channel needs a name")
    if len(channel.encode(errors="replace")) > _LONGEST_CHANNEL:
        raise InputError(f"{what}: the name of a channel has {_LONGEST_CHANNEL} bytes at most")
