"""The types of the conditions on one field in a ``where``, for type checkers and editors; nothing here runs.

``in`` and ``not`` can't be names in class syntax, so TypedDicts with these use the functional one. Names in
camelCase are those of Prisma's client for Node.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar

from .fields import BytesInput, DateTimeInput, DecimalInput, Json, JsonFieldInput, JsonInput

#: The direction of one key of an ``order``.
SortOrder: TypeAlias = Literal["asc", "desc"]

_T = TypeVar("_T")
_Items = TypeVar("_Items")
#: The lists of a ``Decimal`` field.
DecimalItems: TypeAlias = "list[DecimalInput] | Sequence[Decimal | int] | list[str]"
#: The lists of a ``DateTime`` field.
DateTimeItems: TypeAlias = "list[DateTimeInput] | Sequence[datetime] | list[str]"
#: The lists of a ``Json`` field.
JsonItems: TypeAlias = "list[JsonFieldInput] | Sequence[Json] | list[str]"


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


class ListFilter(TypedDict, Generic[_T, _Items], total=False):
    """Operators of a list. A list that was never set is neither empty nor filled."""

    equals: _Items | None
    has: _T
    has_every: Collection[_T]
    has_some: Collection[_T]
    is_empty: bool
    hasEvery: Collection[_T]
    hasSome: Collection[_T]
    isEmpty: bool


class ListSet(TypedDict, Generic[_Items]):
    """A new row's list."""

    set: _Items


class ListUpdate(TypedDict, Generic[_T, _Items], total=False):
    """One change to a list: another one, or more items at its end."""

    set: _Items
    push: _T | _Items


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


# One for each type of field: a checker takes the type of a generic one's list from the value, and an own
# type is a list of its own.
class StringListFilter(ListFilter[str, list[str]], total=False):
    """Operators of a list of a ``String`` field."""


class StringListSet(ListSet[list[str]]):
    """A new row's list of a ``String`` field."""


class StringListUpdate(ListUpdate[str, list[str]], total=False):
    """One change to a list of a ``String`` field."""


class BooleanListFilter(ListFilter[bool, Sequence[bool]], total=False):
    """Operators of a list of a ``Boolean`` field."""


class BooleanListSet(ListSet[Sequence[bool]]):
    """A new row's list of a ``Boolean`` field."""


class BooleanListUpdate(ListUpdate[bool, Sequence[bool]], total=False):
    """One change to a list of a ``Boolean`` field."""


class IntListFilter(ListFilter[int, Sequence[int]], total=False):
    """Operators of a list of a ``Int`` field."""


class IntListSet(ListSet[Sequence[int]]):
    """A new row's list of a ``Int`` field."""


class IntListUpdate(ListUpdate[int, Sequence[int]], total=False):
    """One change to a list of a ``Int`` field."""


class FloatListFilter(ListFilter[float, Sequence[float]], total=False):
    """Operators of a list of a ``Float`` field."""


class FloatListSet(ListSet[Sequence[float]]):
    """A new row's list of a ``Float`` field."""


class FloatListUpdate(ListUpdate[float, Sequence[float]], total=False):
    """One change to a list of a ``Float`` field."""


class DecimalListFilter(ListFilter[DecimalInput, Sequence[DecimalInput]], total=False):
    """Operators of a list of a ``Decimal`` field."""


class DecimalListSet(ListSet[Sequence[DecimalInput]]):
    """A new row's list of a ``Decimal`` field."""


class DecimalListUpdate(ListUpdate[DecimalInput, Sequence[DecimalInput]], total=False):
    """One change to a list of a ``Decimal`` field."""


class DateTimeListFilter(ListFilter[DateTimeInput, Sequence[DateTimeInput]], total=False):
    """Operators of a list of a ``DateTime`` field."""


class DateTimeListSet(ListSet[Sequence[DateTimeInput]]):
    """A new row's list of a ``DateTime`` field."""


class DateTimeListUpdate(ListUpdate[DateTimeInput, Sequence[DateTimeInput]], total=False):
    """One change to a list of a ``DateTime`` field."""


class JsonListFilter(ListFilter[JsonFieldInput, Sequence[JsonFieldInput]], total=False):
    """Operators of a list of a ``Json`` field."""


class JsonListSet(ListSet[Sequence[JsonFieldInput]]):
    """A new row's list of a ``Json`` field."""


class JsonListUpdate(ListUpdate[JsonFieldInput, Sequence[JsonFieldInput]], total=False):
    """One change to a list of a ``Json`` field."""


class BytesListFilter(ListFilter[BytesInput, Sequence[BytesInput]], total=False):
    """Operators of a list of a ``Bytes`` field."""


class BytesListSet(ListSet[Sequence[BytesInput]]):
    """A new row's list of a ``Bytes`` field."""


class BytesListUpdate(ListUpdate[BytesInput, Sequence[BytesInput]], total=False):
    """One change to a list of a ``Bytes`` field."""


_StringIn = TypedDict(
    "_StringIn",
    {"in": "Collection[str]", "notIn": "Collection[str]", "startsWith": "str", "endsWith": "str"},
    total=False,
)


class StringConditions(_StringIn, total=False):
    """Operators of a ``String`` field, but for ``not``."""

    equals: str | None
    not_in: Collection[str]
    lt: str
    lte: str
    gt: str
    gte: str
    contains: str
    startswith: str
    endswith: str
    mode: SortMode
    search: str


