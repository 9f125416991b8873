"""Tables and the relations between them, made from the generated data the first time a model is used.

The SQL that follows relations is written in ``sql.where_relations`` and ``sql.children``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from .codecs import Codec
from .columns import Column, ColumnData
from .identifiers import qualified, quoted
from .plan_cache import PlanCache
from .public.errors import InputError, MissingRequiredValueError

#: A :class:`JoinData` as the generated module spells it.
StoredJoin: TypeAlias = tuple[str | None, str, str, str]
#: A :class:`RelationData` as the generated module spells it.
StoredRelation: TypeAlias = tuple[str, str, str, str, tuple[str, ...], tuple[str, ...], StoredJoin | None]
#: How one row is addressed: the name of a key, and its fields.
KeyData: TypeAlias = dict[str, tuple[str, ...]]
#: ``(class, database schema, table, columns, keys, relations)``
ModelData: TypeAlias = tuple[
    str, str | None, str, tuple[ColumnData, ...], KeyData, tuple[StoredRelation, ...]
]

_Model_co = TypeVar("_Model_co", covariant=True)


class JoinData(NamedTuple):
    """The table between two sides of a relation of many to many. ``own`` is the column of this side's key."""

    database_schema: str | None
    table: str
    own: str
    other: str


class RelationData(NamedTuple):
    """One side of a relation.

    The ``kind`` is ``parent`` (this side has the key; ``parent?`` if it may be NULL), ``child`` or
    ``children`` (the other side has it), or ``many``: then a table joins both.
    """

    field: str
    attribute: str
    model: str
    kind: str
    own: tuple[str, ...]
    theirs: tuple[str, ...]
    join: StoredJoin | None


class Join:
    """The table between two sides of a relation of many to many."""

    __slots__ = ("other", "own", "sql")

    def __init__(self, data: JoinData) -> None:
        self.sql = qualified(data.database_schema, data.table)
        self.own, self.other = quoted(data.own), quoted(data.other)


class Relation:
    """One side of a relation: rows whose ``theirs`` columns equal the ``own`` columns of a row here."""

    def __init__(self, data: RelationData, table: Table[Any], resolve: Callable[[str], Table[Any]]) -> None:
        self.name, self.attribute, self.model = data.field, data.attribute, data.model
        self.has_key = data.kind in ("parent", "parent?")
        self.is_list = data.kind in ("children", "many")
        self.join = None if data.join is None else Join(JoinData(*data.join))
        self.table, self._resolve = table, resolve
        self._own, self._theirs = data.own, data.theirs

    @cached_property
    def target(self) -> Table[Any]:
        """The table on the other side."""
        return self._resolve(self.model)

    @cached_property
    def own(self) -> tuple[Column, ...]:
        """This side's columns."""
        return tuple(self.table.columns[name] for name in self._own)

    @cached_property
    def theirs(self) -> tuple[Column, ...]:
        """The other side's columns, in the order of :attr:`own`."""
        return tuple(self.target.columns[name] for name in self._theirs)

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
        """Whether the key, on whichever side it is, may be NULL: only then can two rows be unlinked."""
        return any(column.is_optional for column in (self.own if self.has_key else self.theirs))

    @staticmethod
    def _is_key(table: Table[Any], columns: tuple[Column, ...]) -> bool:
        names = {column.name for column in columns}
        return any(names == set(fields) for fields in table.keys.values())


class Table(Generic[_Model_co]):
    """One model: its columns by field name, its keys, its SQL name, the class of its rows, its plans."""

    def __init__(
        self,
        name: str,
        data: ModelData,
        row_class: type[_Model_co],
        codec_of: Callable[[str], Codec],
        table_of: Callable[[str], Table[Any]],
    ) -> None:
        _, database_schema, table, columns, keys, relations = data
        self.name = name
        self.sql: str = qualified(database_schema, table)
        self.columns: dict[str, Column] = {
            column[0]: Column(column, codec_of(column[3].rstrip("?[]"))) for column in columns
        }
        self.keys = keys
        self.relations: dict[str, Relation] = {
            relation[0]: Relation(RelationData(*relation), self, table_of) for relation in relations
        }
        self.position: dict[str, int] = {name: index for index, name in enumerate(self.columns)}
        self.row_class = row_class
        self.selected: str = ", ".join(column.read for column in self.columns.values())
        self.plans: PlanCache = PlanCache()

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns that identify a row: the first key without a nullable one; none if there is no key, as
        in some views."""
        for fields in self.keys.values():
            columns = tuple(self.columns[field] for field in fields)
            if not any(column.is_optional for column in columns):
                return columns
        return ()

    def required_identity(self) -> tuple[Column, ...]:
        """The same. Raises InputError for a table without a key: a single row of it can't be written."""
        if not self.identity:
            raise InputError(f"{self.name}: has no key to find one row by; use update_many or delete_many")
        return self.identity

    def require(self, given: Collection[str], path: str = "data") -> None:
        """Raise MissingRequiredValueError, naming all fields that a create needs and ``given`` lacks."""
        missing = [name for name, column in self.columns.items() if column.is_required and name not in given]
        if missing:
            raise MissingRequiredValueError(
                f"{path}: {self.name} needs a value for {', '.join(missing)}",
                meta={"model": self.name, "fields": ", ".join(missing)},
            )
