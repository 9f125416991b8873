"""The schema before, as if its things always had their new names: then the engine sees no drop and no add.

What the engine compares are the database's names, so it is enough to write them down (``@map``, ``@@map``,
``@@schema``), to call models what they are called now, and relations: the table of an implicit many-to-many
relation is named after them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.model import Enum, Model
from schemas.prisma.source import Block, Statement, blocks

from .context import enum_name, table_name
from .join_tables import relation_names
from .pairing import Pairing
from .script import Name


@dataclass(slots=True)
class _Edits:
    """Replacements of parts of a text, by offset."""

    text: str
    parts: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        self.parts.append((start, end, new))

    def result(self) -> str:
        text = self.text
        for start, end, new in sorted(self.parts, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def with_new_names(text: str, pairing: Pairing) -> str:
    """``text``, the old schema, with the names of the new one."""
    edits = _Edits(text)
    types = {old.name: new.name for old, new in pairing.models}
    models = {old.name: (old, new) for old, new in pairing.models}
    enums = {old.name: (old, new) for old, new in pairing.enums}
    relations = relation_names(pairing)
    fields = {
        old.name: {before.name: after.name for before, after in pairing.fields(old, new)}
        for old, new in pairing.models
    }
    homes = _homes(pairing)
    for block in blocks(text):
        if block.keyword == "datasource":
            _list_schemas(edits, block, pairing)
        elif block.keyword == "model":
            _retype(edits, block, types)
            _rename_references(edits, block, fields)
        if block.name in homes:
            _set_block_attribute(edits, block, "@@schema", homes[block.name])
        if block.keyword == "model" and block.name in models:
            _rename_model(edits, block, models[block.name], pairing, relations)
        elif block.keyword == "enum" and block.name in enums:
            _rename_enum(edits, block, enums[block.name], pairing)
    return edits.result()


def _homes(pairing: Pairing) -> dict[str, str]:
    """The schema that each model and enum has to name, by its old name; empty where nothing moves.

    Prisma wants all to name theirs as soon as the datasource lists any.
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
        edits.replace(statement.offset, _end(statement), written)


def _rename_model(
    edits: _Edits,
    block: Block,
    models: tuple[Model, Model],
    pairing: Pairing,
    relations: dict[tuple[str, str], str],
) -> None:
    old, new = models
    edits.replace(block.offset, block.offset + len(block.name), new.name)
    _set_names(edits, block, table_name(old), table_name(new))
    columns = {before.name: (after.name, after.column) for before, after in pairing.fields(old, new)}
    renamed = {before.name: after.name for before, after in pairing.relations(old, new)}
    for statement in block.statements:
        if statement.name in columns:
            name, column = columns[statement.name]
            edits.replace(statement.offset, statement.offset + len(statement.name), name)
            _set_attribute(edits, statement, "map", column)
        elif statement.name in renamed:
            end = statement.offset + len(statement.name)
            edits.replace(statement.offset, end, renamed[statement.name])
            if (old.name, statement.name) in relations:
                _set_attribute(edits, statement, "relation", relations[old.name, statement.name])


def _rename_enum(edits: _Edits, block: Block, enums: tuple[Enum, Enum], pairing: Pairing) -> None:
    old, new = enums
    _set_names(edits, block, enum_name(old), enum_name(new))
    names = {before.name: after.database_name for before, after in pairing.values(old, new)}
    for statement in block.statements:
        if statement.name in names:
            _set_attribute(edits, statement, "map", names[statement.name])


def _retype(edits: _Edits, block: Block, types: dict[str, str]) -> None:
    """Fields of a model's type follow its new name."""
    for statement in block.statements:
        if not statement.is_attribute and len(statement.tokens) > 1 and statement.tokens[1].text in types:
            kind = statement.tokens[1]
            edits.replace(kind.offset, kind.offset + len(kind.text), types[kind.text])


def _rename_references(edits: _Edits, block: Block, fields: dict[str, dict[str, str]]) -> None:
    """The names of fields in lists: of keys, indexes, and both sides of a relation."""
    own = fields.get(block.name, {})
    for statement in block.statements:
        others: dict[str, str] = {} if statement.is_attribute else fields.get(_type_name(statement), {})
        names, last_word = own, ""
        brackets = parentheses = inside = 0
        for token in statement.tokens:
            brackets += {"[": 1, "]": -1}.get(token.text, 0)
            parentheses += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "[":
                inside, names = parentheses, others if last_word == "references" else own
            elif token.kind == "word" and not brackets:
                last_word = token.text
            elif token.kind == "word" and parentheses == inside and token.text in names:
                edits.replace(token.offset, token.offset + len(token.text), names[token.text])


def _type_name(statement: Statement) -> str:
    return statement.tokens[1].text if len(statement.tokens) > 1 else ""


def _set_names(edits: _Edits, block: Block, old: Name, new: Name) -> None:
    if old[1] != new[1]:
        _set_block_attribute(edits, block, "@@map", new[1])


def _set_block_attribute(edits: _Edits, block: Block, name: str, value: str) -> None:
    statement = block.statement(name)
    written = f"{name}({json.dumps(value, ensure_ascii=False)})"
    if statement is None:
        first = block.statements[0].offset
        edits.replace(first, first, f"{written}\n")
    else:
        edits.replace(statement.offset, _end(statement), written)


def _set_attribute(edits: _Edits, statement: Statement, name: str, value: str) -> None:
    """``@map`` and ``@relation`` of a field or value: their name, whatever else ``@relation`` says."""
    quoted = json.dumps(value, ensure_ascii=False)
    place = next(_argument_places(statement, name), None)
    if place is None:
        edits.replace(_end(statement), _end(statement), f" @{name}({quoted})")
    else:
        edits.replace(*place, quoted)


def _argument_places(statement: Statement, name: str) -> Iterator[tuple[int, int]]:
    """Where the string argument of an attribute is, or could be put."""
    tokens = statement.tokens
    for at in range(len(tokens) - 2):
        if [token.text for token in tokens[at : at + 3]] == ["@", name, "("]:
            inside = statement.arguments("@", name) or ()
            strings = [token for token in inside if token.kind == "string"]
            if strings:
                yield strings[0].offset, strings[0].offset + len(strings[0].text)


def _end(statement: Statement) -> int:
    last = statement.tokens[-1]
    return last.offset + len(last.text)
