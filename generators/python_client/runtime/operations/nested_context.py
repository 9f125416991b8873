"""The current place in the data of a nested write, and how the nodes below it are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from ..coerce import as_dict
from ..columns import Column
from ..public.errors import InputError, RecordNotFoundError
from ..sql.assignments import checked_data
from ..sql.plans import Steps
from ..sql.row_statements import RawRow
from ..tables import Relation, Table


class Node(Protocol):
    """A row to insert, given the values of its keys; or changes, given the row."""

    def run(self, row: Any) -> Steps[RawRow]: ...


class NodeMakers(Protocol):
    """Makes nodes. It is passed to the modules of links, because the nodes' own module imports them."""

    def creation(
        self, table: Table[Any], data: Any, context: NestedContext, *, keys: tuple[Column, ...] = ()
    ) -> Node: ...

    def change(self, table: Table[Any], data: Any, context: NestedContext) -> Node: ...


class NestedContext(NamedTuple):
    """A place in the data: its path, for messages, its depth, and the time of the whole write."""

    nodes: NodeMakers
    path: str
    now: datetime
    depth: int = 0

    def at(self, word: str) -> NestedContext:
        """The place under a key of the dict at this place."""
        return self._replace(path=f"{self.path}.{word}")

    def item(self, index: int) -> NestedContext:
        """The place of an item of the list at this place."""
        return self._replace(path=f"{self.path}[{index}]")

    def creation(self, table: Table[Any], data: Any, *, keys: tuple[Column, ...] = ()) -> Node:
        """The row at this place."""
        return self.nodes.creation(table, data, self._below(), keys=keys)

    def change(self, table: Table[Any], data: Any) -> Node:
        """The changes at this place; as in Prisma's Node client, they may be in ``data`` too."""
        wrapped = as_dict(data)
        is_wrapped = wrapped is not None and wrapped.keys() == {"data"} and "data" not in table.columns
        return self.nodes.change(table, wrapped["data"] if wrapped and is_wrapped else data, self._below())

    def parts(self, given: Any, *keys: str) -> dict[Any, Any]:
        """The dict at this place, which must have exactly these keys. Raises InputError."""
        parts = checked_data(given, self.path)
        if parts.keys() != set(keys):
            raise InputError(f"{self.path}: needs a dict of {', '.join(keys)}")
        return parts

    def missing(self, relation: Relation) -> RecordNotFoundError:
        """The error for a row that is needed here and does not exist."""
        return RecordNotFoundError(
            f"{self.path}: no such {relation.model} was found, so nothing is saved",
            meta={"model": relation.model, "field": relation.name},
        )

    def several(self, relation: Relation) -> InputError:
        """The error for a relation to one row that leads to several."""
        columns = ", ".join(column.name for column in relation.theirs)
        return InputError(
            f"{self.path}: more than one {relation.model} is linked, as {columns} is unique among some rows "
            f"only; write to the {relation.model} itself, by its own key"
        )

    def _below(self) -> NestedContext:
        return self._replace(depth=self.depth + 1)
