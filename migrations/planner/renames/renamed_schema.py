"""The old schema as if its things had always had their new names: then the engine sees no drop and no add.

The engine compares the database's names, so it is enough to write those (``@map``, ``@@map``, ``@@schema``)
and to rename models, and relations, since the join table of an implicit many-to-many relation is named after
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from schemas.model import Enum, Model
from schemas.prisma.attributes import (
    condition_field_tokens,
    key_arguments,
    key_fields,
    list_items,
    named_arguments,
)
from schemas.prisma.source import Block, SchemaStatement, Token, blocks, replaced, string_value

from ..context import enum_name, table_name
from .new_names import NewNames
from .pairing import Pairing
from .sql_texts import printed, spellings, sql_strings, with_columns_renamed

_KEYS = ("id", "unique", "index", "fulltext")


@dataclass(slots=True)
class _Edits:
    """Replacements of parts of a text, by offset."""

    text: str
    parts: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        self.parts.append((start, end, new))

    def result(self) -> str:
        return replaced(self.text, self.parts)


def with_new_names(text: str, pairing: Pairing, names: NewNames) -> str:
    """``text``, the old schema, with the names of the new one."""
    edits = _Edits(text)
    types = {old: new for old, new in names.tops.items() if old != new}
    models = {model.name: model for model in pairing.before.models if not model.is_view}
    enums = {enum.name: enum for enum in pairing.before.enums}
    homes = _homes(pairing)
    known_sql = spellings(pairing.after.text)
    for block in blocks(text):
        if block.keyword == "datasource":
            _list_schemas(edits, block, pairing)
        if block.keyword in ("model", "view"):
            _retype(edits, block, types)
            _rename_references(edits, block, names.fields)
        if block.name in homes:
            _set_block_attribute(edits, block, "@@schema", homes[block.name])
        if block.keyword == "model" and block.name in models:
            _rename_model(edits, block, models[block.name], names, known_sql)
        elif block.keyword == "enum" and block.name in enums:
            _rename_enum(edits, block, enums[block.name], names)
        elif block.keyword == "view":
            _rename_block(edits, block, names)
    return edits.result()


def _homes(pairing: Pairing) -> dict[str, str]:
    """The ``@@schema`` of each model and enum, by old name; empty if none is moved.

    Prisma requires it of all as soon as the datasource lists any.
    """
    moved: dict[str, str] = {}
    olds: dict[str, str] = {}
    for model in pairing.before.models:
        olds[model.name] = table_name(model)[0]
    for enum in pairing.before.enums:
        olds[enum.name] = enum_name(enum)[0]
    for old, new in pairing.models:
        moved[old.name] = table_name(new)[0]
    for old_enum, new_enum in pairing.enums:
        moved[old_enum.name] = enum_name(new_enum)[0]
    homes = olds | moved
    return homes if homes != olds else {}


def _list_schemas(edits: _Edits, block: Block, pairing: Pairing) -> None:
    if not _homes(pairing):
        return
    names = sorted({*pairing.before.database_schemas, *pairing.after.database_schemas})
    written = f"schemas = {json.dumps(names)}"
    statement = block.statement("schemas")
    if statement is None:
        first = block.statements[0].offset
        edits.replace(first, first, f"{written}\n")
    else:
        edits.replace(statement.offset, statement.end, written)


def _rename_model(
    edits: _Edits, block: Block, model: Model, names: NewNames, known_sql: Mapping[str, str]
) -> None:
    _rename_block(edits, block, names)
    _set_map(edits, block, names.tops[model.name], names.tables[model.name][1])
    fields, columns = names.fields[model.name], names.columns[model.name]
    stored = {field.name: field.column for field in model.fields if not field.is_relation}
    in_sql = {stored[name]: column for name, column in columns.items() if stored.get(name, column) != column}
    relations = {side: table[1].removeprefix("_") for sides, table in names.joins.items() for side in sides}
    for statement in block.statements:
        _rename_in_sql(edits, statement, in_sql, known_sql)
        if statement.name not in fields:
            continue
        edits.replace(statement.offset, statement.offset + len(statement.name), fields[statement.name])
        if statement.name in columns:
            _set_attribute(edits, statement, "map", columns[statement.name])
        elif (model.name, statement.name) in relations:
            _set_attribute(edits, statement, "relation", relations[model.name, statement.name])


def _rename_enum(edits: _Edits, block: Block, enum: Enum, names: NewNames) -> None:
    _rename_block(edits, block, names)
    _set_map(edits, block, names.tops[enum.name], names.types[enum.name][1])
    values = names.values.get(enum.name, {})
    for statement in block.statements:
        if statement.name in values:
            _set_attribute(edits, statement, "map", values[statement.name])


def _rename_block(edits: _Edits, block: Block, names: NewNames) -> None:
    edits.replace(block.offset, block.offset + len(block.name), names.tops[block.name])


def _retype(edits: _Edits, block: Block, types: dict[str, str]) -> None:
    """Rename the types of fields."""
    for statement in block.statements:
        if not statement.is_attribute and len(statement.tokens) > 1 and statement.tokens[1].text in types:
            kind = statement.tokens[1]
            edits.replace(kind.offset, kind.offset + len(kind.text), types[kind.text])


def _rename_references(edits: _Edits, block: Block, fields: Mapping[str, Mapping[str, str]]) -> None:
    """Rename fields in keys, indexes and their conditions, and on both sides of a relation."""
    own = fields.get(block.name, {})
    for statement in block.statements:
        others = fields.get(_type_name(statement), {})
        named = [(own, token) for token in _own_fields(statement)]
        named += [(others, token) for token in _relation_fields(statement, "references")]
        for names, token in named:
            if token.text in names:
                edits.replace(token.offset, token.offset + len(token.text), names[token.text])


def _own_fields(statement: SchemaStatement) -> Iterator[Token]:
    """The fields of its own block that a statement names, beside the field that it declares."""
    if not statement.is_attribute:
        yield from _relation_fields(statement, "fields")
    for kind in _KEYS:
        arguments = key_arguments(statement, kind)
        if arguments is not None:
            yield from condition_field_tokens(arguments)
            if statement.is_attribute:
                yield from (part[0] for part in key_fields(statement, arguments))


def _relation_fields(statement: SchemaStatement, side: str) -> Iterator[Token]:
    arguments = () if statement.is_attribute else statement.arguments("@", "relation") or ()
    return (item[0] for item in list_items(named_arguments(arguments).get(side, ())))


def _rename_in_sql(
    edits: _Edits, statement: SchemaStatement, columns: Mapping[str, str], known: Mapping[str, str]
) -> None:
    """Rename columns in the SQL of ``raw`` and ``dbgenerated``, in the new schema's spelling if it has it."""
    for token in sql_strings(statement):
        old = string_value(token)
        new = with_columns_renamed(old, columns)
        if new != old:
            written = json.dumps(known.get(printed(new), new), ensure_ascii=False)
            edits.replace(token.offset, token.offset + len(token.text), written)


