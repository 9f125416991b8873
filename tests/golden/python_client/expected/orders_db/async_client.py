"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from functools import cached_property as _cached_property
from typing import TYPE_CHECKING as _TYPE_CHECKING

from ._data import ACCESSORS as _ACCESSORS
from ._data import SCHEMA as _SCHEMA
from ._runtime.client.aio.actions import AsyncActions as _Actions
from ._runtime.client.aio.actions import actions_of as _actions_of
from ._runtime.client.aio.client import AsyncClientBase as _ClientBase

if _TYPE_CHECKING:
    from . import models as _models
    from . import types as _types
    from .batches import AsyncBatch as _Batch

__all__ = ["AsyncClient"]


class AsyncClient(_ClientBase):
    """The asyncio client: one attribute for each model of the schema, and :meth:`tx` for transactions."""

    _schema = _SCHEMA
    _accessors = _ACCESSORS

    def batch_(self) -> _Batch:
        """Collects writes, to be run in one transaction at the end of its block or by ``commit()``."""
        from .batches import AsyncBatch

        return AsyncBatch(self._runner)

    @_cached_property
    def order(
        self,
    ) -> _Actions[
        _models.Order,
        _types.OrderWhereInput,
        _types.OrderWhereUniqueInput,
        _types.OrderOrderByInput,
        _types.OrderInclude,
        _types.OrderScalarFieldKeys,
        _types.OrderNumberFieldKeys,
        _types.OrderScalarWhereWithAggregatesInput,
        _types.OrderAggregateOutput,
        _types.OrderGroupByOutput,
        _types.OrderCreateInput,
        _types.OrderUpdateInput,
        _types.OrderUpdateManyMutationInput,
        _types.OrderUpsertInput,
    ]:
        """Rows of the model ``Order``."""
        return _actions_of(self._runner, "Order")

    @_cached_property
    def orderline(
        self,
    ) -> _Actions[
        _models.OrderLine,
        _types.OrderLineWhereInput,
        _types.OrderLineWhereUniqueInput,
        _types.OrderLineOrderByInput,
        _types.OrderLineInclude,
        _types.OrderLineScalarFieldKeys,
        _types.OrderLineNumberFieldKeys,
        _types.OrderLineScalarWhereWithAggregatesInput,
        _types.OrderLineAggregateOutput,
        _types.OrderLineGroupByOutput,
        _types.OrderLineCreateInput,
        _types.OrderLineUpdateInput,
        _types.OrderLineUpdateManyMutationInput,
        _types.OrderLineUpsertInput,
    ]:
        """Rows of the model ``OrderLine``."""
        return _actions_of(self._runner, "OrderLine")
