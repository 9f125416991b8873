"""Types of the conditions on a list, and of changes to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeAlias, TypedDict, TypeVar

from ..fields import BytesInput, DateTimeInput, DecimalInput, Json, JsonFieldInput

_T = TypeVar("_T")
_Items = TypeVar("_Items")
#: The lists of a ``Decimal`` field.
DecimalItems: TypeAlias = "list[DecimalInput] | Sequence[Decimal | int] | list[str]"
#: The lists of a ``DateTime`` field.
DateTimeItems: TypeAlias = "list[DateTimeInput] | Sequence[datetime] | list[str]"
#: The lists of a ``Json`` field.
JsonItems: TypeAlias = "list[JsonFieldInput] | Sequence[Json] | list[str]"


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


# The names that Prisma Client Python has for some of these.
BigIntListFilter: TypeAlias = IntListFilter
BigIntListUpdate: TypeAlias = IntListUpdate
