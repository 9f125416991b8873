"""The types of the conditions on one field in a ``where``, for type checkers and editors; nothing here runs.

``in`` and ``not`` can't be names in class syntax, so TypedDicts with these use the functional one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar

from .fields import BytesInput, DecimalInput, Json

#: The direction of one key of an ``order``.
SortOrder: TypeAlias = Literal["asc", "desc"]

_T = TypeVar("_T")
#: The lists of a ``Decimal`` field.
DecimalItems: TypeAlias = "list[DecimalInput] | Sequence[Decimal | int] | list[str]"


#: What nested writes take: one, or some.
OneOrMore: TypeAlias = _T | Sequence[_T]


class SortNulls(TypedDict):
    """A direction, and where rows without a value are placed."""

    sort: SortOrder
    nulls: NotRequired[Literal["first", "last"]]


class CountOrder(TypedDict):
    """An order by the number of related rows."""

    _count: SortOrder


class CountWhere(TypedDict, Generic[_T]):
    """Which related rows to count."""

    where: _T


class ListFilter(TypedDict, Generic[_T], total=False):
    """Operators of a list. A list that was never set is neither empty nor filled."""

    equals: list[_T] | None
    has: _T
    has_every: Sequence[_T]
    has_some: Sequence[_T]
    is_empty: bool


class ListSet(TypedDict, Generic[_T]):
    """A new row's list."""

    set: list[_T]


class ListUpdate(TypedDict, Generic[_T], total=False):
    """One change to a list: another one, or more items at its end."""

    set: list[_T]
    push: _T | list[_T]


class ValueUpdate(TypedDict, Generic[_T]):
    """A new value."""

    set: _T


class NumberUpdate(TypedDict, Generic[_T], total=False):
    """One change to a number, made by the database: no other change is lost between reading and writing."""

    set: _T | None
    increment: _T
    decrement: _T
    multiply: _T
    divide: _T


_StringIn = TypedDict("_StringIn", {"in": "Sequence[str]"}, total=False)


class StringConditions(_StringIn, total=False):
    """Operators of a ``String`` field, but for ``not``."""

    equals: str | None
    not_in: Sequence[str]
    lt: str
    lte: str
    gt: str
    gte: str
    contains: str
    startswith: str
    endswith: str
    mode: Literal["default", "insensitive"]
    search: str


_StringNot = TypedDict("_StringNot", {"not": "str | StringFilter | None"}, total=False)


class StringFilter(StringConditions, _StringNot, total=False):
    """Operators of a ``String`` field."""


_IntIn = TypedDict("_IntIn", {"in": "Sequence[int]"}, total=False)


class IntConditions(_IntIn, total=False):
    """Operators of a ``Int`` field, but for ``not``."""

    equals: int | None
    not_in: Sequence[int]
    lt: int
    lte: int
    gt: int
    gte: int


_IntNot = TypedDict("_IntNot", {"not": "int | IntFilter | None"}, total=False)


class IntFilter(IntConditions, _IntNot, total=False):
    """Operators of a ``Int`` field."""


_FloatIn = TypedDict("_FloatIn", {"in": "Sequence[float]"}, total=False)


class FloatConditions(_FloatIn, total=False):
    """Operators of a ``Float`` field, but for ``not``."""

    equals: float | None
    not_in: Sequence[float]
    lt: float
    lte: float
    gt: float
    gte: float


_FloatNot = TypedDict("_FloatNot", {"not": "float | FloatFilter | None"}, total=False)


class FloatFilter(FloatConditions, _FloatNot, total=False):
    """Operators of a ``Float`` field."""


_DecimalIn = TypedDict("_DecimalIn", {"in": "Sequence[DecimalInput]"}, total=False)


class DecimalConditions(_DecimalIn, total=False):
    """Operators of a ``Decimal`` field, but for ``not``."""

    equals: DecimalInput | None
    not_in: Sequence[DecimalInput]
    lt: DecimalInput
    lte: DecimalInput
    gt: DecimalInput
    gte: DecimalInput


_DecimalNot = TypedDict("_DecimalNot", {"not": "DecimalInput | DecimalFilter | None"}, total=False)


