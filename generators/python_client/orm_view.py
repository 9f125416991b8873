"""What the template of tables.py shows: SQLAlchemy's declarative models, one for each model and view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.model import Enum, Field, Model, Relation, Schema
from schemas.prisma.source import Block, blocks, string_value

from ..naming import python_identifier
from ..render import python_string, python_tuple
from .database_keys import DatabaseKeys, Index
from .orm_columns import column_type, defaults, enum_type_name, row_type, schema_of
from .relations import opposite, stored_relation
from .view import BUILTINS, literal_or_none, model_keys

#: Attributes of every declarative class: https://docs.sqlalchemy.org/en/20/orm/mapping_api.html
_TAKEN = frozenset({"metadata", "registry", "type_annotation_map"})
_LINE_LENGTH = 110
_ACTIONS = {"Cascade": "CASCADE", "Restrict": "RESTRICT", "NoAction": "NO ACTION", "SetNull": "SET NULL",
            "SetDefault": "SET DEFAULT"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrmModel:
    """A declarative class, or (``is_table``) the table of a view without a key, which no class can map.

    ``attributes`` are the lines of its columns and relations; ``identity`` tells rows apart where the
    database has no primary key; ``statements`` follow all classes.
    """

    name: str
    is_table: bool
    is_view: bool
    documentation: str
    table: str
    schema: str
    options: str
    identity: tuple[str, ...]
    attributes: tuple[str, ...]
    columns: tuple[str, ...]
    statements: tuple[str, ...]


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
        joins=tuple(sorted({join for writer in writers for join in writer.joins()})),
    )


def _has_no_foreign_keys(block: Block) -> bool:
    """``relationMode = "prisma"``: relations are known to clients alone."""
    statement = block.statement("relationMode") if block.keyword == "datasource" else None
    return statement is not None and string_value(statement.tokens[-1]) == "prisma"


def called(prefix: str, arguments: Iterable[str], indent: int) -> str:
    """``prefix(arguments)`` on one line if it fits, else an argument on each, as ruff and black write it."""
    given = list(arguments)
    line = f"{prefix}({', '.join(given)})"
    if indent + len(line) <= _LINE_LENGTH:
        return line
    pad = " " * indent
    return "\n".join([f"{prefix}(", *(f"{pad}    {argument}," for argument in given), f"{pad})"])


def attribute_names(model: Model) -> dict[str, str]:
    """The attribute of each field: as in models.py, with ``_`` behind those that SQLAlchemy has taken."""
    names: dict[str, str] = {}
    given = {python_identifier(field.name) for field in model.fields}
    for field in model.fields:
        name = python_identifier(field.name)
        while name in _TAKEN or (name != python_identifier(field.name) and name in given):
            name += "_"
        names[field.name] = name
    return names


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
        self._has_foreign_keys = has_foreign_keys
        self.aliases = {field.type for field in model.relations if field.type in self._hidden}

    def written(self) -> OrmModel:
        model = self._model
        fields = [field for field in model.fields if not field.is_relation or self._is_related(field)]
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
            attributes=()
            if self._is_table
            else tuple(
                self._relation(field) if field.is_relation else self._column(field) for field in fields
            ),
            columns=tuple(self._plain_column(field) for field in fields) if self._is_table else (),
            statements=() if model.is_view else (*self._foreign_keys(), *self._indexes()),
        )

    def _is_related(self, field: Field) -> bool:
        """Whether both sides of a relation are classes."""
        return not self._is_table and bool(model_keys(self._schema.models_by_name[field.type]))

    def joins(self) -> Iterable[str]:
        """Calls that make the tables of relations of many to many; each is written by both of its sides."""
        for field in self._model.relations:
            row = stored_relation(self._schema, self._model, field, field.name)
            if row[3] != "many":
                continue
            _, _, target, _, own, theirs, schema, table, here, there = row
            sides = {here: (self._model.name, own), there: (target, theirs)}
            text = ", ".join(
                f"{python_string(column)}: ({name}, {python_string(self._stored(name, key))})"
                for column, (name, key) in sorted(sides.items())
            )
            arguments = [
                self._base,
                python_string(table),
                literal_or_none(schema_of(schema or None)),
                f"{{{text}}}",
            ]
            arguments += [] if self._has_foreign_keys else ["constrained=False"]
            yield called("_orm.join_table", arguments, 0)

    def _stored(self, model: str, field: str) -> str:
        return self._schema.models_by_name[model].field(field).column

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
        if len(parts) == 1 and "\n" not in line and len(line) + 4 <= _LINE_LENGTH:
            return line
        if len(parts) == 1:
            return f"__table_args__: _Any = (\n        {parts[0]},\n    )"
        return called("__table_args__: _Any = ", parts, 4) if parts else ""

    def _mapped_identity(self) -> tuple[str, ...]:
        """The attributes by which SQLAlchemy tells rows apart, where the database has no primary key."""
        has_key = self._model.primary_key is not None and not self._model.is_view
        return () if has_key else tuple(self._names[name] for name in self._identity)

    def _column(self, field: Field) -> str:
        arguments = {"nullable": str(self._is_nullable(field))}
        key = self._model.primary_key
        if key is not None and field.name in key.fields and not self._model.is_view:
            arguments = {"primary_key": "True"}
        if "primary_key" in arguments and field.type in ("Int", "BigInt"):
            arguments["autoincrement"] = "False"
        arguments |= (
            {}
            if self._model.is_view
            else defaults(self._model, field, self._schema.enums_by_name, self._base)
        )
        given = [python_string(field.column), column_type(field), *_named(arguments)]
        type_ = self._annotated(row_type(field), is_list=field.is_list)
        type_ += " | None" * self._is_nullable(field)
        return called(f"{self._names[field.name]}: _Mapped[{type_}] = _column", given, 4)

    def _plain_column(self, field: Field) -> str:
        return f"_Column({python_string(field.column)}, {column_type(field)})"

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
        row = stored_relation(self._schema, self._model, field, field.name)
        is_optional = not field.is_list and row[3] != "parent"
        annotation = self._annotated(python_string(class_ + " | None" * is_optional), is_list=field.is_list)
        arguments = self._many(row) if row[3] == "many" else self._keyed(field, row)
        given = [f"lambda: {field.type}", *_named(arguments)]
        return called(f"{self._names[field.name]}: _Mapped[{annotation}] = _relationship", given, 4)

    def _many(self, row: tuple[str, ...]) -> dict[str, str]:
        """A relation over a table that joins both sides."""
        _, _, target, _, own, theirs, schema, table, here, there = row
        named = schema_of(schema or None)
        name = table if named is None else f"{named}.{table}"
        join = f"{self._base}.metadata.tables[{python_string(name)}]"
        arguments = {"back_populates": self._opposite_name(row), "secondary": f"lambda: {join}"}
        if self._has_foreign_keys and target != self._model.name:
            return arguments
        return {
            **arguments,
            "primaryjoin": f'lambda: {self._attribute(self._model.name, own)} == {join}.c["{here}"]',
            "secondaryjoin": f'lambda: {self._attribute(target, theirs)} == {join}.c["{there}"]',
        }

    def _keyed(self, field: Field, row: tuple[str, ...]) -> dict[str, str]:
        """A relation over a foreign key, on this side or on the other."""
        target, kind, own, theirs = row[2], row[3], row[4].split(","), row[5].split(",")
        ours = [self._attribute(self._model.name, name) for name in own]
        others = [self._attribute(target, name) for name in theirs]
        is_parent = kind.startswith("parent")
        keys = ", ".join(ours if is_parent else others)
        arguments = {"back_populates": self._opposite_name(row), "foreign_keys": f"lambda: [{keys}]"}
        if not self._is_constrained(target):
            pairs = ", ".join(f"{one} == {other}" for one, other in zip(ours, others, strict=True))
            arguments["primaryjoin"] = f"lambda: _and({pairs})"
        if is_parent and target == self._model.name:
            arguments["remote_side"] = f"lambda: [{', '.join(others)}]"
        if self._model.is_view or self._schema.models_by_name[target].is_view:
            return {**arguments, "viewonly": "True"}
        if not is_parent:
            # What becomes of the rows of a deleted one is the database's to say (onDelete).
            arguments["passive_deletes"] = '"all"'
        overlaps = self._overlaps(field)
        return {**arguments, "overlaps": python_string(",".join(overlaps))} if overlaps else arguments

    def _overlaps(self, field: Field) -> list[str]:
        """Relations that write a column which this one writes too, on either side."""
        owner, own = self._model, field
        if not _relation(own).fields:
            owner, own = self._schema.models_by_name[field.type], opposite(self._schema, owner, own)
        columns = set(_relation(own).fields)
        found: set[str] = set()
        for other in owner.relations:
            if other.name != own.name and columns & set(_relation(other).fields):
                target = self._schema.models_by_name[other.type]
                found.add(attribute_names(owner)[other.name])
                found.add(attribute_names(target)[opposite(self._schema, owner, other).name])
        return sorted(found)

    def _is_constrained(self, target: str) -> bool:
        """Whether the database has foreign keys between this model and another."""
        is_view = self._model.is_view or self._schema.models_by_name[target].is_view
        return not is_view and self._has_foreign_keys

    def _opposite_name(self, row: tuple[str, ...]) -> str:
        target = self._schema.models_by_name[row[2]]
        other = opposite(self._schema, self._model, self._model.field(row[0]))
        return python_string(attribute_names(target)[other.name])

    def _attribute(self, model: str, field: str) -> str:
        return f"{model}.{attribute_names(self._schema.models_by_name[model])[field]}"

    def _foreign_keys(self) -> Iterable[str]:
        for field in self._model.relations:
            relation = _relation(field)
            if not relation.fields or not self._is_constrained(field.type):
                continue
            target = self._schema.models_by_name[field.type]
            is_required = any(self._model.field(name).is_required for name in relation.fields)
            on_delete = relation.on_delete or ("Restrict" if is_required else "SetNull")
            name = self._keys.foreign_key(field.name, relation.fields)
            arguments = {
                "name": python_string(name),
                "ondelete": python_string(_ACTIONS[on_delete]),
                "onupdate": python_string(_ACTIONS[relation.on_update or "Cascade"]),
            }
            columns = self._columns(self._model, relation.fields)
            references = self._columns(target, relation.references)
            given = [self._model.name, columns, target.name, references, *_named(arguments)]
            yield called("_orm.foreign_key", given, 0)

    def _columns(self, model: Model, fields: Iterable[str]) -> str:
        return python_tuple(model.field(name).column for name in fields)

    def _indexes(self) -> Iterable[str]:
        return (called("_orm.index", [self._model.name, *_index(index)], 0) for index in self._keys.indexes)


def _named(arguments: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in arguments.items()]


def _index(index: Index) -> list[str]:
    arguments = [python_string(index.name), python_tuple(part.column for part in index.parts)]
    if index.is_unique:
        arguments.append("unique=True")
    descending = [part.column for part in index.parts if part.is_descending]
    if descending:
        arguments.append(f"descending={python_tuple(descending)}")
    if index.method is not None:
        arguments.append(f"using={python_string(index.method)}")
    operators = [(part.column, part.operators) for part in index.parts if part.operators is not None]
    if operators:
        pairs = ", ".join(f"{python_string(column)}: {python_string(name)}" for column, name in operators)
        arguments.append(f"operators={{{pairs}}}")
    if index.where is not None:
        arguments.append(f"where={python_string(index.where)}")
    return arguments


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


def _relation(field: Field) -> Relation:
    if field.relation is None:
        raise ValueError(f"{field.name} is no relation")
    return field.relation
