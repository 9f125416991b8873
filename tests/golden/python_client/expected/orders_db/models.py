"""Generated from version 1.2.0-rc.1 of the orders schema."""

import datetime as _datetime
import decimal as _decimal
from typing import TYPE_CHECKING as _TYPE_CHECKING

from pydantic import Field as _Field

from . import enums as _enums
from ._runtime.public.fields import JsonValue as _JsonValue
from ._runtime.results.model import Row as _Row

if _TYPE_CHECKING:
    from typing import Self as _Self

    from . import types as _types
    from ._runtime.client.aio.actions import AsyncActions as _Actions
    from .async_client import AsyncClient as _Prisma

__all__ = [
    "Order",
    "OrderLine",
]


class Order(_Row):
    """A reader's order.
    Second line, with a \\ and a *star*.
    """

    __prisma_model__ = "Order"

    if _TYPE_CHECKING:

        @classmethod
        def prisma(
            cls, client: "_Prisma | None" = None
        ) -> "_Actions[_Self, _types.OrderWhereInput, _types.OrderWhereUniqueInput, _types.OrderOrderByInput, _types.OrderInclude, _types.OrderScalarFieldKeys, _types.OrderNumberFieldKeys, _types.OrderScalarWhereWithAggregatesInput, _types.OrderAggregateOutput, _types.OrderGroupByOutput, _types.OrderCreateInput, _types.OrderUpdateInput, _types.OrderUpdateManyMutationInput, _types.OrderUpsertInput]":
            raise NotImplementedError

    id: int
    ref: str
    state: _enums.OrderState
    weight: _decimal.Decimal | None = None
    """What the parcel weighs, in kilograms."""
    from_: str | None = _Field(default=None, alias="from")
    tags: list[str]
    extra: _JsonValue | None = None
    lines: "list[OrderLine] | None" = None
    at: _datetime.datetime


class OrderLine(_Row):
    """A row of the model ``OrderLine``."""

    __prisma_model__ = "OrderLine"

    if _TYPE_CHECKING:

        @classmethod
        def prisma(
            cls, client: "_Prisma | None" = None
        ) -> "_Actions[_Self, _types.OrderLineWhereInput, _types.OrderLineWhereUniqueInput, _types.OrderLineOrderByInput, _types.OrderLineInclude, _types.OrderLineScalarFieldKeys, _types.OrderLineNumberFieldKeys, _types.OrderLineScalarWhereWithAggregatesInput, _types.OrderLineAggregateOutput, _types.OrderLineGroupByOutput, _types.OrderLineCreateInput, _types.OrderLineUpdateInput, _types.OrderLineUpdateManyMutationInput, _types.OrderLineUpsertInput]":
            raise NotImplementedError

    orderId: int
    number: int
    order: "Order | None" = None
