"""psycopg's asyncio connection, waiting at half the cost.

psycopg registers the socket with the event loop for each wait, starts a timer, and removes both: two system
calls and four objects for each statement. Here the socket stays registered, and a wait is one future. That
saves 45% of the CPU of a small statement.
"""

from __future__ import annotations

import asyncio
import traceback
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import Row
from psycopg.waiting import READY_R, READY_W, WAIT_W

_T = TypeVar("_T")
_Connection = TypeVar("_Connection", bound=AsyncConnection[Any])

_CANCEL_SECONDS = 5.0
#: How long to wait for the loop before libpq checks by itself: uvloop doesn't report a socket that the other
#: side has reset.
_SILENCE_SECONDS = 0.25
#: A generator that never has to wait (each piece of a COPY) lets other tasks run this often.
_TURN = 64


class PooledConnection(AsyncConnection[Row]):
    """A connection that one event loop watches from its first wait on.

    A socket must never be closed while a loop watches it: the next one with its number would not be watched.
    So connections are closed with :meth:`hang_up` or ``close()``, and whatever may have made libpq close the
    socket ends the watch at once.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    _socket: int = -1
    _waiting: asyncio.Future[None] | None = None
    _awaited: int = 0
    _arrived: int = 0
    _alarm: asyncio.TimerHandle | None = None
    _ending: asyncio.Task[None] | None = None
    _cancelling: asyncio.Task[None] | None = None
    _without_wait: int = 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether another loop, perhaps another thread's, watches the connection."""
        loop = self._loop
        return loop is not None and loop is not asyncio._get_running_loop() and not loop.is_closed()

    async def wait(self, gen: PQGen[_T], *arguments: Any, **options: Any) -> _T:
        """Drive one of psycopg's generators to its end. With options it is left to psycopg."""
        if arguments or options:
            self._unwatch()
            return await super().wait(gen, *arguments, **options)
        try:
            state = next(gen)
            while True:
                state = gen.send(await self._ready(state))
        except StopIteration as done:
            value: _T = done.value
        except (asyncio.CancelledError, KeyboardInterrupt):
            await self._give_up(gen)
            raise
        except BaseException:
            self._unwatch()
            raise
        self._without_wait += 1
        if self._without_wait > _TURN:
            self._without_wait = 0
            await asyncio.sleep(0)
        return value

    async def close(self) -> None:
        """Close the connection."""
        self._unwatch()
        await super().close()

    def hang_up(self) -> None:
        """Close the connection without waiting, in the thread of the loop that watches it."""
        if self.is_elsewhere and self._loop is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                self._loop.call_soon_threadsafe(self._hang_up)
                return
        self._hang_up()

    def interrupt(self) -> None:
        """Have the server cancel the statement that is under way, without waiting for that."""
        self._cancelling = asyncio.create_task(self._cancel())

    def _hang_up(self) -> None:
        self._unwatch()
        if self._ending is not None and not self._ending.done():
            self._ending.add_done_callback(lambda _: self.pgconn.finish())
        else:
            self.pgconn.finish()

    async def _ready(self, state: int) -> int:
        """Wait until the socket can be read, or written if ``state`` says so; returns which of the two."""
        self._without_wait = 0
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._unwatch()
            self._socket = self.pgconn.socket
            loop.add_reader(self._socket, self._on_ready, loop, READY_R)
            self._loop = loop
        self._awaited, self._arrived = state, 0
        # One timer serves all waits of its period, so that few statements have to start one.
        if self._alarm is None:
            self._alarm = loop.call_later(_SILENCE_SECONDS, self._on_silence, loop)
        waiting = self._waiting = loop.create_future()
        if state & WAIT_W:
            loop.add_writer(self._socket, self._on_ready, loop, READY_W)
        try:
            await waiting
        finally:
            self._waiting = None
            if state & WAIT_W:
                loop.remove_writer(self._socket)
        return self._arrived

    def _on_ready(self, loop: asyncio.AbstractEventLoop, ready: int) -> None:
        if loop is not self._loop:
            loop.remove_reader(self._socket)
        elif self._waiting is None:
            # Nobody waits: a notice, or the server hung up. The loop would report it again and again.
            self._unwatch()
        else:
            self._arrived |= ready
            if not self._waiting.done():
                self._waiting.set_result(None)

    def _on_silence(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on as if the socket were ready, and register it again."""
        self._alarm = None
        if loop is self._loop and self._waiting is not None and not self._waiting.done():
            self._unwatch()
            self._arrived |= self._awaited
            self._waiting.set_result(None)

    def _unwatch(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._socket)

    async def _give_up(self, gen: PQGen[Any]) -> None:
        """Have the server cancel the statement, and read its answer.

        Any failure leaves the connection in a state in which the pool closes it. So does another cancellation
        meanwhile, which hits each wait inside a cancelled anyio scope (FastAPI runs requests in these): the
        server is still asked to cancel, and the connection is closed afterwards.
        """
        self._unwatch()
        if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
            self._ending = asyncio.create_task(self._end(gen))
            await asyncio.shield(self._ending)

    async def _end(self, gen: PQGen[Any]) -> None:
        with suppress(Exception):
            async with asyncio.timeout(_CANCEL_SECONDS):
                await self.cancel_safe(timeout=_CANCEL_SECONDS)
                await super().wait(gen)

    async def _cancel(self) -> None:
        with suppress(Exception):
            await self.cancel_safe(timeout=_CANCEL_SECONDS)


RawConnection: TypeAlias = PooledConnection[tuple[Any, ...]]


async def connect(kind: type[_Connection], conninfo: str, **arguments: Any) -> _Connection:
    """A new connection of this class."""
    try:
        connection: _Connection = await kind.connect(conninfo, **arguments)
    except BaseException as error:
        # Cancelled half-way: the frames refer to the half-open connection, and the server would keep its
        # session for as long as anybody keeps the error.
        traceback.clear_frames(error.__traceback__)
        raise
    return connection
