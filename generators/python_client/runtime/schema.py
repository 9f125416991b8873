"""Columns and tables, made from the generated data the first time a model is used.

The generated data is plain tuples of strings: a module full of constants is the cheapest import there is.
Identifiers come from it alone, and are quoted here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, TypeAlias, TypeVar

from . import codecs, ids
from .codecs import Codec, Convert
from .coerce import as_list
from .identifiers import qualified, quoted
from .input_errors import shown
from .public.errors import InputError, MissingRequiredValueError
from .relations import Relation, RelationData
from .results.hydration import Hydrate, hydrator
from .sql.plans import PlanCache

#: ``(field, attribute, column, type, default)``. The type is a Postgres type or ``@Enum``, then ``?`` for a
#: column that may be NULL or ``[]`` for a list. The default is ``""`` (none), ``database`` (the server makes
#: it) or what this side makes: ``now()``, ``updated_at()``, ``uuid(4)``, ``cuid(1)``, ``nanoid(21)``,
#: ``ulid()``.
ColumnData: TypeAlias = tuple[str, str, str, str, str]
#: How one row is addressed: the name of a key, and its fields.
KeyData: TypeAlias = dict[str, tuple[str, ...]]
#: ``(class, database schema, table, columns, keys, relations)``
ModelData: TypeAlias = tuple[str, str | None, str, tuple[ColumnData, ...], KeyData, tuple[RelationData, ...]]
#: ``(class, database schema, type, ((name, database name), ...))``
EnumData: TypeAlias = tuple[str, str | None, str, tuple[tuple[str, str], ...]]

_Model_co = TypeVar("_Model_co", covariant=True)

_MAKERS: dict[str, Callable[[], str]] = {
    "uuid(4)": ids.uuid4,
    "uuid(7)": ids.uuid7,
    "cuid(1)": ids.cuid1,
    "cuid(2)": ids.cuid2,
    "ulid()": ids.ulid,
}


#: Both are this side's clock, as with Prisma's own clients: a new row's times are one and the same. If one
#: was the server's, rows could be changed before they were made.
_CLOCKS = ("now()", "updated_at()")


class Column:
    """One field of a model as it is stored. ``dump`` checks and converts a value for the whole column."""

    __slots__ = (
        "attribute", "codec", "column", "default", "dump", "has_database_default", "is_clock", "is_enum",
        "is_list", "is_optional", "is_updated_at", "load", "name", "read", "sql", "type",
    )  # fmt: skip

    def __init__(self, data: ColumnData, codec: Codec) -> None:
        self.name, self.attribute, column, spelled, default = data
        self.column = column
        self.is_enum = spelled.startswith("@")
        self.codec = codec
        self.sql = quoted(column)
        self.is_list = spelled.endswith("[]")
        self.is_optional = spelled.endswith("?")
        self.has_database_default = default == "database"
        self.is_updated_at = default == "updated_at()"
        self.is_clock = default in _CLOCKS
        self.default = _maker(default, codec)
        self.type = codec.type + ("[]" if self.is_list else "")
        self.read = self.sql if codec.read is None else f"{self.sql}::{codec.read}{'[]' * self.is_list}"
        self.dump = list_dump(codec.dump) if self.is_list else codec.dump
        if self.is_optional:
            self.dump = _optional_dump(codec.dump)
        self.load = self.load_with(codec.load)

    def selected(self, prefix: str) -> str:
        """The column in a SELECT or RETURNING list, of the table that ``prefix`` (``"t1."``) names."""
        return prefix + self.read

    def load_with(self, load: Convert | None) -> Convert | None:
        """What turns the column's values into what users see, given what does so with one value."""
        return _list_load(load) if self.is_list else load

    @property
    def is_json(self) -> bool:
        """Whether its values are JSON."""
        return self.codec.type in ("json", "jsonb")

    @property
    def is_bytes(self) -> bool:
        """Whether its values are bytes."""
        return self.codec.type == "bytea"

    @property
    def is_required(self) -> bool:
        """A create must name it: nothing else gives it a value."""
        return not (self.is_optional or self.is_list or self.has_database_default or self.default)


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
            relation[0]: Relation(relation, self, table_of) for relation in relations
        }
        self.position: dict[str, int] = {name: index for index, name in enumerate(self.columns)}
        self.row_class = row_class
        self.selected: str = ", ".join(column.read for column in self.columns.values())
        self.hydrate: Hydrate[_Model_co] = self.hydrator(list(self.columns.values()))
        self.plans: PlanCache = PlanCache()

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns that tell rows apart: the first key without a nullable one; none where there is no key,
        as in some views."""
        for fields in self.keys.values():
            columns = tuple(self.columns[field] for field in fields)
            if not any(column.is_optional for column in columns):
                return columns
        return ()

    def required_identity(self) -> tuple[Column, ...]:
        """The same. Raises InputError for a table without: one of its rows can't be written by itself."""
        if not self.identity:
            raise InputError(f"{self.name}: has no key to find one row by; use update_many or delete_many")
        return self.identity

    def hydrator(
        self, columns: Sequence[Column], included: Collection[str] = (), *, extra: int = 0
    ) -> Hydrate[_Model_co]:
        """A function from rows of these ``columns`` to models.

        ``included`` names the relations that are set afterwards; ``extra`` values at the end of each row are
        passed over.
        """
        relations = {relation.attribute: name in included for name, relation in self.relations.items()}
        return hydrator(self.row_class, columns, relations=relations, extra=extra)

    def require(self, given: Collection[str], path: str = "data") -> None:
        """Raise MissingRequiredValueError, naming all fields that a create needs and ``given`` lacks."""
        missing = [name for name, column in self.columns.items() if column.is_required and name not in given]
        if missing:
            raise MissingRequiredValueError(
                f"{path}: {self.name} needs a value for {', '.join(missing)}",
                meta={"model": self.name, "fields": ", ".join(missing)},
            )


