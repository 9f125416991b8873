"""Types of the conditions on one value.

``in`` and ``not`` can't be names in class syntax, so TypedDicts with these use the functional one. Names in
camelCase are those of Prisma's client for Node.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias, TypedDict

from ..fields import BytesInput, DateTimeInput, DecimalInput, JsonFieldInput, JsonInput

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


# The names that Prisma Client Python has for some of these.
SortMode: TypeAlias = Literal["default", "insensitive"]
Serializable: TypeAlias = "JsonInput"
BigIntFilter: TypeAlias = IntFilter
