# ruff: noqa: PLR0917 - the order of arguments is that of Prisma Client Python
"""The reading methods of models and views on an asyncio client. Each method is one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from ...observability.error_details import reported
from ...operations import find_operations
from ...public.errors import PrismaError
from ...results.row_classes import ReadOptions
from ...sql.queries import lock_of
from ...unset import UNSET
from .aggregate_methods import AsyncNumbers
from .runner import AsyncRunner
from .session import AsyncTransactionSession
from .waiting import Stream

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


class AsyncReads(
    AsyncNumbers[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]
):
    """The reading methods of every model and view."""

    def selecting(
        self, row_class: type[_T]
    ) -> AsyncReads[_T, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]:
        """The same methods, with instances of a class in place of rows: its fields are read, and no others.

        It is a pydantic model, a dataclass or a TypedDict.
        """
        selected: AsyncReads[
            _T, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group
        ] = self._selecting(row_class)
        return selected

    async def find_first(
        self,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
        include: _Include = UNSET,
        order: _Order = UNSET,
        distinct: Sequence[_Field] = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row | None:
        """The first row that matches, or None."""
        row: _Row | None = await self._run(
            find_operations.find_first(
                self._table,
                ReadOptions(include, omit, self._select),
                skip=skip,
                where=where,
                cursor=cursor,
                order=order,
                distinct=distinct,
                lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )
        return row

    async def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
        include: _Include = UNSET,
        order: _Order = UNSET,
        distinct: Sequence[_Field] = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row:
        """The first row that matches. Raises RecordNotFoundError if none does."""
        steps = find_operations.find_first(
            self._table,
            ReadOptions(include, omit, self._select),
            skip=skip,
            where=where,
            cursor=cursor,
            order=order,
            distinct=distinct,
            lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
        )
        row: _Row = await self._run(find_operations.or_raise(self._table, steps))
        return row

    async def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
        include: _Include = UNSET,
        order: _Order = UNSET,
        distinct: Sequence[_Field] = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> list[_Row]:
        """The rows that match, at most ``take`` after ``skip``; the last ones if ``take`` is negative.

        With ``cursor`` they begin (the last ones: end) with the row it addresses.
        """
        return await self._run(
            find_operations.find_many(
                self._table,
                ReadOptions(include, omit, self._select),
                take=take,
                skip=skip,
                where=where,
                cursor=cursor,
                order=order,
                distinct=distinct,
                lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )

    def iterate(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
        include: _Include = UNSET,
        order: _Order = UNSET,
        distinct: Sequence[_Field] = UNSET,
        *,
        batch_size: int = 1000,
        omit: Sequence[_Field] = UNSET,
    ) -> Stream[_Row]:
        """The rows that match, one after the other, with only ``batch_size`` of them in memory.

        They come from a cursor on the server, inside a transaction that is open until the last row, or until
        the generator is closed.
        """
        arguments = {
            "take": take,
            "skip": skip,
            "where": where,
            "cursor": cursor,
            "order": order,
            "distinct": distinct,
        }
        try:
            read_options = ReadOptions(include, omit, self._select)
            stream = find_operations.Stream(self._table, read_options, batch_size, arguments)
        except PrismaError as error:
            reported(error, self._runner.schema)
            raise
        return self._streamed(stream)

    async def _streamed(self, stream: find_operations.Stream) -> Stream[Any]:
        session = self._runner.session.reads
        # A savepoint would have to end before one that another stream began later.
        is_inside = isinstance(session, AsyncTransactionSession)
        async with nullcontext(session) if is_inside else session.transaction() as session:
            inside = self._runner.within(session)
            await inside.run(stream.open())
            while rows := await inside.run(stream.fetch()):
                for row in rows:
                    yield row
            await inside.run(stream.close())


class AsyncKeyedReads(
    AsyncReads[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]
):
    """The additional methods of a model or view with a unique field."""

    def selecting(
        self, row_class: type[_T]
    ) -> AsyncKeyedReads[_T, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]:
        """The same methods, with instances of a class in place of rows: its fields are read, and no others.

        It is a pydantic model, a dataclass or a TypedDict.
        """
        selected: AsyncKeyedReads[
            _T, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group
        ] = self._selecting(row_class)
        return selected

    async def find_unique(
        self,
        where: _Unique,
        include: _Include = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row | None:
        """The row with this unique field or compound key, or None."""
        row: _Row | None = await self._run(
            find_operations.find_unique(
                self._table,
                where,
                ReadOptions(include, omit, self._select),
                lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )
        return row

    async def find_unique_or_raise(
        self,
        where: _Unique,
        include: _Include = UNSET,
        *,
        omit: Sequence[_Field] = UNSET,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row:
        """The row with this unique field or compound key. Raises RecordNotFoundError if there is none."""
        steps = find_operations.find_unique(
            self._table,
            where,
            ReadOptions(include, omit, self._select),
            lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
        )
        row: _Row = await self._run(find_operations.or_raise(self._table, steps))
        return row


def keyed_reads_of(
    runner: AsyncRunner, model: str
) -> AsyncKeyedReads[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """As ``actions_of``, for a view with keys."""
    return AsyncKeyedReads(runner, model)


def reads_of(runner: AsyncRunner, model: str) -> AsyncReads[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """As ``actions_of``, for a view without keys."""
    return AsyncReads(runner, model)
