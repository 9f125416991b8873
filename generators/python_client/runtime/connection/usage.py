"""The usage of a pool: counted with every query, added up on request.

Each slot has its own tally, and runs one query at a time: so counting needs no lock, and uses a time that the
pool has read already. Only the statements after a query's first are counted one by one. That keeps the cost
below a hundredth of a ``find_unique`` over a Unix socket; reading the clock for each statement doubles it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: The upper bounds of a histogram's buckets, as in Prisma. What takes longer is in no bucket.
BOUNDS_SECONDS = (0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 50.0)


#: What takes less is in the second bucket: most queries do, so they have a counter of their own.
QUICK_SECONDS = BOUNDS_SECONDS[1]


class Tally:
    """How often something was done, and how long that took."""

    __slots__ = ("_counts", "quick", "seconds")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.quick, self.seconds = 0, 0.0

    def add(self, seconds: float) -> None:
        """Once more."""
        if seconds < QUICK_SECONDS:
            self.quick += 1
        else:
            self._counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.seconds += seconds

    @property
    def counts(self) -> list[int]:
        """The count of each bucket, then of what took longer."""
        return [self._counts[0], self._counts[1] + self.quick, *self._counts[2:]]

    @property
    def count(self) -> int:
        """The total count."""
        return sum(self._counts) + self.quick

    def include(self, other: Tally) -> None:
        """Add another tally."""
        self._counts = [own + more for own, more in zip(self._counts, other.counts, strict=True)]
        self.seconds += other.seconds


@dataclass(frozen=True, slots=True)
class Usage:
    """A pool's present state, and its counters since it was opened."""

    queries: Tally  # operations of the client
    waits: Tally  # for a connection while all were in use
    statements: int  # sent to the server: all but BEGIN, COMMIT and savepoints
    opened: int
    closed: int
    active: int  # connections that execute a statement
    busy: int  # connections in use
    idle: int  # connections not in use
    waiting: int  # callers that wait for a connection


def tallied(tallies: Iterable[Tally]) -> Tally:
    """The sum of several tallies."""
    total = Tally()
    for tally in tallies:
        total.include(tally)
    return total


def used(usages: Sequence[Usage]) -> Usage:
    """The usage of several pools together."""
    return Usage(
        tallied(usage.queries for usage in usages),
        tallied(usage.waits for usage in usages),
        statements=sum(usage.statements for usage in usages),
        opened=sum(usage.opened for usage in usages),
        closed=sum(usage.closed for usage in usages),
        active=sum(usage.active for usage in usages),
        busy=sum(usage.busy for usage in usages),
        idle=sum(usage.idle for usage in usages),
        waiting=sum(usage.waiting for usage in usages),
    )
