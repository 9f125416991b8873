"""The classes of a model's methods by name, for annotations: ``UserActions[models.User]``."""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import TypeAlias as _TypeAlias
from typing import TypeVar as _TypeVar

from ._runtime.client.aio.actions import AsyncActions as _Actions

if _TYPE_CHECKING:
    from . import types as _types

_Row = _TypeVar("_Row")

__all__ = [
    "OrderActions",
    "OrderLineActions",
]

OrderActions: _TypeAlias = _Actions[
    _Row,
    "_types.OrderWhereInput",
    "_types.OrderWhereUniqueInput",
    "_types.OrderOrderByInput",
    "_types.OrderInclude",
    "_types.OrderScalarFieldKeys",
    "_types.OrderNumberFieldKeys",
    "_types.OrderScalarWhereWithAggregatesInput",
    "_types.OrderAggregateOutput",
    "_types.OrderGroupByOutput",
    "_types.OrderCreateInput",
    "_types.OrderUpdateInput",
    "_types.OrderUpdateManyMutationInput",
    "_types.OrderUpsertInput",
]
OrderLineActions: _TypeAlias = _Actions[
    _Row,
    "_types.OrderLineWhereInput",
    "_types.OrderLineWhereUniqueInput",
    "_types.OrderLineOrderByInput",
    "_types.OrderLineInclude",
    "_types.OrderLineScalarFieldKeys",
    "_types.OrderLineNumberFieldKeys",
    "_types.OrderLineScalarWhereWithAggregatesInput",
    "_types.OrderLineAggregateOutput",
    "_types.OrderLineGroupByOutput",
    "_types.OrderLineCreateInput",
    "_types.OrderLineUpdateInput",
    "_types.OrderLineUpdateManyMutationInput",
    "_types.OrderLineUpsertInput",
]
