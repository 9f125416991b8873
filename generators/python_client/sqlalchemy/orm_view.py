"""What the template of tables.py shows: SQLAlchemy's declarative models, one for each model and view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.model import Enum, Field, Model, Schema
from schemas.prisma.source import Block, blocks, string_value

from ...rendering.render import python_string
from ..model_keys import model_keys
from ..view import BUILTINS, literal_or_none
from .database_keys import DatabaseKeys
from .orm_columns import column_type, defaults, enum_type_name, row_type, schema_of
from .orm_keys import foreign_keys, indexes
from .orm_relations import RelationWriter
from .orm_text import LINE_LENGTH, attribute_names, called, named


@dataclass(frozen=True, slots=True)
class OrmModel:
    """A declarative class, or a table."""

    name: str
    is_table: bool  # without a key, so that no class can map it
    is_view: bool
    documentation: str
    table: str
    schema: str
    options: str  # the assignment of ``__table_args__``
    identity: tuple[str, ...]  # attributes that identify a row if the database has no primary key
    attributes: tuple[str, ...]  # the lines of its columns and relations
    columns: tuple[str, ...]
    statements: tuple[str, ...]  # keys and indexes, after all classes


@dataclass(frozen=True, slots=True)
class OrmEnum:
    """The statement that sets the variable of an enum's type."""

    statement: str


@dataclass(frozen=True, slots=True)
class OrmView:
    """The whole module. ``aliases`` are classes that a field of the same name hides inside its class."""

    base: str
    models: tuple[OrmModel, ...]
    enums: tuple[OrmEnum, ...]
    aliases: tuple[str, ...]
    joins: tuple[str, ...]

    @property
    def has_views(self) -> bool:
        """Whether any of the models is a view."""
        return any(model.is_view for model in self.models)

    @property
    def statements(self) -> tuple[str, ...]:
        """What follows the classes."""
        return (*(line for model in self.models for line in model.statements), *self.joins)

    @property
    def text(self) -> str:
        """All expressions, to see which imports they need."""
        lines = [
            line
            for model in self.models
            for line in (*model.attributes, *model.columns, *["_orm."] * model.is_view)
        ]
        return "\n".join((*lines, *(enum.statement for enum in self.enums), *self.statements))


def orm_view(schema: Schema) -> OrmView:
    """The module for a schema."""
    base = "Base"
    while base in schema.models_by_name:
        base += "_"
    texts = {block.name: block for block in blocks(schema.text) if block.keyword in ("model", "view")}
    has_keys = not any(_has_no_foreign_keys(block) for block in blocks(schema.text))
    writers = [
        _ModelWriter(schema, model, texts[model.name], base, has_foreign_keys=has_keys)
        for model in schema.models
    ]
    return OrmView(
        base=base,
        models=tuple(writer.written() for writer in writers),
        enums=tuple(_enum(enum, base) for enum in schema.enums),
        aliases=tuple(sorted({alias for writer in writers for alias in writer.aliases})),
        joins=tuple(sorted({join for writer in writers for join in writer.relations.joins()})),
    )


def _has_no_foreign_keys(block: Block) -> bool:
    """``relationMode = "prisma"``: relations are known to clients alone."""
    statement = block.statement("relationMode") if block.keyword == "datasource" else None
    return statement is not None and string_value(statement.tokens[-1]) == "prisma"


