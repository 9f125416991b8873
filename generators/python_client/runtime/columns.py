"""Columns, made from the generated data the first time a model is used.

The generated data is plain tuples of strings: a module full of constants is the cheapest import there is.
Identifiers come from it alone, and are quoted here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from . import ids
from .codecs import Codec, Convert
from .coerce import as_list
from .identifiers import quoted
from .input_errors import shown

#: ``(field, attribute, column, type, default)``. The type is a Postgres type or ``@Enum``, then ``?`` for a
#: column that may be NULL or ``[]`` for a list. The default is ``""`` (none), ``database`` (the server makes
#: it) or what this side makes: ``now()``, ``updated_at()``, ``uuid(4)``, ``cuid(1)``, ``nanoid(21)``,
#: ``ulid()``.
ColumnData: TypeAlias = tuple[str, str, str, str, str]

_MAKERS: dict[str, Callable[[], str]] = {
    "uuid(4)": ids.uuid4,
    "uuid(7)": ids.uuid7,
    "cuid(1)": ids.cuid1,
    "cuid(2)": ids.cuid2,
    "ulid()": ids.ulid,
}

#: Both use the client's clock, as Prisma's own clients do, so that a new row's times are equal. If one were
#: the server's, rows could appear to be changed before they were created.
_CLOCKS = ("now()", "updated_at()")


class Column:
    """One field of a model as it is stored. ``dump`` checks and converts a value that a row gets."""

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
        self.dump = list_dump(codec.store) if self.is_list else codec.store
        if self.is_optional:
            self.dump = _optional_dump(codec.store)
        self.load = self.load_with(codec.load)

    def selected(self, prefix: str) -> str:
        """The column in a SELECT or RETURNING list, of the table that ``prefix`` (``"t1."``) names."""
        return prefix + self.read

    def load_with(self, load: Convert | None) -> Convert | None:
        """The conversion of the column's values to what users see, given the one for a single value."""
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
        """Whether a create must have it: nothing else gives it a value."""
        return not (self.is_optional or self.is_list or self.has_database_default or self.default)


def _maker(default: str, codec: Codec) -> Callable[[datetime], Any] | None:
    """The function that makes the client's default, given the operation's time; None if there is none."""
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
    """The problem of a list, one item of which ``dump`` refuses."""
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
