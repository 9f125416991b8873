"""A pool's state, without any waiting: who may use a connection now, and who is next.

A pool is a fixed number of *slots*. A slot is the right to use one connection; the connection in it is opened
on first use, and removed when it is lost. So a lost connection is never counted wrongly: the slot is returned
empty, and whoever takes it next connects.

Taking and returning cost one lock each, held for a few lines only. psycopg's own pool, with its background
threads and its checks, costs a quarter of a ``find_unique``. Both clients share this state; only the waiting,
of a thread or a task, is their own.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from psycopg import InterfaceError
from psycopg.pq import DiagnosticField

from .usage import QUICK_SECONDS, Tally, Usage, tallied

_CLEAN = 0  # libpq's PQTRANS_IDLE: connected, no statement under way, no transaction open
_ACTIVE = 1  # libpq's PQTRANS_ACTIVE: a statement is under way
_BAD = 1  # libpq's CONNECTION_BAD

#: A connection unused for this long is checked before it is used.
TRUSTED_SECONDS = 1.0
#: A connection unused for this long is closed when another is returned, so that a burst's connections go.
MAX_IDLE_SECONDS = 600.0
#: A connection older than this is closed on its return, so that clients follow a moved or balanced server.
MAX_LIFETIME_SECONDS = 3600.0


class AnyConnection(Protocol):
    """The part of psycopg's connections that is used here."""

    @property
    def pgconn(self) -> Any:
        """The underlying libpq connection."""
        ...

    @property
    def is_elsewhere(self) -> bool:
        """Whether it can't be used from here: it belongs to another event loop."""
        ...

    def hang_up(self) -> None:
        """Close it without waiting for the server."""
        ...

    def interrupt(self) -> None:
        """Have the server cancel the statement that is under way, without waiting for that."""
        ...


_Connection = TypeVar("_Connection", bound=AnyConnection)
_Cursor = TypeVar("_Cursor")


class Slot(Generic[_Connection, _Cursor]):
    """The right to use a connection, the connection, and a cursor that is used again and again.

    A cursor for each query would cost a quarter of a ``find_unique``: it makes a map of adapters and looks up
    all loaders anew. It is dropped after an error, and after a large result, which it would keep alive.
    """

    __slots__ = (
        "begin", "closed", "connection", "cursor", "expires_at", "further_statements", "holder",
        "is_inherited", "limited_to", "opened", "own_limit", "prepared", "queries", "taken_at",
        "transformers", "used_at",
    )  # fmt: skip

    def __init__(self) -> None:
        self.queries = Tally()
        self.further_statements = self.opened = self.closed = 0
        self.connection: _Connection | None = None
        self.cursor: _Cursor | None = None
        self.holder: Any = None
        self.taken_at = self.used_at = self.expires_at = 0.0
        #: For how many milliseconds the server lets a transaction idle by itself; -1 before it is asked.
        self.own_limit = -1
        #: The time limit of transactions that the server was told last.
        self.limited_to: float | None = None
        #: The BEGIN of a transaction of which the server has not heard yet.
        self.begin: bytes | None = None
        #: What psycopg knows of the statements that the cursor has run, but for the last.
        self.transformers: dict[Any, Any] = {}
        #: What is known of the statements that are prepared on the connection, by their SQL.
        self.prepared: dict[bytes, Any] = {}
        self.is_inherited = False

    def fill(self, connection: _Connection) -> None:
        """Put a new connection into the slot."""
        self.connection, self.cursor = connection, None
        self.own_limit, self.limited_to = -1, None
        self.transformers.clear()
        self.prepared.clear()
        self.opened += 1
        self.taken_at = time.monotonic()  # what follows doesn't count as waiting for it
        self.expires_at = self.taken_at + MAX_LIFETIME_SECONDS

    def failed(self, *, outdated: bool = False) -> None:
        """A statement failed. If the connection is ``outdated``, it is closed when the slot is returned."""
        self.cursor = None
        if outdated:
            self.expires_at = 0.0

    def clear(self) -> None:
        """Close the connection, if there is one."""
        connection, self.connection, self.cursor = self.connection, None, None
        self.transformers.clear()
        self.prepared.clear()
        if connection is not None:
            self.closed += 1
            connection.hang_up()

    def replaced(self) -> Slot[_Connection, _Cursor]:
        """The slot that replaces this one, with its counters, if nobody is left to return it."""
        self.clear()
        self.is_inherited = True
        other = Slot[_Connection, _Cursor]()
        other.queries, other.further_statements = self.queries, self.further_statements
        other.opened, other.closed = self.opened, self.closed
        return other


