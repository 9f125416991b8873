# Generated from client/aio/replicas.py by `make blocking`: change that file, not this one.
"""A blocking client's pools: reads go to the replicas, everything else to the primary."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any, Self, TypeVar

from ...connection.dsn import ConnectionSettings, Server, server_of
from ...connection.replicas import REPLICA_FAILURES, ReplicaRotation, is_read, urls_of
from ...connection.transactions import BEGIN
from ...connection.usage import Usage, used
from ...observability.observers import ANSWERING
from ...operations.operation import Operation
from ...public.client_types import DatasourceOverride
from ...sql.plans import Steps
from .connection import RawConnection
from .session import PoolSession, TransactionSession
from .waiting import Stream

_T = TypeVar("_T")


def replicated(
    primary: PoolSession,
    replicas: Sequence[str | DatasourceOverride],
    pool: Callable[[Callable[[], str | None]], PoolSession],
    logger: logging.Logger,
) -> ReplicatedPool:
    """The pools of a client; ``pool`` makes one, given what finds its address. Raises InputError."""
    return ReplicatedPool(
        primary, ReplicaRotation([pool(partial(str, url)) for url in urls_of(replicas)], logger)
    )


class ReplicatedPool:
    """Runs operations that only read on a replica, and all others on the primary."""

    server: Server | None = None

    def __init__(self, primary: PoolSession, turns: ReplicaRotation[PoolSession]) -> None:
        self.primary = primary
        self.reads = ReplicaPool(primary, turns)
        self.timeout_seconds = primary.timeout_seconds
        self._replicas = turns.replicas

    @property
    def is_open(self) -> bool:
        """Whether the primary's pool is open."""
        return self.primary.is_open

    @property
    def usage(self) -> Usage:
        """The usage of all pools together. Raises ClientNotConnectedError."""
        return used([self.primary.usage, *(one.usage for one in self._replicas if one.is_open)])

    def settings(self) -> ConnectionSettings:
        """How connections to the primary are made."""
        return self.primary.settings()

    def open(self) -> None:
        """Open the primary's pool; a replica's is opened on first use.

        Raises DatabaseConnectionError, for a malformed connection string of a replica too.
        """
        for replica in self._replicas:
            replica.settings()
        self.primary.open()

    def close(self) -> None:
        """Close all pools."""
        self.primary.close()
        for replica in self._replicas:
            replica.close()

    def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end on the right server."""
        operation = Operation(steps)
        if operation.statement is not None:
            if is_read(operation.statement, atomic=atomic):
                self.reads.finish(operation)
            else:
                self.primary.finish(operation, atomic=atomic)
        return operation.value

    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> AbstractContextManager[TransactionSession]:
        """A session inside a new transaction on the primary."""
        return self.primary.transaction(
            begin=begin, max_wait_seconds=max_wait_seconds, timeout_seconds=timeout_seconds
        )

    def connection(self) -> AbstractContextManager[RawConnection]:
        """A connection to the primary."""
        return self.primary.connection()


class ReplicaPool:
    """Runs everything on a replica, or on the primary if none can be reached. Nothing here may write."""

    server: Server | None = None

    def __init__(self, primary: PoolSession, turns: ReplicaRotation[PoolSession]) -> None:
        self._primary, self._turns = primary, turns

    @property
    def reads(self) -> Self:
        """Where reads go."""
        return self

    @property
    def primary(self) -> PoolSession:
        """Where everything runs on the primary."""
        return self._primary

    def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:  # noqa: ARG002 - reads alone
        """Run an operation that reads to its end."""
        operation = Operation(steps)
        if operation.statement is not None:
            self.finish(operation)
        return operation.value

    def finish(self, operation: Operation[Any]) -> None:
        """Run an operation from its current statement, on another server if a replica fails."""
        if self._primary.is_open:
            operation.asked_elsewhere = REPLICA_FAILURES
            for number, replica in self._turns.candidates():
                token = ANSWERING.set(server_of(replica.settings()))
                try:
                    replica.open()
                    replica.finish(operation)
                except REPLICA_FAILURES as error:
                    self._turns.failed(number, error)
                else:
                    return
                finally:
                    ANSWERING.reset(token)
            operation.asked_elsewhere = ()
        self._primary.finish(operation)

    @contextmanager
    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> Stream[TransactionSession]:
        """A session inside a new transaction on the first server that can be reached."""
        limits: dict[str, Any] = {"max_wait_seconds": max_wait_seconds, "timeout_seconds": timeout_seconds}
        with ExitStack() as stack:
            for number, replica in self._turns.candidates() if self._primary.is_open else ():
                try:
                    replica.open()
                    # At once: another server can still be asked.
                    session = stack.enter_context(replica.transaction(begin=begin, at_once=True, **limits))
                except REPLICA_FAILURES as error:
                    self._turns.failed(number, error)
                else:
                    session.server = server_of(replica.settings())
                    break
            else:
                session = stack.enter_context(self._primary.transaction(begin=begin, **limits))
            yield session

    def connection(self) -> AbstractContextManager[RawConnection]:
        """A connection to the primary."""
        return self._primary.connection()
