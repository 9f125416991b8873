"""Relations between tables. The SQL that follows them is written in ``where_relations`` and ``includes``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from .identifiers import qualified, quoted

if TYPE_CHECKING:
    from .schema import Column, Table

#: ``(field, attribute, model, kind, own fields, their fields)``, both lists joined by commas. The kind is
#: ``parent`` (this side has the key; ``parent?`` if it may be NULL), ``child`` or ``children`` (the other
#: side has it), or ``many``: then a table joins both, and its schema, name and two columns (this side's
#: first) follow.
RelationData: TypeAlias = tuple[str, ...]


class Join:
    """The table between two sides of a relation of many to many."""

    __slots__ = ("other", "own", "sql")

    def __init__(self, database_schema: str, table: str, own: str, other: str) -> None:
        self.sql = qualified(database_schema or None, table)
        self.own, self.other = quoted(own), quoted(other)


class Relation:
    """One side of a relation: rows whose ``theirs`` columns equal the ``own`` columns of a row here."""

    def __init__(self, data: RelationData, table: Table[Any], resolve: Callable[[str], Table[Any]]) -> None:
        self.name, self.attribute, self.model, kind, self._own, self._theirs = data[:6]
        self.has_key = kind.startswith("parent")
        self.is_list = kind in ("children", "many")
        self.join = Join(*data[6:10]) if kind == "many" else None
        self.table, self._resolve = table, resolve

    @cached_property
    def target(self) -> Table[Any]:
        """The table on the other side."""
        return self._resolve(self.model)

    @cached_property
    def own(self) -> tuple[Column, ...]:
        """This side's columns."""
        return tuple(self.table.columns[name] for name in self._own.split(","))

    @cached_property
    def theirs(self) -> tuple[Column, ...]:
        """The other side's columns, in the order of :attr:`own`."""
        return tuple(self.target.columns[name] for name in self._theirs.split(","))

    @cached_property
    def is_exclusive(self) -> bool:
        """Whether only one row at a time can point at a row of the other side: one to one, the key here."""
        return (
            self.has_key
            and self._is_key(self.table, self.own)
            and any(
                not (other.is_list or other.has_key) and (other.own, other.theirs) == (self.theirs, self.own)
                for other in self.target.relations.values()
                if other.target is self.table
            )
        )

    @cached_property
    def finds_one(self) -> bool:
        """Whether the other side's columns are a key there. A relation to one row whose columns are unique
        among some rows only (a partial index) can lead to several."""
        return self._is_key(self.target, self.theirs)

    @property
    def is_optional(self) -> bool:
        """Whether the key, on whichever side it is, may be NULL: only then can two rows be parted."""
        return any(column.is_optional for column in (self.own if self.has_key else self.theirs))

    @staticmethod
    def _is_key(table: Table[Any], columns: tuple[Column, ...]) -> bool:
        names = {column.name for column in columns}
        return any(names == set(fields) for fields in table.keys.values())
