"""What a pool has been used for: counted with every query, added up when somebody asks.

Each slot has a tally of its own, and one query at a time: so it needs no lock, and a clock that the pool has
read already. Of statements only those are counted that follow the first of a query. All that keeps the price
for a ``find_unique`` over a Unix socket below a hundredth of its time; a clock for each statement doubles it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: The upper bounds of a histogram's buckets, as Prisma has them. What takes longer is in no bucket.
BOUNDS_SECONDS = (0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 50.0)


#: What takes less is in the second bucket: most of all queries, so these have a counter of their own.
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
        """How often for each bucket, and then for what took longer."""
        return [self._counts[0], self._counts[1] + self.quick, *self._counts[2:]]

    @property
    def count(self) -> int:
        """How often in all."""
        return sum(self._counts) + self.quick

    def include(self, other: Tally) -> None:
        """Add another tally."""
        self._counts = [own + more for own, more in zip(self._counts, other.counts, strict=True)]
        self.seconds += other.seconds


@dataclass(frozen=True, slots=True)
class Usage:
    """What a pool does now, and has done since it was opened.

    ``queries`` are operations of the client, ``statements`` what they sent to the server (all but BEGIN,
    COMMIT and savepoints), ``waits`` are for a connection while all were in use. ``active`` connections
    execute a statement now, ``busy`` ones are lent, and the ``idle`` free; ``waiting`` callers wait for one.
    """

    queries: Tally
    waits: Tally
    statements: int
    opened: int
    closed: int
    active: int
    busy: int
    idle: int
    waiting: int


def tallied(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
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
