# Generated from client/aio/transaction.py by `make blocking`: change that file, not this one.
"""A transaction of a blocking client: a ``with`` block, or start() and then commit() or rollback()."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from ...public.errors import TransactionError, TransactionNotStartedError
from .session import Session

_Client = TypeVar("_Client")


class Transaction(Generic[_Client]):
    """Begins when it is entered or started; its client runs everything inside it."""

    def __init__(
        self, begin: Callable[[], AbstractContextManager[Any]], inside: Callable[[Session], _Client]
    ) -> None:
        self._begin, self._inside = begin, inside
        self._manager: AbstractContextManager[Any] | None = None

    def start(self) -> _Client:
        """Begin; the client to use inside. Raises TransactionError if it has begun."""
        if self._manager is not None:
            raise TransactionError("the transaction has begun already; commit() it or rollback() first")
        manager = self._begin()
        session = manager.__enter__()
        # The client, or whatever a user keeps of it, is enough to keep the transaction alive.
        session.manager = manager
        self._manager = manager
        return self._inside(session)

    def commit(self) -> None:
        """Save everything. Raises TransactionError if that is no longer possible."""
        self._ended().__exit__(None, None, None)

    def rollback(self) -> None:
        """Undo everything."""
        error = _RolledBackError()
        with suppress(_RolledBackError):
            self._ended().__exit__(_RolledBackError, error, None)

    def __enter__(self) -> _Client:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._ended().__exit__(kind, error, trace)

    def _ended(self) -> AbstractContextManager[Any]:
        manager, self._manager = self._manager, None
        if manager is None:
            raise TransactionNotStartedError(
                "the transaction has not begun; use it in a with block, or start() it"
            )
        return manager


class _RolledBackError(Exception):
    """Ends a transaction's block without saving."""
