"""The schema.prisma that a database would have, written from a draft's by undoing what differs.

The names, the relations and all that a database doesn't have stay the draft's, so that the planner sees only
the difference. Whether the text is right is not decided here: whoever asks for it builds it and compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pglast import ast
from pglast.parser import parse_sql

from schemas.model import Enum, Field, Model, Schema
from schemas.prisma.source import Block, SchemaStatement, blocks, replaced

from ...introspection.defaults import canonical_default
from ...introspection.drift import extra_key
from ...introspection.pg_catalog import Column, DatabaseSchema, Index, Name, Table
from ..context import enum_name, table_name
from ..join_tables import join_tables
from .block_edits import BlockEdits
from .prisma_types import prisma_default, prisma_type

_NOT_IN_WORDS = re.compile(r"[^A-Za-z0-9_]")
_NEW = "end_state"
_ACTIONS = {"a": "NoAction", "r": "Restrict", "c": "Cascade", "n": "SetNull", "d": "SetDefault"}


def described(schema: Schema, found: DatabaseSchema, expected: DatabaseSchema, kept: Collection[str]) -> str:
    """``schema``, which makes ``expected``, as it would make ``found`` instead. ``kept`` are the keys of what
    is left to SQL (:mod:`schemas.answers`). What can't be written stays as it is."""
    return _Description(schema, found, expected, kept).text()