_StringNot = TypedDict("_StringNot", {"not": "str | StringFilter | None"}, total=False)


class StringFilter(StringConditions, _StringNot, total=False):
    """Operators of a ``String`` field."""


_IntIn = TypedDict("_IntIn", {"in": "Collection[int]", "notIn": "Collection[int]"}, total=False)


class IntConditions(_IntIn, total=False):
    """Operators of a ``Int`` field, but for ``not``."""

    equals: int | None
    not_in: Collection[int]
    lt: int
    lte: int
    gt: int
    gte: int


_IntNot = TypedDict("_IntNot", {"not": "int | IntFilter | None"}, total=False)


class IntFilter(IntConditions, _IntNot, total=False):
    """Operators of a ``Int`` field."""


_FloatIn = TypedDict("_FloatIn", {"in": "Collection[float]", "notIn": "Collection[float]"}, total=False)


class FloatConditions(_FloatIn, total=False):
    """Operators of a ``Float`` field, but for ``not``."""

    equals: float | None
    not_in: Collection[float]
    lt: float
    lte: float
    gt: float
    gte: float


_FloatNot = TypedDict("_FloatNot", {"not": "float | FloatFilter | None"}, total=False)


class FloatFilter(FloatConditions, _FloatNot, total=False):
    """Operators of a ``Float`` field."""


_DecimalIn = TypedDict(
    "_DecimalIn", {"in": "Collection[DecimalInput]", "notIn": "Collection[DecimalInput]"}, total=False
)


class DecimalConditions(_DecimalIn, total=False):
    """Operators of a ``Decimal`` field, but for ``not``."""

    equals: DecimalInput | None
    not_in: Collection[DecimalInput]
    lt: DecimalInput
    lte: DecimalInput
    gt: DecimalInput
    gte: DecimalInput


_DecimalNot = TypedDict("_DecimalNot", {"not": "DecimalInput | DecimalFilter | None"}, total=False)


class DecimalFilter(DecimalConditions, _DecimalNot, total=False):
    """Operators of a ``Decimal`` field."""


_DateTimeIn = TypedDict(
    "_DateTimeIn", {"in": "Collection[DateTimeInput]", "notIn": "Collection[DateTimeInput]"}, total=False
)


class DateTimeConditions(_DateTimeIn, total=False):
    """Operators of a ``DateTime`` field, but for ``not``."""

    equals: DateTimeInput | None
    not_in: Collection[DateTimeInput]
    lt: DateTimeInput
    lte: DateTimeInput
    gt: DateTimeInput
    gte: DateTimeInput


_DateTimeNot = TypedDict("_DateTimeNot", {"not": "DateTimeInput | DateTimeFilter | None"}, total=False)


class DateTimeFilter(DateTimeConditions, _DateTimeNot, total=False):
    """Operators of a ``DateTime`` field."""


_BytesIn = TypedDict(
    "_BytesIn", {"in": "Collection[BytesInput]", "notIn": "Collection[BytesInput]"}, total=False
)


class BytesConditions(_BytesIn, total=False):
    """Operators of a ``Bytes`` field, but for ``not``."""

    equals: BytesInput | None
    not_in: Collection[BytesInput]


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

    equals: JsonFieldInput | None
    path: Sequence[str | int]
    string_contains: str
    string_starts_with: str
    string_ends_with: str
    array_contains: JsonFieldInput
    array_starts_with: JsonFieldInput
    array_ends_with: JsonFieldInput
    lt: JsonFieldInput
    lte: JsonFieldInput
    gt: JsonFieldInput
    gte: JsonFieldInput


_JsonNot = TypedDict("_JsonNot", {"not": "JsonFieldInput | JsonFilter | None"}, total=False)


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

    _min: DateTimeInput | DateTimeFilter
    _max: DateTimeInput | DateTimeFilter


class JsonAggregates(JsonFilter, CountAggregates, total=False):
    """Conditions on a ``Json`` field of groups, or on numbers about it."""


class BytesAggregates(BytesFilter, CountAggregates, total=False):
    """Conditions on a ``Bytes`` field of groups, or on numbers about it."""


# The names that Prisma Client Python has for some of these.
SortMode: TypeAlias = Literal["default", "insensitive"]
Serializable: TypeAlias = "JsonInput"
AtomicIntInput: TypeAlias = NumberUpdate[int]
AtomicBigIntInput: TypeAlias = NumberUpdate[int]
AtomicFloatInput: TypeAlias = NumberUpdate[float]
BigIntFilter: TypeAlias = IntFilter
BigIntListFilter: TypeAlias = IntListFilter
BigIntListUpdate: TypeAlias = IntListUpdate
BigIntWithAggregatesFilter: TypeAlias = IntAggregates
BooleanWithAggregatesFilter: TypeAlias = BooleanAggregates
BytesWithAggregatesFilter: TypeAlias = BytesAggregates
DateTimeWithAggregatesFilter: TypeAlias = DateTimeAggregates
DecimalWithAggregatesFilter: TypeAlias = DecimalAggregates
FloatWithAggregatesFilter: TypeAlias = FloatAggregates
IntWithAggregatesFilter: TypeAlias = IntAggregates
JsonWithAggregatesFilter: TypeAlias = JsonAggregates
StringWithAggregatesFilter: TypeAlias = StringAggregates