def connected(slot: Slot[_Connection, Any]) -> _Connection:
    """The connection of a slot that has been taken."""
    connection = slot.connection
    if connection is None:
        raise InterfaceError("the connection was lost")
    return connection


class Waiter(Protocol):
    """A caller that waits for a slot, since ``began_at`` of the monotonic clock."""

    slot: Any
    began_at: float

    def wake(self) -> bool:
        """Signal that ``slot`` is set, or that the pool was closed; False if the caller no longer waits."""
        ...


class PoolClosedError(Exception):
    """The pool has been closed."""


class PoolState(Generic[_Connection, _Cursor]):
    """The slots of one pool. Any thread may call any method; none of them waits."""

    slots: list[Slot[_Connection, _Cursor]]

    def __init__(self, size: int) -> None:
        self.size = size
        self.is_closed = False
        self._reset()
        _pools.add(self)

    def take(self, holder: Any, waiter: Waiter | None = None) -> Slot[_Connection, _Cursor] | None:
        """A slot if one is free; otherwise None, and ``waiter`` is woken with one. Raises PoolClosedError."""
        with self._lock:
            if self.is_closed:
                raise PoolClosedError
            if self._idle:
                slot = self._idle.pop()
            elif self._vacant:
                slot = self._vacant.pop()
            else:
                if waiter is not None:
                    self._waiters.append(waiter)
                return None
        return self.lent(slot, holder)

    def lent(self, slot: Slot[_Connection, _Cursor], holder: Any) -> Slot[_Connection, _Cursor]:
        """Note who has the slot, and since when; drop its connection if that was lost meanwhile."""
        slot.holder = holder
        slot.taken_at = now = time.monotonic()
        connection = slot.connection
        is_doubtful = now - slot.used_at > TRUSTED_SECONDS or slot.used_at <= self._doubted_at
        if connection is not None and (connection.is_elsewhere or (is_doubtful and _is_lost(connection))):
            slot.clear()
        return slot

    def put(self, slot: Slot[_Connection, _Cursor], is_query: bool = False) -> None:
        """Return a slot. A connection that is lost, in a transaction, mid-statement or old is closed.

        ``is_query`` if it was taken for one query: then its duration is recorded.
        """
        now = time.monotonic()
        if slot.is_inherited:
            return
        if is_query:
            queries, seconds = slot.queries, now - slot.taken_at
            if seconds < QUICK_SECONDS:  # add() inlined: a call for each query would be measurable
                queries.quick += 1
                queries.seconds += seconds
            else:
                queries.add(seconds)
        if slot.connection is not None:
            pgconn = slot.connection.pgconn
            if pgconn.status == _BAD:
                # Check each of the others before it is used again: the server may be gone.
                self._doubted_at = now
            if pgconn.transaction_status != _CLEAN or now > slot.expires_at:
                slot.clear()
        slot.holder, slot.used_at = None, now
        with self._lock:
            if not self._hand_over(slot):
                if self._idle and now - self._idle[0].used_at > MAX_IDLE_SECONDS:
                    self._idle[0].clear()
                    self._vacant.append(self._idle.popleft())
                (self._vacant if slot.connection is None else self._idle).append(slot)
        if self.is_closed:
            slot.clear()

    def reclaim(self, is_stranded: Callable[[Any], bool]) -> None:
        """Take back the slots of holders that will never continue."""
        with self._lock:
            held = [(slot, slot.holder is not None and is_stranded(slot.holder)) for slot in self.slots]
            if not any(is_lost for _, is_lost in held):
                return
            replaced = self._replace(slot for slot, is_lost in held if is_lost)
        for slot in replaced:
            self.put(slot)

    def take_back(self, slot: Slot[_Connection, _Cursor]) -> None:
        """Close the connection of a slot that its holder may never return, and give its place to others."""
        with self._lock:
            replaced = [] if slot.is_inherited else self._replace([slot])
        for other in replaced:
            self.put(other)

    def give_up(self, waiter: Waiter) -> None:
        """``waiter`` no longer waits. If it got a slot at the last moment, it must return that itself."""
        with self._lock:
            self._waits.add(time.monotonic() - waiter.began_at)
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def close(self) -> None:
        """Refuse everybody from now on. Idle connections are closed now, those in use on their return."""
        with self._lock:
            self.is_closed = True
            idle, waiters = list(self._idle), list(self._waiters)
            self._waiters.clear()
        for waiter in waiters:
            waiter.wake()
        for slot in idle:
            slot.clear()

    def usage(self) -> Usage:
        """The pool's present state and its counters in this process."""
        with self._lock:
            waiting, waits = len(self._waiters), tallied([self._waits])
        held = [(slot.holder is not None, slot.connection) for slot in self.slots]
        connections = [(is_busy, one) for is_busy, one in held if one is not None]
        busy = sum(is_busy for is_busy, _ in connections)
        queries = tallied(slot.queries for slot in self.slots)
        return Usage(
            queries,
            waits,
            statements=queries.count + sum(slot.further_statements for slot in self.slots),
            opened=sum(slot.opened for slot in self.slots),
            closed=sum(slot.closed for slot in self.slots),
            active=sum(one.pgconn.transaction_status == _ACTIVE for _, one in connections),
            busy=busy,
            idle=len(connections) - busy,
            waiting=waiting,
        )

    def abandon(self) -> None:
        """In a forked child: forget all connections, the parent's, without contacting the server."""
        for slot in self.slots:
            slot.is_inherited = True
            _inherited.append(slot.connection)
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._doubted_at = -1.0
        self.slots = [Slot() for _ in range(self.size)]
        #: Free slots with a connection, the one used last at the end; and those without.
        self._idle: deque[Slot[_Connection, _Cursor]] = deque()
        self._vacant: list[Slot[_Connection, _Cursor]] = list(self.slots)
        self._waiters: deque[Waiter] = deque()
        self._waits = Tally()

    def _replace(self, lost: Iterable[Slot[_Connection, _Cursor]]) -> list[Slot[_Connection, _Cursor]]:
        replaced = {slot: slot.replaced() for slot in lost}
        self.slots = [replaced.get(slot, slot) for slot in self.slots]
        return list(replaced.values())

    def _hand_over(self, slot: Slot[_Connection, _Cursor]) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            waiter.slot = slot
            if waiter.wake():
                return True
            waiter.slot = None
        return False


def _is_lost(connection: AnyConnection) -> bool:
    """Whether the server has hung up, as far as has been received: no waiting and no round trip.

    It sends an error before it closes the socket, so that counts too.
    """
    pgconn = connection.pgconn
    told = pgconn.notice_handler
    last_words: list[bytes | None] = []

    def hear(notice: Any) -> None:
        last_words.append(notice.error_field(DiagnosticField.SEVERITY_NONLOCALIZED))
        if told is not None:
            told(notice)

    pgconn.notice_handler = hear
    try:
        pgconn.consume_input()
        pgconn.is_busy()  # libpq looks at what it has read
        pgconn.consume_input()
    except Exception:
        return True
    finally:
        pgconn.notice_handler = told
    return bool(pgconn.status == _BAD) or b"FATAL" in last_words


_pools: weakref.WeakSet[PoolState[Any, Any]] = weakref.WeakSet()
#: Kept alive, because closing them would end the parent's sessions.
_inherited: list[Any] = []


def _after_fork() -> None:
    for pool in list(_pools):
        pool.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
