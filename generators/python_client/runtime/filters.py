"""What a ``where`` can ask of one field, as types. Nothing here runs: a checker and an editor read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from .fields import DecimalInput, Json

#: The direction of one key of an ``order``.
SortOrder: TypeAlias = Literal["asc", "desc"]


# "not" and "in" are no names in class syntax.
_StringWords = TypedDict(
    "_StringWords",
    {"not": "str | StringFilter | None", "in": "Sequence[str]"},
    total=False,
)


class StringFilter(_StringWords, total=False):
    """Operators of a ``String`` field."""

    equals: str | None
    not_in: Sequence[str]
    lt: str
    lte: str
    gt: str
    gte: str
    contains: str
    startswith: str
    endswith: str


# "not" and "in" are no names in class syntax.
_IntWords = TypedDict(
    "_IntWords",
    {"not": "int | IntFilter | None", "in": "Sequence[int]"},
    total=False,
)


class IntFilter(_IntWords, total=False):
    """Operators of a ``Int`` field."""

    equals: int | None
    not_in: Sequence[int]
    lt: int
    lte: int
    gt: int
    gte: int


# "not" and "in" are no names in class syntax.
_FloatWords = TypedDict(
    "_FloatWords",
    {"not": "float | FloatFilter | None", "in": "Sequence[float]"},
    total=False,
)


class FloatFilter(_FloatWords, total=False):
    """Operators of a ``Float`` field."""

    equals: float | None
    not_in: Sequence[float]
    lt: float
    lte: float
    gt: float
    gte: float


# "not" and "in" are no names in class syntax.
_DecimalWords = TypedDict(
    "_DecimalWords",
    {"not": "DecimalInput | DecimalFilter | None", "in": "Sequence[DecimalInput]"},
    total=False,
)


class DecimalFilter(_DecimalWords, total=False):
    """Operators of a ``Decimal`` field."""

    equals: DecimalInput | None
    not_in: Sequence[DecimalInput]
    lt: DecimalInput
    lte: DecimalInput
    gt: DecimalInput
    gte: DecimalInput


# "not" and "in" are no names in class syntax.
_DateTimeWords = TypedDict(
    "_DateTimeWords",
    {"not": "datetime | DateTimeFilter | None", "in": "Sequence[datetime]"},
    total=False,
)


class DateTimeFilter(_DateTimeWords, total=False):
    """Operators of a ``DateTime`` field."""

    equals: datetime | None
    not_in: Sequence[datetime]
    lt: datetime
    lte: datetime
    gt: datetime
    gte: datetime


# "not" and "in" are no names in class syntax.
_BytesWords = TypedDict(
    "_BytesWords",
    {"not": "bytes | BytesFilter | None", "in": "Sequence[bytes]"},
    total=False,
)


class BytesFilter(_BytesWords, total=False):
    """Operators of a ``Bytes`` field."""

    equals: bytes | None
    not_in: Sequence[bytes]


_BooleanWords = TypedDict("_BooleanWords", {"not": "bool | BooleanFilter | None"}, total=False)


class BooleanFilter(_BooleanWords, total=False):
    """Operators of a ``Boolean`` field."""

    equals: bool | None


_JsonWords = TypedDict("_JsonWords", {"not": "Json | JsonFilter | None"}, total=False)


class JsonFilter(_JsonWords, total=False):
    """Operators of a ``Json`` field."""

    equals: Json | None