@dataclass(slots=True)
class _Description:
    schema: Schema
    found: DatabaseSchema
    expected: DatabaseSchema
    kept: Collection[str]
    edits: dict[str, BlockEdits] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)  # models and enums
    added: list[str] = field(default_factory=list)  # blocks
    relations: int = 0

    def text(self) -> str:
        text = self.schema.text
        self.edits = {block.name: BlockEdits(block) for block in blocks(text) if block.statements}
        for enum in self.schema.enums:
            self._enum(enum)
        for model in self.schema.models:
            if not model.is_view and table_name(model) not in self.found.tables:
                self._remove_model(model)
        for table in join_tables(self.schema):
            if table.name not in self.found.tables:
                for model_name, field_name in table.sides:
                    self._remove_field(self.schema.models_by_name[model_name], field_name)
        for model in self.schema.models:
            theirs = self.expected.tables.get(table_name(model))
            if model.name not in self.removed and not model.is_view and theirs is not None:
                self._table(model, self.found.tables[table_name(model)], theirs)
        for name in sorted(self.found.tables.keys() - self.expected.tables.keys()):
            if extra_key("table", name) not in self.kept:
                self._add_model(name, self.found.tables[name])
        kept = {name: each for name, each in self.edits.items() if name not in self.removed}
        parts = [part for each in kept.values() for part in each.parts(text)]
        parts += [(*_span(text, self.edits[name].block), "") for name in self.removed]
        return "\n".join([replaced(text, parts), *self.added])

    # Tables

    def _table(self, model: Model, ours: Table, theirs: Table) -> None:
        edits = self.edits[model.name]
        by_column = {each.column: each for each in model.fields if not each.is_relation}
        for column in sorted(theirs.columns.keys() - ours.columns.keys()):
            if column in by_column:
                self._remove_field(model, by_column[column].name)
        for column in sorted(ours.columns):
            if column in theirs.columns and column in by_column:
                self._column(model, by_column[column], ours.columns[column], theirs.columns[column])
            elif column not in theirs.columns and not self._is_allowed(model, column, ours.columns[column]):
                edits.add(self._new_field(column, ours.columns[column]))
                by_column[column] = Field(name=_identifier(column), kind="scalar", type="", column=column)
        names = {column: each.name for column, each in by_column.items()}
        for index in theirs.indexes.keys() - ours.indexes.keys():
            self._remove_index(model, index, names)
        for index, name in sorted(ours.indexes.items(), key=lambda item: item[1]):
            is_extra = index not in theirs.indexes and index.is_plain
            if is_extra and extra_key("index", (table_name(model)[0], name)) not in self.kept:
                edits.add(_index_line(index, name, names))
        self._foreign_keys(model, ours, theirs, names)

    def _is_allowed(self, model: Model, column: str, found: Column) -> bool:
        return bool(found.generated) or extra_key("column", (*table_name(model), column)) in self.kept

    def _column(self, model: Model, known: Field, ours: Column, theirs: Column) -> None:
        edits, place = self.edits[model.name], (*table_name(model), known.column)
        statement = edits.block.statement(known.name)
        if statement is None or edits.is_removed(statement):
            return
        if theirs.type not in (ours.type, ours.base):
            words = prisma_type(ours, self._enum_names())
            if "Unsupported(" in words:
                return
            edits.set_type(statement, words)
        elif ours.is_required != theirs.is_required and not theirs.is_list:
            edits.set_optional(statement, is_optional=not ours.is_required)
        if self._has_other_default(place, ours, theirs):
            edits.set_attribute(statement, "default", prisma_default(ours))

    def _has_other_default(self, place: tuple[str, str, str], ours: Column, theirs: Column) -> bool:
        if ours.generated is not None or theirs.generated is not None:
            return False
        if theirs.default is None and extra_key("default", place) in self.kept:
            return False
        found, wanted = (canonical_default(each.default, each.type) for each in (ours, theirs))
        return found != wanted

    def _new_field(self, column: str, found: Column) -> str:
        name = _identifier(column)
        mapped = "" if name == column else f" @map({json.dumps(column, ensure_ascii=False)})"
        return f"{name} {prisma_type(found, self._enum_names())} {prisma_default(found)}{mapped}"

    def _enum_names(self) -> Mapping[Name, str]:
        known = {enum_name(enum): enum.name for enum in self.schema.enums if enum.name not in self.removed}
        return {name: known.get(name, _identifier(name[1])) for name in self.found.enums}

    # Indexes

    def _remove_index(self, model: Model, index: Index, names: Mapping[str, str]) -> None:
        edits = self.edits[model.name]
        fields = [names.get(_key_column(key), "") for key in index.keys]
        statement = edits.key_statement("unique" if index.is_unique else "index", fields)
        if statement is None:
            return
        if statement.is_attribute:
            edits.remove(statement)
        else:
            edits.set_attribute(statement, "unique", "")
        if index.is_unique:
            self._to_many(model, fields)

    def _to_many(self, model: Model, fields: Sequence[str]) -> None:
        """The other side of a relation over ``fields`` is no longer one row."""
        for each in model.relations:
            if each.relation is not None and list(each.relation.fields) == list(fields):
                for owner, other in self._other_sides(model, each):
                    statement = self.edits[owner.name].block.statement(other.name)
                    if statement is not None and not other.is_list:
                        self.edits[owner.name].set_type(statement, f"{other.type}[]", keeps_native=True)

    # Foreign keys and relations

    def _foreign_keys(self, model: Model, ours: Table, theirs: Table, names: Mapping[str, str]) -> None:
        for definition in sorted(theirs.foreign_keys.keys() - ours.foreign_keys.keys()):
            key = _parsed(definition)
            for each in model.relations:
                fields = [names.get(column, "") for column in key.columns]
                if each.relation is not None and list(each.relation.fields) == fields:
                    self._remove_field(model, each.name)
        for definition in sorted(ours.foreign_keys.keys() - theirs.foreign_keys.keys()):
            name = ours.foreign_keys[definition]
            if extra_key("foreign key", (*table_name(model), name)) not in self.kept:
                for line in self._new_relation(model.name, definition, name, ours, names):
                    self.edits[model.name].add(line)

    def _new_relation(
        self, owner: str, definition: str, name: str, table: Table, names: Mapping[str, str]
    ) -> Iterator[str]:
        """Add the other side of a relation, and give its owner's."""
        key = _parsed(definition)
        target = next((each for each in self.schema.models if table_name(each) == key.target), None)
        if target is None or target.name in self.removed:
            return
        there = {each.column: each.name for each in target.fields if not each.is_relation}
        if not {*key.columns} <= names.keys() or not {*key.referenced} <= there.keys():
            return
        self.relations += 1
        word = f"{_NEW}_{self.relations}"
        optional = "" if all(table.columns[column].is_required for column in key.columns) else "?"
        yield (
            f'{word} {target.name}{optional} @relation("{word}", '
            f"fields: [{', '.join(names[column] for column in key.columns)}], "
            f"references: [{', '.join(there[column] for column in key.referenced)}], "
            f"onDelete: {key.on_delete}, onUpdate: {key.on_update}, map: {json.dumps(name)})"
        )
        self.edits[target.name].add(f'{word}_back {owner}[] @relation("{word}")')

    def _remove_field(self, model: Model, name: str) -> None:
        """A field, the keys that it is part of, and both sides of its relations."""
        edits = self.edits[model.name]
        statement = edits.block.statement(name)
        if statement is None or edits.is_removed(statement):
            return
        edits.remove(statement)
        known = model.field(name)
        if known.is_relation:
            for owner, other in self._other_sides(model, known):
                self._remove_field(owner, other.name)
            return
        for each in model.relations:
            if each.relation is not None and name in each.relation.fields:
                self._remove_field(model, each.name)
        for block_attribute in _naming(edits.block, name):
            edits.remove(block_attribute)

    def _other_sides(self, model: Model, known: Field) -> list[tuple[Model, Field]]:
        relation = known.relation.name if known.relation else ""
        target = self.schema.models_by_name[known.type]
        return [
            (target, each)
            for each in target.relations
            if each.relation and each.relation.name == relation and (target, each) != (model, known)
        ]

    def _remove_model(self, model: Model) -> None:
        self.removed.add(model.name)
        for each in model.relations:
            self._remove_field(model, each.name)

    def _add_model(self, name: Name, table: Table) -> None:
        names = {column: _identifier(column) for column in table.columns}
        model = _identifier(name[1])
        if model in self.schema.models_by_name or model in self.schema.enums_by_name:
            model = f"{_NEW}_{model}"
        lines = [self._new_field(column, each) for column, each in table.columns.items()]
        if table.primary_key:
            lines.append(f"@@id([{', '.join(names[_key_column(key)] for key in table.primary_key)}])")
        lines += [
            _index_line(index, called, names) for index, called in table.indexes.items() if index.is_plain
        ]
        if not table.primary_key and not any(index.is_unique and index.is_plain for index in table.indexes):
            lines.append("@@ignore")
        for definition, called in table.foreign_keys.items():
            lines += self._new_relation(model, definition, called, table, names)
        lines.append(f"@@map({json.dumps(name[1], ensure_ascii=False)})")
        if len(self.schema.database_schemas) > 1 or name[0] != "public":
            lines.append(f"@@schema({json.dumps(name[0])})")
        body = "\n".join(lines)
        self.added.append(f"model {model} {{\n{body}\n}}\n")

    # Enums

    def _enum(self, enum: Enum) -> None:
        labels = self.found.enums.get(enum_name(enum))
        if labels is None:
            self.removed.add(enum.name)
            return
        edits = self.edits[enum.name]
        for value in enum.values:
            statement = edits.block.statement(value.name)
            if value.database_name not in labels and statement is not None:
                edits.remove(statement)
        for label in sorted(set(labels) - {value.database_name for value in enum.values}):
            name = _identifier(label)
            mapped = "" if name == label else f" @map({json.dumps(label, ensure_ascii=False)})"
            edits.add(f"{name}{mapped}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ForeignKey:
    columns: tuple[str, ...]
    target: Name
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str


def _parsed(definition: str) -> _ForeignKey:
    """A definition of :class:`~migrations.introspection.pg_catalog.Table`."""
    statement = parse_sql(f"ALTER TABLE t ADD {definition}")[0].stmt
    assert isinstance(statement, ast.AlterTableStmt)
    constraint = (statement.cmds or ())[0].def_
    return _ForeignKey(
        columns=tuple(part.sval for part in constraint.fk_attrs),
        target=(constraint.pktable.schemaname or "public", constraint.pktable.relname),
        referenced=tuple(part.sval for part in constraint.pk_attrs),
        on_delete=_ACTIONS[constraint.fk_del_action],
        on_update=_ACTIONS[constraint.fk_upd_action],
    )


def _index_line(index: Index, name: str, names: Mapping[str, str]) -> str:
    fields = []
    for key in index.keys:
        descends = "(sort: Desc)" if key.endswith(" DESC") else ""
        fields.append(f"{names.get(_key_column(key), '')}{descends}")
    kind = "unique" if index.is_unique else "index"
    method = "" if index.method == "btree" else f", type: {_METHODS.get(index.method, index.method)}"
    return f"@@{kind}([{', '.join(fields)}], map: {json.dumps(name, ensure_ascii=False)}{method})"


_METHODS = {"hash": "Hash", "gin": "Gin", "gist": "Gist", "spgist": "SpGist", "brin": "Brin"}


def _key_column(key: str) -> str:
    """The column of an index's key, as Postgres writes that: ``"createdAt" DESC``."""
    if key.startswith('"'):
        return key[1 : key.rindex('"')].replace('""', '"')
    return key.partition(" ")[0]


def _naming(block: Block, name: str) -> Iterator[SchemaStatement]:
    """The keys and indexes of a block that a field is part of."""
    for statement in block.statements:
        if statement.is_attribute and name in statement.words[2:]:
            yield statement


def _identifier(name: str) -> str:
    """A name that Prisma accepts, the same if it can be."""
    name = _NOT_IN_WORDS.sub("_", name)
    return f"{_NEW}_{name}" if not name[:1].isalpha() else name


def _span(text: str, block: Block) -> tuple[int, int]:
    """The block with its keyword, to its closing brace."""
    start = text.rindex(block.keyword, 0, block.offset)
    return start, text.index("}", block.statements[-1].end if block.statements else block.offset) + 1
