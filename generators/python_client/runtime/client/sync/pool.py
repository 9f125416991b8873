# Generated from client/aio/pool.py by `make blocking`: change that file, not this one.
"""A pool of psycopg's blocking connections. Only the waiting is here; the rest is in ``connection.pool``."""

from __future__ import annotations

from typing import Any, TypeAlias

from psycopg import RawCursor

from ...connection.adapters import connection_arguments, register, settings_to_send
from ...connection.dsn import ConnectionSettings
from ...connection.pool import PoolClosedError, PoolState, Slot, connected
from ...connection.pool_diagnostics import exhausted
from ...connection.sqlstates import FAILURES, not_connected
from ...connection.usage import Usage
from ...public.errors import ClientNotConnectedError, DatabaseConnectionError
from .connection import PooledConnection, RawConnection, connect
from .waiting import Waiter, current_holder, is_stranded

SyncSlot: TypeAlias = Slot[RawConnection, RawCursor[tuple[Any, ...]]]


class SyncPool:
    """Connections for threads. ``timeout_seconds`` bounds the wait for a slot and for the server, if the URL
    doesn't."""

    def __init__(self, settings: ConnectionSettings, timeout_seconds: float) -> None:
        self._settings, self._timeout_seconds = settings, timeout_seconds
        in_url = settings.pool_timeout_seconds
        self._wait_seconds = timeout_seconds if in_url is None else in_url
        self._state: PoolState[RawConnection, RawCursor[tuple[Any, ...]]] = PoolState(settings.pool_size)

    def take(self, timeout_seconds: float | None = None) -> SyncSlot:
        """A slot with a connection and a cursor.

        Raises DatabaseConnectionError, which says who holds all connections or why the server refused one,
        and ClientNotConnectedError.
        """
        holder = current_holder()
        try:
            slot = self._state.take(holder)
            if slot is None:
                slot = self._wait(holder, self._wait_seconds if timeout_seconds is None else timeout_seconds)
        except PoolClosedError:
            raise ClientNotConnectedError("the client has been disconnected") from None
        if slot.cursor is None:
            self._prepare(slot)
        return slot

    def put(self, slot: SyncSlot, is_query: bool = False) -> None:
        """Return a slot, whatever the state of its connection; ``is_query``: it was taken for one query.

        It never waits, so no other thread can run meanwhile.
        """
        self._state.put(slot, is_query)

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler stands before the server, so that a session is not one client's."""
        return self._settings.is_pooled

    def take_back(self, slot: SyncSlot) -> None:
        """Close a slot's connection, and give its place to others. Like ``put`` it never waits."""
        self._state.take_back(slot)

    def usage(self) -> Usage:
        """The pool's present state and its counters in this process."""
        return self._state.usage()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are returned."""
        self._state.close()

    def _wait(self, holder: Any, timeout_seconds: float) -> SyncSlot:
        waiter = Waiter()
        self._state.reclaim(is_stranded)
        slot = self._state.take(holder, waiter)
        if slot is not None:
            return slot
        try:
            waiter.sleep(timeout_seconds)
        except BaseException:  # cancelled, or Ctrl-C: a slot that came meanwhile must not be lost
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

    def _prepare(self, slot: SyncSlot) -> None:
        try:
            if slot.connection is None:
                slot.fill(self._connect())
            slot.cursor = RawCursor(connected(slot))
        except FAILURES as error:
            self.put(slot)
            raise not_connected(error) from error
        except BaseException:
            self.put(slot)
            raise

    def _connect(self) -> RawConnection:
        arguments = connection_arguments(self._settings, self._timeout_seconds)
        connection: RawConnection = connect(PooledConnection, self._settings.conninfo, **arguments)
        register(connection, self._settings)
        command = settings_to_send(connection, self._settings)
        if command is not None:
            try:
                connection.execute(command)
            except BaseException:
                connection.hang_up()
                raise
        return connection
