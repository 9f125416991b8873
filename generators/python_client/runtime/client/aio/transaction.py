"""A transaction of an asyncio client: an ``async with`` block, or start() and then commit() or rollback()."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from ...public.errors import TransactionError, TransactionNotStartedError
from .session import AsyncSession

_Client = TypeVar("_Client")


class AsyncTransaction(Generic[_Client]):
    """Begins when it is entered or started; its client runs everything inside it."""

    def __init__(
        self, begin: Callable[[], AbstractAsyncContextManager[Any]], inside: Callable[[AsyncSession], _Client]
    ) -> None:
        self._begin, self._inside = begin, inside
        self._manager: AbstractAsyncContextManager[Any] | None = None

    async def start(self) -> _Client:
        """Begin; the client to use inside. Raises TransactionError if it has begun."""
        if self._manager is not None:
            raise TransactionError("the transaction has begun already; commit() it or rollback() first")
        manager = self._begin()
        session = await manager.__aenter__()
        # The client, or whatever a user keeps of it, is enough to keep the transaction alive.
        session.manager = manager
        self._manager = manager
        return self._inside(session)

    async def commit(self) -> None:
        """Save everything. Raises TransactionError if that is no longer possible."""
        await self._ended().__aexit__(None, None, None)

    async def rollback(self) -> None:
        """Undo everything."""
        error = _RolledBackError()
        with suppress(_RolledBackError):
            await self._ended().__aexit__(_RolledBackError, error, None)

    async def __aenter__(self) -> _Client:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._ended().__aexit__(kind, error, trace)

    def _ended(self) -> AbstractAsyncContextManager[Any]:
        manager, self._manager = self._manager, None
        if manager is None:
            raise TransactionNotStartedError(
                "the transaction has not begun; use it in an async with block, or start() it"
            )
        return manager


class _RolledBackError(Exception):
    """Ends a transaction's block without saving."""
