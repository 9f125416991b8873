"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypeAlias, TypedDict

from . import enums
from ._runtime import filters
from ._runtime.fields import DecimalInput, Json

OrderStateConditions = TypedDict(
    "OrderStateConditions",
    {
        "equals": "enums.OrderState | None",
        "in": "Sequence[enums.OrderState]",
        "not_in": "Sequence[enums.OrderState]",
    },
    total=False,
)


OrderStateFilter = TypedDict(
    "OrderStateFilter",
    {
        "equals": "enums.OrderState | None",
        "in": "Sequence[enums.OrderState]",
        "not_in": "Sequence[enums.OrderState]",
        "not": "enums.OrderState | OrderStateConditions | None",
    },
    total=False,
)


OrderWhereInput = TypedDict(
    "OrderWhereInput",
    {
        "AND": "list[OrderWhereInput]",
        "OR": "list[OrderWhereInput]",
        "NOT": "list[OrderWhereInput]",
        "id": "int | filters.IntFilter",
        "ref": "str | filters.StringFilter",
        "state": "enums.OrderState | OrderStateFilter",
        "weight": "DecimalInput | filters.DecimalFilter | None",
        "from": "str | filters.StringFilter | None",
        "tags": "list[str]",
        "extra": "Json | filters.JsonFilter | None",
        "at": "datetime | filters.DateTimeFilter",
    },
    total=False,
)


OrderOrderByInput = TypedDict(
    "OrderOrderByInput",
    {
        "id": "filters.SortOrder",
        "ref": "filters.SortOrder",
        "state": "filters.SortOrder",
        "weight": "filters.SortOrder",
        "from": "filters.SortOrder",
        "tags": "filters.SortOrder",
        "extra": "filters.SortOrder",
        "at": "filters.SortOrder",
    },
    total=False,
)


class _OrderWhereUnique1(TypedDict, total=True):
    """One ``Order`` by id."""

    id: int


class _OrderWhereUnique2(TypedDict, total=True):
    """One ``Order`` by ref."""

    ref: str


OrderWhereUniqueInput: TypeAlias = "_OrderWhereUnique1 | _OrderWhereUnique2"


OrderCreateInput = TypedDict(
    "OrderCreateInput",
    {
        "id": "NotRequired[int]",
        "ref": "NotRequired[str]",
        "state": "NotRequired[enums.OrderState]",
        "weight": "NotRequired[DecimalInput | None]",
        "from": "NotRequired[str | None]",
        "tags": "NotRequired[list[str]]",
        "extra": "NotRequired[Json | None]",
        "at": "NotRequired[datetime]",
    },
    total=True,
)


OrderUpdateInput = TypedDict(
    "OrderUpdateInput",
    {
        "id": "int",
        "ref": "str",
        "state": "enums.OrderState",
        "weight": "DecimalInput | None",
        "from": "str | None",
        "tags": "list[str]",
        "extra": "Json | None",
        "at": "datetime",
    },
    total=False,
)


class OrderLineWhereInput(TypedDict, total=False):
    """Conditions on ``OrderLine``: a value, or a dict of operators, for each field."""

    AND: list[OrderLineWhereInput]
    OR: list[OrderLineWhereInput]
    NOT: list[OrderLineWhereInput]
    orderId: int | filters.IntFilter
    number: int | filters.IntFilter


class OrderLineOrderByInput(TypedDict, total=False):
    """An order of ``OrderLine`` rows."""

    orderId: filters.SortOrder
    number: filters.SortOrder


class _OrderLineWhereUnique1Key(TypedDict, total=True):
    """One ``OrderLine`` by orderId, number."""

    orderId: int
    number: int


class _OrderLineWhereUnique1(TypedDict, total=True):
    """One ``OrderLine`` by orderId, number."""

    orderId_number: _OrderLineWhereUnique1Key


OrderLineWhereUniqueInput: TypeAlias = "_OrderLineWhereUnique1"


class OrderLineCreateInput(TypedDict, total=True):
    """A new ``OrderLine``."""

    orderId: int
    number: int


class OrderLineUpdateInput(TypedDict, total=False):
    """Changes to a ``OrderLine``."""

    orderId: int
    number: int
