"""A schema as a frozen value, read from Prisma's own DMMF; nothing in it depends on Node or WebAssembly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

FieldKind = Literal["scalar", "enum", "object", "unsupported"]
ReferentialAction = Literal["Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"]
Literalish = str | int | float | bool


@dataclass(frozen=True, slots=True)
class NativeType:
    """A ``@db.X(args)`` attribute, e.g. ``NativeType("VarChar", ("255",))``."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionDefault:
    """``@default(name(arguments))``: ``autoincrement``, ``uuid``, ``cuid``, ``now``, ``dbgenerated``, ..."""

    name: str
    arguments: tuple[Literalish, ...] = ()


@dataclass(frozen=True, slots=True)
class LiteralDefault:
    """``@default(value)``. Lists are tuples. Json and Bytes are the schema's own text; Decimal and BigInt
    are strings of digits, so that nothing is rounded; an enum default is the value's schema name."""

    value: Literalish | tuple[Literalish, ...]


Default = FunctionDefault | LiteralDefault


@dataclass(frozen=True, slots=True)
class Relation:
    """One side of a relation. ``fields`` and ``references`` are empty on the side without the key."""

    name: str
    fields: tuple[str, ...]
    references: tuple[str, ...]
    on_delete: ReferentialAction | None = None
    on_update: ReferentialAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a model."""

    name: str
    kind: FieldKind
    #: A scalar (String, Boolean, Int, BigInt, Float, Decimal, DateTime, Json, Bytes), an enum's or a model's
    #: name, or for an unsupported one the database type inside ``Unsupported("…")``.
    type: str
    #: The name in the database; the field's own for a relation.
    column: str
    is_list: bool = False
    is_required: bool = True
    #: ``@id`` and ``@unique`` on the field itself; compound keys are in the model.
    is_id: bool = False
    is_unique: bool = False
    is_updated_at: bool = False
    #: Whether a relation uses it as (a part of) its foreign key.
    is_foreign_key: bool = False
    default: Default | None = None
    native_type: NativeType | None = None
    #: For relation fields only.
    relation: Relation | None = None
    #: The text of its ``///`` comments.
    documentation: str | None = None

    @property
    def is_relation(self) -> bool:
        return self.kind == "object"

    @property
    def is_column(self) -> bool:
        """Whether it is stored in the model's own table and supported by Prisma's clients."""
        return self.kind in ("scalar", "enum")

    @property
    def is_always_there(self) -> bool:
        """Whether every row that is read has a value: relations are only read on request, and a list is
        never NULL."""
        return self.is_column and (self.is_required or self.is_list)

    @property
    def is_optional_on_create(self) -> bool:
        return not self.is_required or self.is_list or self.default is not None or self.is_updated_at


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key, unique or index on ``fields`` (schema names). ``name`` is what clients call a compound
    key (``@@unique([a, b], name: "x")``, else ``a_b``). ``where`` is the SQL condition of a partial index:
    it contains only the rows that meet it."""

    name: str
    fields: tuple[str, ...]
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model or a view."""

    name: str
    #: The name in the database.
    table: str
    #: The Postgres schema; None where the datasource lists none.
    database_schema: str | None
    fields: tuple[Field, ...]
    #: ``primary_key`` and ``uniques`` include the single-field ones. ``uniques`` hold for all rows, so that
    #: each addresses one row.
    primary_key: Key | None
    uniques: tuple[Key, ...] = ()
    #: They hold for some rows only: several rows can have the same values, so they are not keys.
    partial_uniques: tuple[Key, ...] = ()
    indexes: tuple[Key, ...] = ()
    is_view: bool = False
    documentation: str | None = None

    @property
    def can_be_created(self) -> bool:
        """Whether clients can create rows: not in a view, nor with a required column of an unknown type."""
        return not self.is_view and all(
            field.is_optional_on_create for field in self.fields if field.kind == "unsupported"
        )

    @property
    def columns(self) -> tuple[Field, ...]:
        """Scalar and enum fields, in schema order."""
        return tuple(f for f in self.fields if f.is_column)

    @property
    def row_fields(self) -> tuple[Field, ...]:
        """The fields that rows have in a client: all except columns of unsupported types."""
        return tuple(f for f in self.fields if f.is_column or f.is_relation)

    @property
    def relations(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.is_relation)

    def field(self, name: str) -> Field:
        """The field called ``name``. Raises KeyError if there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumValue:
    """``database_name`` is what Postgres stores (``@map``); clients use ``name``."""

    name: str
    database_name: str
    documentation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    name: str
    database_name: str
    database_schema: str | None
    values: tuple[EnumValue, ...]
    documentation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialField:
    """A field of a partial type. ``partial`` is the partial type that a relation's rows are read as; without
    it they are read as the model's own class."""

    name: str
    is_required: bool
    partial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialType:
    """A class of the Python client with some fields of ``model``, in the model's order."""

    name: str
    model: str
    fields: tuple[PartialField, ...]


@dataclass(frozen=True)
class Schema:
    """One parsed, valid schema. ``text`` is the formatted schema.prisma it came from; ``partials`` are what
    the version's partial_types.py declares, if it has one."""

    text: str
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    database_schemas: tuple[str, ...] = field(default=("public",))
    partials: tuple[PartialType, ...] = ()

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of the text: every package contains it to say what it was made from."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def names_schemas(self) -> bool:
        """Whether each model names its Postgres schema itself (``@@schema``)."""
        return any(model.database_schema is not None for model in self.models)

    @cached_property
    def models_by_name(self) -> dict[str, Model]:
        return {model.name: model for model in self.models}

    @cached_property
    def enums_by_name(self) -> dict[str, Enum]:
        return {enum.name: enum for enum in self.enums}