class _ModelWriter:
    def __init__(
        self, schema: Schema, model: Model, block: Block, base: str, *, has_foreign_keys: bool
    ) -> None:
        self._schema, self._model, self._base = schema, model, base
        self._keys = DatabaseKeys(model, block)
        self._names = attribute_names(model)
        self._hidden = frozenset(self._names.values())
        keys = [fields for _, fields in model_keys(model)]
        sure = [fields for fields in keys if all(model.field(name).is_required for name in fields)]
        self._identity = next(iter(sure or keys), ())
        self._is_table = not keys
        self.relations = RelationWriter(schema, model, base, has_foreign_keys)
        self.aliases = {field.type for field in model.relations if field.type in self._hidden}

    def written(self) -> OrmModel:
        model = self._model
        noun = "view" if model.is_view else "model"
        return OrmModel(
            name=model.name,
            is_table=self._is_table,
            is_view=model.is_view,
            documentation=model.documentation or f"A row of the {noun} ``{model.name}``.",
            table=model.table,
            schema=literal_or_none(schema_of(model.database_schema)),
            options=self._options(),
            identity=self._mapped_identity(),
            attributes=tuple(self._attributes()),
            columns=tuple(self._plain_columns()),
            statements=tuple(self._statements()),
        )

    def _attributes(self) -> Iterable[str]:
        for field in () if self._is_table else self._model.fields:
            if not field.is_relation:
                yield self._column(field)
            elif self._is_related(field):
                yield self._relation(field)

    def _plain_columns(self) -> Iterable[str]:
        for field in self._model.fields if self._is_table else ():
            if not field.is_relation:
                given = [python_string(field.column), column_type(field)]
                yield called("_Column", [*given, *named(self._column_options(field))], 4)

    def _column_options(self, field: Field) -> dict[str, str]:
        if self._model.is_view:
            return {}
        options = {"nullable": str(self._is_nullable(field))} | self._defaults(field)
        options.pop("deferred", None)  # which is a class's business
        return options

    def _statements(self) -> Iterable[str]:
        if not self._model.is_view:
            yield from foreign_keys(self.relations, self._keys)
            yield from indexes(self._model, self._keys)

    def _is_related(self, field: Field) -> bool:
        """Whether both sides of a relation are classes."""
        return bool(model_keys(self._schema.models_by_name[field.type]))

    def _options(self) -> str:
        """``__table_args__``: the primary key, whose columns have an order of their own, and the schema."""
        model, key = self._model, self._model.primary_key
        parts = []
        if key is not None and not model.is_view:
            columns = [python_string(model.field(name).column) for name in key.fields]
            columns.append(f"name={python_string(self._keys.primary_key)}")
            parts.append(called("_PrimaryKeyConstraint", columns, 8))
        schema = schema_of(model.database_schema)
        if schema is not None:
            parts.append(f'{{"schema": {python_string(schema)}}}')
        line = f"__table_args__: _Any = ({', '.join(parts)},)"
        if len(parts) == 1 and "\n" not in line and len(line) + 4 <= LINE_LENGTH:
            return line
        if len(parts) == 1:
            return f"__table_args__: _Any = (\n        {parts[0]},\n    )"
        return called("__table_args__: _Any = ", parts, 4) if parts else ""

    def _mapped_identity(self) -> tuple[str, ...]:
        """The attributes by which SQLAlchemy tells rows apart, where the database has no primary key."""
        has_key = self._model.primary_key is not None and not self._model.is_view
        return () if has_key else tuple(self._names[name] for name in self._identity)

    def _column(self, field: Field) -> str:
        model, key = self._model, self._model.primary_key
        arguments = {"nullable": str(self._is_nullable(field))}
        if not model.is_view:
            if key is not None and field.name in key.fields:
                is_number = field.type in ("Int", "BigInt")
                arguments = {"primary_key": "True"} | ({"autoincrement": "False"} if is_number else {})
            arguments |= self._defaults(field)
        given = [python_string(field.column), column_type(field), *named(arguments)]
        type_ = self._annotated(row_type(field), is_list=field.is_list)
        type_ += " | None" * self._is_nullable(field)
        return called(f"{self._names[field.name]}: _Mapped[{type_}] = _column", given, 4)

    def _defaults(self, field: Field) -> dict[str, str]:
        return defaults(self._model, field, self._schema.enums_by_name, self._base)

    def _is_nullable(self, field: Field) -> bool:
        # A list column is nullable in the database, whatever the schema says.
        return field.is_list or not field.is_required

    def _annotated(self, item: str, *, is_list: bool) -> str:
        item = f"_builtins.{item}" if item in self._hidden & BUILTINS else item
        if not is_list:
            return item
        return f"_builtins.list[{item}]" if "list" in self._hidden else f"list[{item}]"

    def _relation(self, field: Field) -> str:
        class_ = f"_{field.type}_" if field.type in self._hidden else field.type
        related = python_string(class_ + " | None" * self.relations.is_optional(field))
        return self.relations.relationship(field, self._annotated(related, is_list=field.is_list))


def _enum(enum: Enum, base: str) -> OrmEnum:
    labels = ", ".join(python_string(value.database_name) for value in enum.values)
    arguments = [
        f"_enums.{enum.name}",
        base,
        python_string(enum.database_name),
        literal_or_none(schema_of(enum.database_schema)),
        f"[{labels}]",
    ]
    variable = enum_type_name(enum.name)
    return OrmEnum(called(f"{variable} = _orm.enum", arguments, 0))