class DecimalFilter(DecimalConditions, _DecimalNot, total=False):
    """Operators of a ``Decimal`` field."""


_DateTimeIn = TypedDict("_DateTimeIn", {"in": "Sequence[datetime]"}, total=False)


class DateTimeConditions(_DateTimeIn, total=False):
    """Operators of a ``DateTime`` field, but for ``not``."""

    equals: datetime | None
    not_in: Sequence[datetime]
    lt: datetime
    lte: datetime
    gt: datetime
    gte: datetime


_DateTimeNot = TypedDict("_DateTimeNot", {"not": "datetime | DateTimeFilter | None"}, total=False)


class DateTimeFilter(DateTimeConditions, _DateTimeNot, total=False):
    """Operators of a ``DateTime`` field."""


_BytesIn = TypedDict("_BytesIn", {"in": "Sequence[BytesInput]"}, total=False)


class BytesConditions(_BytesIn, total=False):
    """Operators of a ``Bytes`` field, but for ``not``."""

    equals: BytesInput | None
    not_in: Sequence[BytesInput]


_BytesNot = TypedDict("_BytesNot", {"not": "BytesInput | BytesFilter | None"}, total=False)


class BytesFilter(BytesConditions, _BytesNot, total=False):
    """Operators of a ``Bytes`` field."""


class BooleanConditions(TypedDict, total=False):
    """Operators of a ``Boolean`` field, but for ``not``."""

    equals: bool | None


_BooleanNot = TypedDict("_BooleanNot", {"not": "bool | BooleanFilter | None"}, total=False)


class BooleanFilter(BooleanConditions, _BooleanNot, total=False):
    """Operators of a ``Boolean`` field."""


class JsonConditions(TypedDict, total=False):
    """Operators of a ``Json`` field, but for ``not``."""

    equals: Json | None
    path: Sequence[str | int]
    string_contains: str
    string_starts_with: str
    string_ends_with: str
    array_contains: Json
    array_starts_with: Json
    array_ends_with: Json
    lt: Json
    lte: Json
    gt: Json
    gte: Json


_JsonNot = TypedDict("_JsonNot", {"not": "Json | JsonFilter | None"}, total=False)


class JsonFilter(JsonConditions, _JsonNot, total=False):
    """Operators of a ``Json`` field."""


class CountAggregates(TypedDict, total=False):
    """Conditions on how many rows of a group have a value."""

    _count: int | IntFilter


class StringAggregates(StringFilter, CountAggregates, total=False):
    """Conditions on a ``String`` field of groups, or on numbers about it."""

    _min: str | StringFilter
    _max: str | StringFilter


class BooleanAggregates(BooleanFilter, CountAggregates, total=False):
    """Conditions on a ``Boolean`` field of groups, or on numbers about it."""


class IntAggregates(IntFilter, CountAggregates, total=False):
    """Conditions on a ``Int`` field of groups, or on numbers about it."""

    _min: int | IntFilter
    _max: int | IntFilter
    _avg: float | FloatFilter
    _sum: int | IntFilter


class FloatAggregates(FloatFilter, CountAggregates, total=False):
    """Conditions on a ``Float`` field of groups, or on numbers about it."""

    _min: float | FloatFilter
    _max: float | FloatFilter
    _avg: float | FloatFilter
    _sum: float | FloatFilter


class DecimalAggregates(DecimalFilter, CountAggregates, total=False):
    """Conditions on a ``Decimal`` field of groups, or on numbers about it."""

    _min: DecimalInput | DecimalFilter
    _max: DecimalInput | DecimalFilter
    _avg: DecimalInput | DecimalFilter
    _sum: DecimalInput | DecimalFilter


class DateTimeAggregates(DateTimeFilter, CountAggregates, total=False):
    """Conditions on a ``DateTime`` field of groups, or on numbers about it."""

    _min: datetime | DateTimeFilter
    _max: datetime | DateTimeFilter


class JsonAggregates(JsonFilter, CountAggregates, total=False):
    """Conditions on a ``Json`` field of groups, or on numbers about it."""


class BytesAggregates(BytesFilter, CountAggregates, total=False):
    """Conditions on a ``Bytes`` field of groups, or on numbers about it."""
