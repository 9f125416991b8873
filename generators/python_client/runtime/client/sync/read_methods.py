# Generated from client/aio/read_methods.py by `make blocking`: change that file, not this one.
# ruff: noqa: PLR0917 - the order of arguments is that of Prisma Client Python
"""The reading methods of models and views on a blocking client. Each method is one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar, overload

from ...observability.error_details import reported
from ...operations import find_operations
from ...public.errors import PrismaError
from ...results.row_classes import ReadOptions
from ...sql.queries import lock_of
from .aggregate_methods import Numbers
from .session import TransactionSession
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


class Reads(Numbers[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]):
    """The reading methods of every model and view."""

    @overload
    def find_first(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row | None: ...

    @overload
    def find_first(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        select: type[_T],
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _T | None: ...

    def find_first(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> Any:
        """The first row that matches, or None."""
        return self._run(
            find_operations.find_first(
                self._table,
                ReadOptions(include, omit, select or self._select),
                skip=skip,
                where=where,
                cursor=cursor,
                order=order,
                distinct=distinct,
                lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )

    @overload
    def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row: ...

    @overload
    def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        select: type[_T],
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _T: ...

    def find_first_or_raise(
        self,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> Any:
        """The first row that matches. Raises RecordNotFoundError if none does."""
        steps = find_operations.find_first(
            self._table,
            ReadOptions(include, omit, select or self._select),
            skip=skip,
            where=where,
            cursor=cursor,
            order=order,
            distinct=distinct,
            lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
        )
        return self._run(find_operations.or_raise(self._table, steps))

    @overload
    def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> list[_Row]: ...

    @overload
    def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        select: type[_T],
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> list[_T]: ...

    def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> Any:
        """The rows that match, at most ``take`` after ``skip``; the last ones if ``take`` is negative.

        With ``cursor`` they begin (the last ones: end) with the row it addresses. ``select`` is a class (a
        pydantic model, dataclass or TypedDict) whose fields are read, and whose instances are returned.
        """
        return self._run(
            find_operations.find_many(
                self._table,
                ReadOptions(include, omit, select or self._select),
                take=take,
                skip=skip,
                where=where,
                cursor=cursor,
                order=order,
                distinct=distinct,
                lock=lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )

    @overload
    def iterate(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        batch_size: int = 1000,
        omit: Sequence[_Field] | None = None,
        select: None = None,
    ) -> Stream[_Row]: ...

    @overload
    def iterate(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        batch_size: int = 1000,
        select: type[_T],
    ) -> Stream[_T]: ...

    def iterate(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
        include: _Include | None = None,
        order: _Order | Sequence[_Order] | None = None,
        distinct: Sequence[_Field] | None = None,
        *,
        batch_size: int = 1000,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
    ) -> Stream[Any]:
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
            read_options = ReadOptions(include, omit, select or self._select)
            stream = find_operations.Stream(self._table, read_options, batch_size, arguments)
        except PrismaError as error:
            reported(error, self._runner.schema)
            raise
        return self._streamed(stream)

    def _streamed(self, stream: find_operations.Stream) -> Stream[Any]:
        session = self._runner.session.reads
        # A savepoint would have to end before one that another stream began later.
        is_inside = isinstance(session, TransactionSession)
        with nullcontext(session) if is_inside else session.transaction() as session:
            inside = self._runner.within(session)
            inside.run(stream.open())
            while rows := inside.run(stream.fetch()):
                yield from rows
            inside.run(stream.close())


class KeyedReads(
    Reads[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]
):
    """The additional methods of a model or view with a unique field."""

    @overload
    def find_unique(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row | None: ...

    @overload
    def find_unique(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        select: type[_T],
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _T | None: ...

    def find_unique(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> Any:
        """The row with this unique field or compound key, or None."""
        return self._run(
            find_operations.find_unique(
                self._table,
                where,
                ReadOptions(include, omit, select or self._select),
                lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
            )
        )

    @overload
    def find_unique_or_raise(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _Row: ...

    @overload
    def find_unique_or_raise(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        select: type[_T],
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> _T: ...

    def find_unique_or_raise(
        self,
        where: _Unique,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
        select: type[Any] | None = None,
        for_update: bool = False,
        skip_locked: bool = False,
        nowait: bool = False,
    ) -> Any:
        """The row with this unique field or compound key. Raises RecordNotFoundError if there is none."""
        steps = find_operations.find_unique(
            self._table,
            where,
            ReadOptions(include, omit, select or self._select),
            lock_of(for_update=for_update, skip_locked=skip_locked, nowait=nowait),
        )
        return self._run(find_operations.or_raise(self._table, steps))
