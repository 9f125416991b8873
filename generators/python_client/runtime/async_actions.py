"""What a model offers on an asyncio client. Each method is one operation handed to the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from . import create_many, reads, writes
from .async_session import AsyncSession
from .schema import Schema, Table

_Row = TypeVar("_Row")
_Where = TypeVar("_Where", bound=Mapping[str, object])
_Unique = TypeVar("_Unique", bound=Mapping[str, object])
_Order = TypeVar("_Order", bound=Mapping[str, object])
_Create = TypeVar("_Create", bound=Mapping[str, object])
_Update = TypeVar("_Update", bound=Mapping[str, object])


class AsyncReads(Generic[_Row, _Where, _Order]):
    """What every model and view can do."""

    def __init__(self, session: AsyncSession, schema: Schema, model: str) -> None:
        self._session = session
        self._table: Table[_Row] = schema.table(model)

    async def find_first(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        *,
        order: _Order | Sequence[_Order] | None = None,
    ) -> _Row | None:
        """The first row that matches, or None."""
        return await self._session.run(reads.find_first(self._table, skip=skip, where=where, order=order))

    async def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        *,
        order: _Order | Sequence[_Order] | None = None,
    ) -> _Row:
        """The first row that matches. Raises RecordNotFoundError if none does."""
        steps = reads.find_first(self._table, skip=skip, where=where, order=order)
        return await self._session.run(reads.or_raise(self._table, steps))

    async def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        *,
        order: _Order | Sequence[_Order] | None = None,
    ) -> list[_Row]:
        """The rows that match, at most ``take`` of them after ``skip``."""
        return await self._session.run(
            reads.find_many(self._table, take=take, skip=skip, where=where, order=order)
        )

    async def count(
        self, *, take: int | None = None, skip: int | None = None, where: _Where | None = None
    ) -> int:
        """How many rows match."""
        return await self._session.run(reads.count(self._table, take=take, skip=skip, where=where))


class AsyncKeyedReads(AsyncReads[_Row, _Where, _Order], Generic[_Row, _Where, _Order, _Unique]):
    """What a model or view with a unique field can do besides."""

    async def find_unique(self, where: _Unique) -> _Row | None:
        """The row with this unique field or compound key, or None."""
        return await self._session.run(reads.find_unique(self._table, where))

    async def find_unique_or_raise(self, where: _Unique) -> _Row:
        """The row with this unique field or compound key. Raises RecordNotFoundError if there is none."""
        return await self._session.run(reads.or_raise(self._table, reads.find_unique(self._table, where)))


class AsyncActions(
    AsyncKeyedReads[_Row, _Where, _Order, _Unique], Generic[_Row, _Where, _Order, _Unique, _Create, _Update]
):
    """What a model can do."""

    async def create(self, data: _Create) -> _Row:
        """Insert a row and return it as the database holds it."""
        return await self._session.run(writes.create(self._table, data))

    async def create_many(self, data: Sequence[_Create], *, skip_duplicates: bool = False) -> int:
        """Insert all rows or none; how many were inserted. ``skip_duplicates`` passes over existing ones."""
        prepared = create_many.statements(self._table, data, skip_duplicates=skip_duplicates)
        return await self._session.run(create_many.create_many(prepared), atomic=len(prepared) > 1)

    async def update(self, data: _Update, where: _Unique) -> _Row | None:
        """Change the row with this unique field or compound key; None if there is none."""
        return await self._session.run(writes.update(self._table, data, where))

    async def delete(self, where: _Unique) -> _Row | None:
        """Delete the row with this unique field or compound key; None if there is none."""
        return await self._session.run(writes.delete(self._table, where))
