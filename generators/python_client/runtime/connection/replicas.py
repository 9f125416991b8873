"""Which of several replicas to use: in turn, except those that failed a moment ago."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Sequence
from typing import Generic, TypeVar

from ..public.client_types import DatasourceOverride
from ..public.errors import DatabaseConnectionError, InputError, PrismaError, TransactionConflictError
from ..sql.plans import Statement

_Replica = TypeVar("_Replica")

#: How long a replica that could not be reached is left alone.
REST_SECONDS = 10.0
#: Errors of reads on a replica only: it is gone, or the rows were just vacuumed on the primary
#: (https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT).
REPLICA_FAILURES = (DatabaseConnectionError, TransactionConflictError)


class ReplicaRotation(Generic[_Replica]):
    """The replicas of one client. Any thread may call any method."""

    def __init__(self, replicas: Sequence[_Replica], logger: logging.Logger) -> None:
        self.replicas = replicas
        self._logger = logger
        self._turn = itertools.count()
        self._resting_until = [0.0] * len(replicas)

    def candidates(self) -> list[tuple[int, _Replica]]:
        """The replicas to try, by number, in order."""
        now, count = time.monotonic(), len(self.replicas)
        first = next(self._turn)
        order = ((first + step) % count for step in range(count))
        return [(number, self.replicas[number]) for number in order if self._resting_until[number] <= now]

    def failed(self, number: int, error: PrismaError) -> None:
        """Leave a replica alone for a while if it can't be reached, but not if it is only busy."""
        if isinstance(error, DatabaseConnectionError) and error.__cause__ is not None:
            self._resting_until[number] = time.monotonic() + REST_SECONDS
            self._logger.warning("replica %d is left alone for %g s: %s", number, REST_SECONDS, error)


def is_read(statement: Statement, *, atomic: bool) -> bool:
    """Whether an operation that begins with this statement only reads, and locks nothing.

    A write is one statement, or all of it is atomic. Raw queries, whose results are text, may do anything.
    """
    sql = statement.sql
    return not atomic and statement.binary and sql.startswith(b"SELECT") and b" FOR UPDATE" not in sql


def urls_of(replicas: Sequence[str | DatasourceOverride]) -> list[str]:
    """The connection strings of replicas. Raises InputError."""
    if isinstance(replicas, str):
        raise InputError("replicas: needs a list of connection strings")
    return [replica if isinstance(replica, str) else replica["url"] for replica in replicas]
