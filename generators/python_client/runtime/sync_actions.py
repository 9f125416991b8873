# ruff: noqa: PLR0917 - the order of arguments is that of Prisma Client Python
"""What a model offers on a blocking client. Each method is one operation handed to the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from . import create_many, reads, writes
from .schema import Schema, Table
from .sync_session import Session
from .writes import Write

_T = TypeVar("_T")
_Row = TypeVar("_Row")
_Where = TypeVar("_Where", bound=Mapping[str, object])
_Unique = TypeVar("_Unique", bound=Mapping[str, object])
_Order = TypeVar("_Order", bound=Mapping[str, object])
_Include = TypeVar("_Include", bound=Mapping[str, object])
_Field = TypeVar("_Field", bound=str)
_Create = TypeVar("_Create", bound=Mapping[str, object])
_Update = TypeVar("_Update", bound=Mapping[str, object])
_UpdateMany = TypeVar("_UpdateMany", bound=Mapping[str, object])
_Upsert = TypeVar("_Upsert", bound=Mapping[str, object])


class Reads(Generic[_Row, _Where, _Unique, _Order, _Include, _Field]):
    """What every model and view can do."""

    def __init__(self, session: Session, schema: Schema, model: str) -> None:
        self._session = session
        self._table: Table[_Row] = schema.table(model)

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
    ) -> _Row | None:
        """The first row that matches, or None."""
        return self._session.run(
            reads.find_first(
                self._table,
                skip=skip,
                where=where,
                cursor=cursor,
                include=include,
                order=order,
                distinct=distinct,
                omit=omit,
            )
        )

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
    ) -> _Row:
        """The first row that matches. Raises RecordNotFoundError if none does."""
        steps = reads.find_first(
            self._table,
            skip=skip,
            where=where,
            cursor=cursor,
            include=include,
            order=order,
            distinct=distinct,
            omit=omit,
        )
        return self._session.run(reads.or_raise(self._table, steps))

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
    ) -> list[_Row]:
        """The rows that match, at most ``take`` after ``skip``; the last ones if ``take`` is negative.

        ``cursor`` begins with (or, for the last ones, ends with) the row it addresses.
        """
        return self._session.run(
            reads.find_many(
                self._table,
                take=take,
                skip=skip,
                where=where,
                cursor=cursor,
                include=include,
                order=order,
                distinct=distinct,
                omit=omit,
            )
        )

    def count(
        self,
        *,
        take: int | None = None,
        skip: int | None = None,
        where: _Where | None = None,
        cursor: _Unique | None = None,
    ) -> int:
        """How many rows match."""
        return self._session.run(reads.count(self._table, take=take, skip=skip, where=where, cursor=cursor))


class KeyedReads(Reads[_Row, _Where, _Unique, _Order, _Include, _Field]):
    """What a model or view with a unique field can do besides."""

    def find_unique(
        self, where: _Unique, include: _Include | None = None, *, omit: Sequence[_Field] | None = None
    ) -> _Row | None:
        """The row with this unique field or compound key, or None."""
        return self._session.run(reads.find_unique(self._table, where, include, omit))

    def find_unique_or_raise(
        self, where: _Unique, include: _Include | None = None, *, omit: Sequence[_Field] | None = None
    ) -> _Row:
        """The row with this unique field or compound key. Raises RecordNotFoundError if there is none."""
        steps = reads.find_unique(self._table, where, include, omit)
        return self._session.run(reads.or_raise(self._table, steps))


class Actions(
    KeyedReads[_Row, _Where, _Unique, _Order, _Include, _Field],
    Generic[_Row, _Where, _Unique, _Order, _Include, _Field, _Create, _Update, _UpdateMany, _Upsert],
):
    """What a model can do."""

    def create(
        self, data: _Create, include: _Include | None = None, *, omit: Sequence[_Field] | None = None
    ) -> _Row:
        """Insert a row, and what is nested in ``data``; return it as the database holds it."""
        return self._written(writes.create(self._table, data, include, omit))

    def create_many(self, data: Sequence[_Create], *, skip_duplicates: bool = False) -> int:
        """Insert all rows or none; how many were inserted. ``skip_duplicates`` passes over existing ones."""
        prepared = create_many.statements(self._table, data, skip_duplicates=skip_duplicates)
        return self._session.run(create_many.create_many(prepared), atomic=len(prepared) > 1)

    def update(
        self,
        data: _Update,
        where: _Unique,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
    ) -> _Row | None:
        """Change the row with this unique field or compound key; None if there is none."""
        return self._written(writes.update(self._table, data, where, include, omit))

    def upsert(
        self,
        where: _Unique,
        data: _Upsert,
        include: _Include | None = None,
        *,
        omit: Sequence[_Field] | None = None,
    ) -> _Row:
        """Change the row with this unique field or compound key, or insert one.

        It is a single ON CONFLICT statement where the new row has the very key of ``where``.
        """
        return self._written(writes.upsert(self._table, where, data, include, omit))

    def delete(
        self, where: _Unique, include: _Include | None = None, *, omit: Sequence[_Field] | None = None
    ) -> _Row | None:
        """Delete the row with this unique field or compound key; None if there is none."""
        return self._written(writes.delete(self._table, where, include, omit))

    def update_many(self, data: _UpdateMany, where: _Where) -> int:
        """Change all rows that match; how many there were."""
        return self._written(writes.update_many(self._table, data, where))

    def delete_many(self, where: _Where | None = None) -> int:
        """Delete all rows that match; how many there were."""
        return self._written(writes.delete_many(self._table, where))

    def _written(self, write: Write[_T]) -> _T:
        return self._session.run(write.steps, atomic=write.is_atomic)
