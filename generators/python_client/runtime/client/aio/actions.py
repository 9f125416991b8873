"""What a model offers on an asyncio client. Each method is one operation handed to the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from ...operations import writes
from ...operations.create_many import create_many, create_many_and_return
from ...operations.writes import Write
from ...results.row_classes import ReadOptions
from ...unset import UNSET
from .read_methods import AsyncKeyedReads
from .runner import AsyncRunner

_T = TypeVar("_T")
_Row = TypeVar("_Row")
_Where = TypeVar("_Where", bound=Mapping[str, object])
_Unique = TypeVar("_Unique", bound=Mapping[str, object])
_Order = TypeVar("_Order", bound=Mapping[str, object])
_Include = TypeVar("_Include", bound=Mapping[str, object])
_Field = TypeVar("_Field", bound=str)
_Number = TypeVar("_Number", bound=str)
_Having = TypeVar("_Having", bound=Mapping[str, object])
_Aggregate = TypeVar("_Aggregate", bound=Mapping[str, object])
_Group = TypeVar("_Group", bound=Mapping[str, object])
_Create = TypeVar("_Create", bound=Mapping[str, object])
_Update = TypeVar("_Update", bound=Mapping[str, object])
_UpdateMany = TypeVar("_UpdateMany", bound=Mapping[str, object])
_Upsert = TypeVar("_Upsert", bound=Mapping[str, object])


class AsyncActions(
    AsyncKeyedReads[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group],
    Generic[
        _Row,
        _Where,
        _Unique,
        _Order,
        _Include,
        _Field,
        _Number,
        _Having,
        _Aggregate,
        _Group,
        _Create,
        _Update,
        _UpdateMany,
        _Upsert,
    ],
):
    """What a model can do."""

    def selecting(
        self, row_class: type[_T]
    ) -> AsyncActions[
        _T,
        _Where,
        _Unique,
        _Order,
        _Include,
        _Field,
        _Number,
        _Having,
        _Aggregate,
        _Group,
        _Create,
        _Update,
        _UpdateMany,
        _Upsert,
    ]:
        """The same methods, with instances of a class in place of rows: its fields are read, and no others.

        It is a pydantic model, a dataclass or a TypedDict.
        """
        selected: AsyncActions[
            _T,
            _Where,
            _Unique,
            _Order,
            _Include,
            _Field,
            _Number,
            _Having,
            _Aggregate,
            _Group,
            _Create,
            _Update,
            _UpdateMany,
            _Upsert,
        ] = self._selecting(row_class)
        return selected

    async def create(
        self, data: _Create, include: _Include = UNSET, *, omit: Sequence[_Field] = UNSET
    ) -> _Row:
        """Insert a row, and what is nested in ``data``; return it as the database holds it."""
        row: _Row = await self._written(
            writes.create(self._table, data, ReadOptions(include, omit, self._select))
        )
        return row

    async def create_many(self, data: Sequence[_Create], *, skip_duplicates: bool = False) -> int:
        """Insert all rows or none; returns how many. ``skip_duplicates`` skips existing ones."""
        return await self._written(create_many(self._table, data, skip_duplicates=skip_duplicates))

    async def create_many_and_return(
        self,
        data: Sequence[_Create],
        *,
        skip_duplicates: bool = False,
        omit: Sequence[_Field] = UNSET,
    ) -> list[_Row]:
        """Insert all rows or none; returns those that were inserted, in their order."""
        options = ReadOptions(None, omit, self._select)
        rows: list[_Row] = await self._written(
            create_many_and_return(self._table, data, options, skip_duplicates=skip_duplicates)
        )
        return rows

    async def update(
        self,
        data: _Update,
        where: _Unique,
        include: _Include = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
    ) -> _Row | None:
        """Change the row with this unique field or compound key; None if there is none."""
        row: _Row | None = await self._written(
            writes.update(self._table, data, where, ReadOptions(include, omit, self._select))
        )
        return row

    async def upsert(
        self,
        where: _Unique,
        data: _Upsert,
        include: _Include = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
    ) -> _Row:
        """Change the row with this unique field or compound key, or insert one.

        It is a single ON CONFLICT statement if the new row has exactly the key of ``where``.
        """
        row: _Row = await self._written(
            writes.upsert(self._table, where, data, ReadOptions(include, omit, self._select))
        )
        return row

    async def delete(
        self, where: _Unique, include: _Include = UNSET, *, omit: Sequence[_Field] = UNSET
    ) -> _Row | None:
        """Delete the row with this unique field or compound key; None if there is none."""
        row: _Row | None = await self._written(
            writes.delete(self._table, where, ReadOptions(include, omit, self._select))
        )
        return row

    async def update_many(self, data: _UpdateMany, where: _Where) -> int:
        """Change all rows that match; returns how many."""
        return await self._written(writes.update_many(self._table, data, where))

    async def delete_many(self, where: _Where = UNSET) -> int:
        """Delete all rows that match; returns how many."""
        return await self._written(writes.delete_many(self._table, where))

    async def _written(self, write: Write[_T]) -> _T:
        return await self._run(write.steps, atomic=write.is_atomic)


def actions_of(
    runner: AsyncRunner, model: str
) -> AsyncActions[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """The methods of a model. A client's annotation says what they are generic over: where a checker has to
    infer it from there, as from a call of the class, mypy compares all of a model's types."""
    return AsyncActions(runner, model)