class Schema:
    """All models of one generated ``package``. Tables are made on first use and shared by its clients."""

    def __init__(
        self,
        *,
        models: Mapping[str, ModelData],
        enums: Mapping[str, EnumData],
        package: str,
    ) -> None:
        self._models, self._enums = models, enums
        self.package: str = package
        self._tables: dict[str, Table[Any]] = {}

    def table(self, model: str) -> Table[Any]:
        """The table of ``model``. Two threads may both make it the first time; both are equally good."""
        table = self._tables.get(model)
        if table is None:
            data = self._models[model]
            row_class = getattr(self._module("models"), data[0])
            table = self._tables[model] = Table(model, data, row_class, self._codec, self.table)
        return table

    def _module(self, name: str) -> ModuleType:
        # Not until a model is used: to make all classes takes longer than all else in importing a client.
        return import_module(f".{name}", self.package)

    def table_of(self, row_class: type[Any]) -> Table[Any] | None:
        """The table that a generated class, or a class made from one, holds rows of."""
        for base in row_class.__mro__:
            if base.__module__ == f"{self.package}.models" and base.__name__ in self._models:
                return self.table(base.__name__)
        return None

    def fields_of(
        self, database_schema: str | None, table: str, columns: Sequence[str]
    ) -> tuple[str, list[str]] | None:
        """The model of a table of the database, and those of its fields that are these columns."""
        for model, (_, model_schema, model_table, stored, *_rest) in self._models.items():
            if model_table == table and model_schema in (None, database_schema):
                names = {column: field for field, _, column, *_ in stored}
                return model, [names[column] for column in columns if column in names]
        return None

    def _codec(self, spelled: str) -> Codec:
        if not spelled.startswith("@"):
            return codecs.for_type(spelled)
        class_name, database_schema, type_name, values = self._enums[spelled[1:]]
        members = {member.value: member for member in getattr(self._module("enums"), class_name)}
        return codecs.for_enum(qualified(database_schema, type_name), members, dict(values))


def _maker(default: str, codec: Codec) -> Callable[[datetime], Any] | None:
    """What makes a default on this side, given the time of the operation; None where nothing does."""
    if default in ("", "database"):
        return None
    if default in _CLOCKS:
        return codec.dump
    name, _, length = default.rstrip(")").partition("(")
    if name == "nanoid":
        return lambda _now: codec.dump(ids.nanoid(int(length)))
    make = _MAKERS[default]
    return lambda _now: codec.dump(make())


def _optional_dump(dump: Convert) -> Convert:
    return lambda value: None if value is None else dump(value)


def list_dump(dump: Convert) -> Convert:
    def dump_all(value: Any) -> list[Any]:
        items = as_list(value)
        if items is None:
            raise TypeError("a list")
        try:
            return [dump(item) for item in items]
        except TypeError:
            raise _refused_item(dump, items) from None

    return dump_all


def _refused_item(dump: Convert, items: Sequence[Any]) -> ValueError:
    """What is wrong with a list, an item of which ``dump`` refuses."""
    for number, item in enumerate(items):
        try:
            dump(item)
        except TypeError as error:
            return ValueError(f"item {number} needs {error}, but got {shown(item, str(error))}")
    raise AssertionError(items)


def _list_load(load: Convert | None) -> Convert:
    # A list that was never set is NULL in the database and empty for clients.
    if load is None:
        return lambda values: [] if values is None else values
    return lambda values: [] if values is None else [load(value) for value in values]
