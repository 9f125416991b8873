"""A model's methods in a batch: its writes, which run when the batch is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from ..results.row_classes import ReadOptions
from ..schema import Schema
from ..unset import UNSET
from . import writes
from .create_many import create_many
from .writes import Write

_Where = TypeVar("_Where", bound=Mapping[str, object])
_Unique = TypeVar("_Unique", bound=Mapping[str, object])
_Include = TypeVar("_Include", bound=Mapping[str, object])
_Create = TypeVar("_Create", bound=Mapping[str, object])
_Update = TypeVar("_Update", bound=Mapping[str, object])
_UpdateMany = TypeVar("_UpdateMany", bound=Mapping[str, object])
_Upsert = TypeVar("_Upsert", bound=Mapping[str, object])


class Queue:
    """Writes in their order."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._writes: list[Write[Any]] = []

    def add(self, write: Write[Any]) -> None:
        """One more."""
        self._writes.append(write)

    def taken(self) -> list[Write[Any]]:
        """All of them; the queue is empty then."""
        taken, self._writes = self._writes, []
        return taken


class BatchActions(Generic[_Where, _Unique, _Include, _Create, _Update, _UpdateMany, _Upsert]):
    """The writes of a model. Their arguments are checked at once; nothing is returned."""

    def __init__(self, queue: Queue, model: str) -> None:
        self._queue, self._table = queue, queue.schema.table(model)

    def create(self, data: _Create, include: _Include = UNSET) -> None:
        """Insert a row, and what is nested in ``data``."""
        self._queue.add(writes.create(self._table, data, ReadOptions(include)))

    def create_many(self, data: Sequence[_Create], *, skip_duplicates: bool = False) -> None:
        """Insert rows."""
        self._queue.add(create_many(self._table, data, skip_duplicates=skip_duplicates))

    def update(self, data: _Update, where: _Unique, include: _Include = UNSET) -> None:
        """Change a row."""
        self._queue.add(writes.update(self._table, data, where, ReadOptions(include)))

    def upsert(self, where: _Unique, data: _Upsert, include: _Include = UNSET) -> None:
        """Change a row, or insert one."""
        self._queue.add(writes.upsert(self._table, where, data, ReadOptions(include)))

    def delete(self, where: _Unique, include: _Include = UNSET) -> None:
        """Delete a row."""
        self._queue.add(writes.delete(self._table, where, ReadOptions(include)))

    def update_many(self, data: _UpdateMany, where: _Where) -> None:
        """Change all rows that match."""
        self._queue.add(writes.update_many(self._table, data, where))

    def delete_many(self, where: _Where = UNSET) -> None:
        """Delete all rows that match."""
        self._queue.add(writes.delete_many(self._table, where))


def batch_actions_of(queue: Queue, model: str) -> BatchActions[Any, Any, Any, Any, Any, Any, Any]:
    """As ``actions_of`` of the clients, in a batch."""
    return BatchActions(queue, model)
