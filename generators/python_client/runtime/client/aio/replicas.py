"""An asyncio client's pools: reads go to the replicas, everything else to the primary."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
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
from .session import AsyncPoolSession, AsyncTransactionSession
from .waiting import Stream

_T = TypeVar("_T")


def replicated(
    primary: AsyncPoolSession,
    replicas: Sequence[str | DatasourceOverride],
    pool: Callable[[Callable[[], str | None]], AsyncPoolSession],
    logger: logging.Logger,
) -> AsyncReplicatedPool:
    """The pools of a client; ``pool`` makes one, given what finds its address. Raises InputError."""
    return AsyncReplicatedPool(
        primary, ReplicaRotation([pool(partial(str, url)) for url in urls_of(replicas)], logger)
    )


class AsyncReplicatedPool:
    """Runs operations that only read on a replica, and all others on the primary."""

    server: Server | None = None

    def __init__(self, primary: AsyncPoolSession, turns: ReplicaRotation[AsyncPoolSession]) -> None:
        self.primary = primary
        self.reads = AsyncReplicaPool(primary, turns)
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

    async def open(self) -> None:
        """Open the primary's pool; a replica's is opened on first use.

        Raises DatabaseConnectionError, for a malformed connection string of a replica too.
        """
        for replica in self._replicas:
            replica.settings()
        await self.primary.open()

    async def close(self) -> None:
        """Close all pools."""
        await self.primary.close()
        for replica in self._replicas:
            await replica.close()

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end on the right server."""
        operation = Operation(steps)
        if operation.statement is not None:
            if is_read(operation.statement, atomic=atomic):
                await self.reads.finish(operation)
            else:
                await self.primary.finish(operation, atomic=atomic)
        return operation.value

    def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncTransactionSession]:
        """A session inside a new transaction on the primary."""
        return self.primary.transaction(
            begin=begin, max_wait_seconds=max_wait_seconds, timeout_seconds=timeout_seconds
        )

    def connection(self) -> AbstractAsyncContextManager[RawConnection]:
        """A connection to the primary."""
        return self.primary.connection()


class AsyncReplicaPool:
    """Runs everything on a replica, or on the primary if none can be reached. Nothing here may write."""

    server: Server | None = None

    def __init__(self, primary: AsyncPoolSession, turns: ReplicaRotation[AsyncPoolSession]) -> None:
        self._primary, self._turns = primary, turns

    @property
    def reads(self) -> Self:
        """Where reads go."""
        return self

    @property
    def primary(self) -> AsyncPoolSession:
        """Where everything runs on the primary."""
        return self._primary

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:  # noqa: ARG002 - reads alone
        """Run an operation that reads to its end."""
        operation = Operation(steps)
        if operation.statement is not None:
            await self.finish(operation)
        return operation.value

    async def finish(self, operation: Operation[Any]) -> None:
        """Run an operation from its current statement, on another server if a replica fails."""
        if self._primary.is_open:
            operation.asked_elsewhere = REPLICA_FAILURES
            for number, replica in self._turns.candidates():
                token = ANSWERING.set(server_of(replica.settings()))
                try:
                    await replica.open()
                    await replica.finish(operation)
                except REPLICA_FAILURES as error:
                    self._turns.failed(number, error)
                else:
                    return
                finally:
                    ANSWERING.reset(token)
            operation.asked_elsewhere = ()
        await self._primary.finish(operation)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        begin: bytes = BEGIN,
        max_wait_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> Stream[AsyncTransactionSession]:
        """A session inside a new transaction on the first server that can be reached."""
        limits: dict[str, Any] = {"max_wait_seconds": max_wait_seconds, "timeout_seconds": timeout_seconds}
        async with AsyncExitStack() as stack:
            for number, replica in self._turns.candidates() if self._primary.is_open else ():
                try:
                    await replica.open()
                    # At once: another server can still be asked.
                    session = await stack.enter_async_context(
                        replica.transaction(begin=begin, at_once=True, **limits)
                    )
                except REPLICA_FAILURES as error:
                    self._turns.failed(number, error)
                else:
                    session.server = server_of(replica.settings())
                    break
            else:
                session = await stack.enter_async_context(self._primary.transaction(begin=begin, **limits))
            yield session

    def connection(self) -> AbstractAsyncContextManager[RawConnection]:
        """A connection to the primary."""
        return self._primary.connection()
