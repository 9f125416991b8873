# Generated from client/aio/aggregate_methods.py by `make blocking`: change that file, not this one.
# ruff: noqa: PLR0917 - the order of arguments is that of Prisma Client Python
"""Counts and aggregates, on a blocking client. Each method is one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, LiteralString, TypeAlias, TypeVar

from ...operations import aggregates, find_operations, raw
from ...public.errors import DataError
from ...sql.plans import Steps
from ...tables import Table
from ...unset import UNSET
from .runner import Runner

if TYPE_CHECKING:
    # The types of all filters: a tenth of the time of an import.
    from ...public.filters.orders import SortOrder

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

_Function: TypeAlias = Literal["_count", "_avg", "_sum", "_min", "_max"]


class Numbers(Generic[_Row, _Where, _Unique, _Order, _Include, _Field, _Number, _Having, _Aggregate, _Group]):
    """The counts and aggregates of every model and view."""

    def __init__(self, runner: Runner, model: str, select: type[Any] | None = None) -> None:
        self._runner, self._select = runner, select
        self._table: Table[_Row] = runner.schema.table(model)
        self._run = runner.run

    def _selecting(self, row_class: type[Any]) -> Any:
        return type(self)(self._runner, self._table.name, row_class)

    def query_raw(self, query: LiteralString, *args: Any) -> list[_Row]:
        """The rows of a query, as this model's. Values are ``$1``, ``$2``, ..."""
        row_class = self._select or self._table.row_class
        try:
            return self._run(raw.query_raw(self._runner.schema, query, args, row_class))
        except DataError as error:
            raise raw.refused(error) from error.__cause__

    def query_first(self, query: LiteralString, *args: Any) -> _Row | None:
        """The first row of a query, as this model's; None if there is none. Values are ``$1``, ``$2``, ..."""
        row_class = self._select or self._table.row_class
        try:
            row: _Row | None = self._run(raw.query_first(self._runner.schema, query, args, row_class))
        except DataError as error:
            raise raw.refused(error) from error.__cause__
        return row

    def count(
        self,
        select: None = None,
        take: int | None = None,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
    ) -> int:
        """How many rows match.

        ``select`` is for code written for Prisma Client Python: with it, the result is :meth:`count_fields`'.
        """
        steps: Steps[Any] = (
            find_operations.count(self._table, take=take, skip=skip, where=where, cursor=cursor)
            if select is None
            else aggregates.count_fields(
                self._table, select, take=take, skip=skip, where=where, cursor=cursor
            )
        )
        found: int = self._run(steps)
        return found

    def count_fields(
        self,
        select: Mapping[_Field | Literal["_all"], bool],
        take: int | None = None,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
    ) -> dict[str, int]:
        """How many of the rows that match have a value in each of some fields; ``_all`` counts the rows."""
        return self._run(
            aggregates.count_fields(self._table, select, take=take, skip=skip, where=where, cursor=cursor)
        )

    def aggregate(
        self,
        where: _Where = UNSET,
        *,
        count: bool | Mapping[_Field | Literal["_all"], bool] | None = None,
        avg: Mapping[_Number, bool] = UNSET,
        sum: Mapping[_Number, bool] = UNSET,  # noqa: A002 - Prisma's name
        min: Mapping[_Field, bool] = UNSET,  # noqa: A002
        max: Mapping[_Field, bool] = UNSET,  # noqa: A002
        order: _Order = UNSET,
        cursor: _Unique = UNSET,
        take: int | None = None,
        skip: int | None = None,
    ) -> _Aggregate:
        """Aggregates over all rows that match; the result has the requested keys."""
        asked = {"_count": count, "_avg": avg, "_sum": sum, "_min": min, "_max": max}
        steps: Steps[Any] = aggregates.aggregate(
            self._table, asked, where=where, order=order, cursor=cursor, take=take, skip=skip
        )
        found: _Aggregate = self._run(steps)
        return found

    def group_by(
        self,
        by: Sequence[_Field],
        *,
        where: _Where = UNSET,
        take: int | None = None,
        skip: int | None = None,
        avg: Mapping[_Number, bool] = UNSET,
        sum: Mapping[_Number, bool] = UNSET,  # noqa: A002 - Prisma's name
        min: Mapping[_Field, bool] = UNSET,  # noqa: A002
        max: Mapping[_Field, bool] = UNSET,  # noqa: A002
        having: _Having = UNSET,
        count: bool | Mapping[_Field | Literal["_all"], bool] | None = None,
        order: Mapping[_Field | _Function, SortOrder | Mapping[_Field | Literal["_all"], SortOrder]] = UNSET,
    ) -> list[_Group]:
        """Aggregates over each group of rows that are equal in the fields ``by``.

        The results have those fields and the requested keys.
        """
        asked = {"_count": count, "_avg": avg, "_sum": sum, "_min": min, "_max": max}
        steps: Steps[Any] = aggregates.group_by(
            self._table, by, asked, where=where, having=having, order=order, take=take, skip=skip
        )
        found: list[_Group] = self._run(steps)
        return found

    def explain(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: _Where = UNSET,
        cursor: _Unique = UNSET,
        order: _Order = UNSET,
        distinct: Sequence[_Field] = UNSET,
        *,
        analyze: bool = False,
    ) -> str:
        """Postgres' plan for the same ``find_many``; with ``analyze`` it is run, and measured."""
        return self._run(
            find_operations.explain(
                self._table,
                analyze=analyze,
                take=take,
                skip=skip,
                where=where,
                cursor=cursor,
                order=order,
                distinct=distinct,
            )
        )
