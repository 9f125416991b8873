"""Generated from version 1.2.0-rc.1 of the orders schema."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ._runtime.results.access import Access as _Access

if _TYPE_CHECKING:
    from typing import Self as _Self

    from . import types as _types
    from ._runtime.client.aio.actions import AsyncActions as _Actions
    from .async_client import AsyncClient as _Prisma

__all__ = [
    "BaseOrder",
    "BaseOrderLine",
]


class BaseOrder(_Access):
    """Base of your own classes with some fields of ``Order``: only these are read."""

    __prisma_model__ = "Order"

    if _TYPE_CHECKING:

        @classmethod
        def prisma(
            cls, client: "_Prisma | None" = None
        ) -> "_Actions[_Self, _types.OrderWhereInput, _types.OrderWhereUniqueInput, _types.OrderOrderByInput, _types.OrderInclude, _types.OrderScalarFieldKeys, _types.OrderNumberFieldKeys, _types.OrderScalarWhereWithAggregatesInput, _types.OrderAggregateOutput, _types.OrderGroupByOutput, _types.OrderCreateInput, _types.OrderUpdateInput, _types.OrderUpdateManyMutationInput, _types.OrderUpsertInput]":
            raise NotImplementedError


class BaseOrderLine(_Access):
    """Base of your own classes with some fields of ``OrderLine``: only these are read."""

    __prisma_model__ = "OrderLine"

    if _TYPE_CHECKING:

        @classmethod
        def prisma(
            cls, client: "_Prisma | None" = None
        ) -> "_Actions[_Self, _types.OrderLineWhereInput, _types.OrderLineWhereUniqueInput, _types.OrderLineOrderByInput, _types.OrderLineInclude, _types.OrderLineScalarFieldKeys, _types.OrderLineNumberFieldKeys, _types.OrderLineScalarWhereWithAggregatesInput, _types.OrderLineAggregateOutput, _types.OrderLineGroupByOutput, _types.OrderLineCreateInput, _types.OrderLineUpdateInput, _types.OrderLineUpdateManyMutationInput, _types.OrderLineUpsertInput]":
            raise NotImplementedError
