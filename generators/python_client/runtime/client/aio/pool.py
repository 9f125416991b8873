"""A pool of psycopg's asyncio connections. Tasks wait here; all else is :mod:`pool`."""

from __future__ import annotations

import asyncio
import time
import traceback
from typing import Any, TypeAlias

from psycopg import AsyncRawCursor

from ...connection.adapters import connection_arguments, register, settings_to_send
from ...connection.dsn import ConnectionSettings
from ...connection.pool import PoolClosedError, PoolState, Slot, connected
from ...connection.pool_diagnostics import exhausted
from ...connection.sqlstates import FAILURES, not_connected
from ...connection.usage import Usage
from ...public.errors import ClientNotConnectedError, DatabaseConnectionError
from .connection import WatchedConnection

RawConnection: TypeAlias = WatchedConnection[tuple[Any, ...]]
AsyncSlot: TypeAlias = Slot[RawConnection, AsyncRawCursor[tuple[Any, ...]]]


class _Waiter:
    """A task asleep until it has a slot; it may belong to another loop than the one that wakes it."""

    __slots__ = ("_awake", "_loop", "began_at", "slot")

    def __init__(self) -> None:
        self.slot: AsyncSlot | None = None
        self.began_at = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()

    def wake(self) -> bool:
        if asyncio._get_running_loop() is self._loop:
            self._awake.set()
            return True
        try:
            self._loop.call_soon_threadsafe(self._awake.set)
        except RuntimeError:  # its loop has been closed
            return False
        return True

    async def sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass


class AsyncPool:
    """Connections for tasks. ``timeout_seconds`` bounds the wait for a slot and for the server."""

    def __init__(self, settings: ConnectionSettings, timeout_seconds: float) -> None:
        self._settings, self._timeout_seconds = settings, timeout_seconds
        self._state: PoolState[RawConnection, AsyncRawCursor[tuple[Any, ...]]] = PoolState(settings.pool_size)

    async def take(self, timeout_seconds: float | None = None) -> AsyncSlot:
        """A slot with a connection and a cursor.

        Raises DatabaseConnectionError, which says who holds all connections or why the server refused one,
        and ClientNotConnectedError.
        """
        holder = asyncio.current_task()
        try:
            slot = self._state.take(holder)
            if slot is None:
                slot = await self._wait(
                    holder, self._timeout_seconds if timeout_seconds is None else timeout_seconds
                )
        except PoolClosedError:
            raise ClientNotConnectedError("the client has been disconnected") from None
        if slot.cursor is None:
            await self._prepare(slot)
        return slot

    def put(self, slot: AsyncSlot, is_query: bool = False) -> None:
        """Return a slot, in whatever state its connection is, perhaps after one query.

        It never waits, so it can't be cancelled.
        """
        self._state.put(slot, is_query)

    def usage(self) -> Usage:
        """What the pool does now, and has done in this process."""
        return self._state.usage()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are returned."""
        self._state.close()

    async def _wait(self, holder: Any, timeout_seconds: float) -> AsyncSlot:
        waiter = _Waiter()
        self._state.reclaim(_is_stranded)
        slot = self._state.take(holder, waiter)
        if slot is not None:
            return slot
        try:
            await waiter.sleep(timeout_seconds)
        except BaseException:  # cancelled: a slot that came meanwhile must not be lost
            self._state.give_up(waiter)
            if waiter.slot is not None:
                self.put(waiter.slot)
            raise
        self._state.give_up(waiter)
        if waiter.slot is not None:
            return self._state.lent(waiter.slot, holder)
        if self._state.is_closed:
            raise PoolClosedError
        raise DatabaseConnectionError(exhausted(self._state.slots, timeout_seconds))

    async def _prepare(self, slot: AsyncSlot) -> None:
        try:
            if slot.connection is None:
                slot.fill(await self._connect())
            slot.cursor = AsyncRawCursor(connected(slot))
        except FAILURES as error:
            self.put(slot)
            raise not_connected(error) from error
        except BaseException:
            self.put(slot)
            raise

    async def _connect(self) -> RawConnection:
        arguments = connection_arguments(self._settings, self._timeout_seconds)
        try:
            connection: RawConnection = await WatchedConnection.connect(self._settings.conninfo, **arguments)
        except BaseException as error:
            # Cancelled half-way: the frames hold what is half open, and the server would keep a session for
            # it as long as anybody keeps the error.
            traceback.clear_frames(error.__traceback__)
            raise
        register(connection)
        command = settings_to_send(connection, self._settings)
        if command is not None:
            try:
                await connection.execute(command)
            except BaseException:
                connection.hang_up()
                raise
        return connection


def _is_stranded(holder: Any) -> bool:
    """Whether a task was left in the middle when its loop was closed, as a test's loop may be."""
    return isinstance(holder, asyncio.Future) and holder.get_loop().is_closed()
