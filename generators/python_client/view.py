"""The values that the templates of the Python client show."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Enum, Field, Model, Schema
from schemas.prisma.python_extensions import without_extensions

from ..names.naming import python_accessor, python_attribute, python_member
from ..rendering.render import python_string
from .columns import is_number, python_type, stored_default, stored_type
from .inputs.type_names import TypeNames
from .model_keys import model_keys
from .relations import stored_relation
from .runtime.public import errors as runtime_errors

#: Builtins that annotations of a model name; a field of that name hides them in its class.
BUILTINS = frozenset({"bool", "bytes", "float", "int", "list", "str"})


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field in models.py. ``default`` is the rest of the line after the type."""

    name: str
    attribute: str
    type: str
    default: str
    documentation: str | None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model in every module: its class, its accessor, its table."""

    name: str
    accessor: str  # the client's attribute
    actions: str  # the runtime class of its methods
    inputs: tuple[str, ...]  # what ``actions`` is generic over, after the class of its rows
    batch_inputs: tuple[str, ...]  # the same in a batch; empty for a view
    summary: str
    documentation: str
    fields: tuple[FieldView, ...]
    targets: tuple[str, ...]  # related models whose name one of its own fields hides inside its class
    database_schema: str
    table: str
    columns: tuple[tuple[str, str, str, str, str], ...]
    keys: tuple[tuple[str, tuple[str, ...]], ...]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A value of an enum: its Python name, its schema name, its database name."""

    member: str
    name: str
    database_name: str
    documentation: str | None


@dataclass(frozen=True, slots=True)
class EnumView:
    """An enum in enums.py and _data.py."""

    name: str
    documentation: str
    database_schema: str
    database_name: str
    members: tuple[MemberView, ...]

    @property
    def stored(self) -> list[tuple[str, str]]:
        """Schema name and database name of each value."""
        return [(member.name, member.database_name) for member in self.members]


def model_views(schema: Schema) -> tuple[ModelView, ...]:
    """Models and views in the schema's order."""
    names = TypeNames(schema)
    return tuple(_model(schema, model, names) for model in schema.models)


def enum_views(schema: Schema) -> tuple[EnumView, ...]:
    """Enums in the schema's order."""
    return tuple(_enum(enum) for enum in schema.enums)


def literal_or_none(text: str | None) -> str:
    """A Python literal."""
    return "None" if text is None else python_string(text)


def _model(schema: Schema, model: Model, names: TypeNames) -> ModelView:
    kind, inputs = _actions(model, names)
    noun = "view" if model.is_view else "model"
    hidden = frozenset(python_attribute(model, field.name) for field in model.fields)
    return ModelView(
        name=model.name,
        accessor=python_accessor(model.name, model.documentation),
        actions=kind,
        inputs=inputs,
        batch_inputs=_batch_inputs(model, names),
        summary=f"Rows of the {noun} ``{model.name}``.",
        documentation=without_extensions(model.documentation) or f"A row of the {noun} ``{model.name}``.",
        fields=tuple(_field(model, field, hidden) for field in model.row_fields),
        targets=tuple(sorted({field.type for field in model.relations} & hidden)),
        database_schema=literal_or_none(model.database_schema),
        table=model.table,
        columns=tuple(_column(model, field) for field in model.columns),
        keys=model_keys(model),
        relations=tuple(
            stored_relation(schema, model, field, python_attribute(model, field.name)).literal
            for field in model.relations
        ),
    )


def _actions(model: Model, names: TypeNames) -> tuple[str, tuple[str, ...]]:
    """The runtime class of a model's actions, and what it is generic over after the class of its rows."""
    unique = (
        f"_types.{names.of('unique', model.name)}" if model_keys(model) or not model.is_view else "_Never"
    )
    fields = f"_types.{names.of('fields', model.name)}" if model.columns else "_Never"
    numbers = f"_types.{names.of('numbers', model.name)}" if any(map(is_number, model.columns)) else "_Never"
    where, order, include, *grouped = (
        f"_types.{names.of(kind, model.name)}"
        for kind in ("where", "order", "include", "having", "aggregate", "groups")
    )
    reads = (where, unique, order, include, fields, numbers, *grouped)
    if model.is_view:
        return "KeyedReads" if model_keys(model) else "Reads", reads
    kinds = ("create", "update", "update_many", "upsert")
    return "Actions", (*reads, *(f"_types.{names.of(kind, model.name)}" for kind in kinds))


def _batch_inputs(model: Model, names: TypeNames) -> tuple[str, ...]:
    """What a model's actions in a batch are generic over; nothing for a view, which has none."""
    kinds = ("where", "unique", "include", "create", "update", "update_many", "upsert")
    return () if model.is_view else tuple(f"_types.{names.of(kind, model.name)}" for kind in kinds)


def _field(model: Model, field: Field, hidden: frozenset[str]) -> FieldView:
    attribute = python_attribute(model, field.name)
    has_none = not field.is_always_there
    type_ = row_type(field, hidden, f"_{field.type}_" if field.type in hidden else field.type)
    return FieldView(
        name=field.name,
        attribute=attribute,
        type=python_string(f"{type_} | None") if field.is_relation else type_ + " | None" * has_none,
        default=row_default(field.name, attribute, has_none=has_none),
        documentation=field.documentation,
    )


def row_type(field: Field, hidden: frozenset[str], related: str) -> str:
    """The type of a field that has a value. ``hidden`` are the names that mean something else where the type
    stands; ``related`` is what a relation's class is called there."""
    if field.is_relation:
        item = related
    else:
        item = python_type(field).row
        item = f"_builtins.{item}" if item in hidden & BUILTINS else item
    if not field.is_list:
        return item
    return f"_builtins.list[{item}]" if "list" in hidden else f"list[{item}]"


def row_default(name: str, attribute: str, *, has_none: bool) -> str:
    """The rest of a field's line after its type."""
    if attribute == name:
        return " = None" if has_none else ""
    arguments = [*(["default=None"] if has_none else []), f"alias={python_string(name)}"]
    return f" = _Field({', '.join(arguments)})"


def _column(model: Model, field: Field) -> tuple[str, str, str, str, str]:
    attribute = python_attribute(model, field.name)
    return (field.name, attribute, field.column, stored_type(field), stored_default(field))


def _enum(enum: Enum) -> EnumView:
    return EnumView(
        name=enum.name,
        documentation=enum.documentation or f"The values of the enum ``{enum.name}``.",
        database_schema=literal_or_none(enum.database_schema),
        database_name=enum.database_name,
        members=tuple(
            MemberView(
                member=python_member(value.name),
                name=value.name,
                database_name=value.database_name,
                documentation=value.documentation,
            )
            for value in enum.values
        ),
    )


def error_names() -> list[str]:
    """The runtime's error classes."""
    bases = (runtime_errors.PrismaError, runtime_errors.PrismaWarning)
    classes = [value for value in vars(runtime_errors).values() if isinstance(value, type)]
    # Without regard to case, as isort does.
    return sorted((value.__name__ for value in classes if issubclass(value, bases)), key=str.casefold)
