"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from functools import cached_property as _cached_property
from typing import TYPE_CHECKING as _TYPE_CHECKING

from ._runtime.client.aio.batch import AsyncBatchBase as _AsyncBatchBase
from ._runtime.client.sync.batch import BatchBase as _BatchBase
from ._runtime.operations.batch_queue import BatchActions as _BatchActions
from ._runtime.operations.batch_queue import Queue as _Queue
from ._runtime.operations.batch_queue import batch_actions_of as _batch_actions_of

if _TYPE_CHECKING:
    from . import types as _types

__all__ = ["AsyncBatch", "Batch"]


class _Models:
    """One attribute for each model that can be written."""

    _queue: _Queue

    @_cached_property
    def order(
        self,
    ) -> _BatchActions[
        _types.OrderWhereInput,
        _types.OrderWhereUniqueInput,
        _types.OrderInclude,
        _types.OrderCreateInput,
        _types.OrderUpdateInput,
        _types.OrderUpdateManyMutationInput,
        _types.OrderUpsertInput,
    ]:
        """Rows of the model ``Order``."""
        return _batch_actions_of(self._queue, "Order")

    @_cached_property
    def orderline(
        self,
    ) -> _BatchActions[
        _types.OrderLineWhereInput,
        _types.OrderLineWhereUniqueInput,
        _types.OrderLineInclude,
        _types.OrderLineCreateInput,
        _types.OrderLineUpdateInput,
        _types.OrderLineUpdateManyMutationInput,
        _types.OrderLineUpsertInput,
    ]:
        """Rows of the model ``OrderLine``."""
        return _batch_actions_of(self._queue, "OrderLine")


class Batch(_Models, _BatchBase):
    """Writes of a blocking client, run in one transaction."""


class AsyncBatch(_Models, _AsyncBatchBase):
    """Writes of an asyncio client, run in one transaction."""