def _type_name(statement: SchemaStatement) -> str:
    return statement.tokens[1].text if len(statement.tokens) > 1 else ""


def _set_map(edits: _Edits, block: Block, name: str, stored: str) -> None:
    """Set ``@@map`` if the database name differs from the schema's."""
    if stored != name or block.statement("@@map") is not None:
        _set_block_attribute(edits, block, "@@map", stored)


def _set_block_attribute(edits: _Edits, block: Block, name: str, value: str) -> None:
    statement = block.statement(name)
    written = f"{name}({json.dumps(value, ensure_ascii=False)})"
    if statement is None:
        first = block.statements[0].offset
        edits.replace(first, first, f"{written}\n")
    else:
        edits.replace(statement.offset, statement.end, written)


def _set_attribute(edits: _Edits, statement: SchemaStatement, name: str, value: str) -> None:
    """Set the name in ``@map`` or ``@relation`` of a field or value, and keep other arguments."""
    quoted = json.dumps(value, ensure_ascii=False)
    tokens = statement.tokens
    starts = (at for at in range(len(tokens) - 2) if statement.words[at : at + 3] == ("@", name, "("))
    start = next(starts, None)
    if start is None:
        edits.replace(statement.end, statement.end, f" @{name}({quoted})")
        return
    inside = statement.arguments("@", name) or ()
    written = next((token for token in inside if token.kind == "string"), None)
    if written is not None:
        edits.replace(written.offset, written.offset + len(written.text), quoted)
    else:
        first = tokens[start + 2].offset + 1
        edits.replace(first, first, f"{quoted}, " if inside else quoted)
