"""Listens on an asyncio connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any

from psycopg import AsyncConnection, OperationalError

from ...connection.adapters import opening_seconds
from ...connection.dsn import ConnectionSettings
from ...connection.notifications import (
    Inbox,
    Notification,
    delay_seconds,
    listening_conninfo,
    lost,
    seconds_of,
)
from ...connection.sqlstates import FAILURES, not_connected, translated
from ...public.errors import ClientNotConnectedError, DatabaseConnectionError
from .connection import connect
from .waiting import Stream, sleep


class AsyncListener:
    """Receives notifications while its block lasts; call it to iterate. For one task at a time."""

    def __init__(
        self, find_settings: Callable[[], ConnectionSettings], inbox: Inbox, timeout_seconds: float
    ) -> None:
        self._find_settings, self._inbox, self._timeout_seconds = find_settings, inbox, timeout_seconds
        self._connection: AsyncConnection[Any] | None = None

    async def __call__(self, timeout: float | timedelta | None = None) -> Stream[Notification]:
        """The notifications as they come, until none has come for ``timeout`` (a number counts seconds).

        Raises DatabaseConnectionError if the connection is lost and not restored within ``reconnect``.
        """
        seconds = seconds_of(timeout)
        while True:
            while self._inbox.arrived:
                yield self._inbox.arrived.popleft()
            await self._receive(seconds)
            if not self._inbox.arrived:
                return

    async def __aenter__(self) -> AsyncListener:
        if self._connection is None:
            self._connection = await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _receive(self, seconds: float | None) -> None:
        connection = self._connection
        if connection is None:
            raise ClientNotConnectedError("listen: the block has ended")
        try:
            self._inbox.add_buffered(connection.pgconn)
            if self._inbox.arrived:
                return
            self._inbox.is_waiting = True
            self._inbox.add([one async for one in connection.notifies(timeout=seconds, stop_after=1)])
        except OperationalError as error:
            await self._close()
            self._connection = await self._reconnected(error)
        finally:
            self._inbox.is_waiting = False

    async def _reconnected(self, error: OperationalError) -> AsyncConnection[Any]:
        limit = self._inbox.reconnect_seconds
        if limit is None:
            raise lost(error) from error
        deadline = time.monotonic() + limit
        attempt = 0
        while True:
            try:
                connection = await self._connect()
            except DatabaseConnectionError:
                if time.monotonic() > deadline:
                    raise
                attempt += 1
                await sleep(delay_seconds(attempt))
            else:
                self._inbox.add_gap()
                return connection

    async def _connect(self) -> AsyncConnection[Any]:
        settings = self._find_settings()
        try:
            connection = await connect(
                AsyncConnection,
                listening_conninfo(settings),
                autocommit=True,
                connect_timeout=max(2, round(opening_seconds(settings, self._timeout_seconds))),
            )
        except FAILURES as error:
            raise not_connected(error) from error
        self._inbox.watch(connection.pgconn)
        try:
            await connection.execute(self._inbox.statement)
        except FAILURES as error:
            await connection.close()
            raise translated(error) from error
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
