"""Types of the conditions on groups of rows."""

from __future__ import annotations

from typing import TypeAlias, TypedDict

from ..fields import DateTimeInput, DecimalInput
from .scalars import (
    BooleanFilter,
    BytesFilter,
    DateTimeFilter,
    DecimalFilter,
    FloatFilter,
    IntFilter,
    JsonFilter,
    StringFilter,
)


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
BigIntWithAggregatesFilter: TypeAlias = IntAggregates
BooleanWithAggregatesFilter: TypeAlias = BooleanAggregates
BytesWithAggregatesFilter: TypeAlias = BytesAggregates
DateTimeWithAggregatesFilter: TypeAlias = DateTimeAggregates
DecimalWithAggregatesFilter: TypeAlias = DecimalAggregates
FloatWithAggregatesFilter: TypeAlias = FloatAggregates
IntWithAggregatesFilter: TypeAlias = IntAggregates
JsonWithAggregatesFilter: TypeAlias = JsonAggregates
StringWithAggregatesFilter: TypeAlias = StringAggregates
