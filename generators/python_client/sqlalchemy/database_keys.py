"""Names and kinds of keys in the database, which Prisma's datamodel leaves out: read from the schema's text.

Names that the schema doesn't give are Prisma's own: ``{table}_{columns}_{suffix}``, cut to what Postgres
keeps.
https://www.prisma.io/docs/orm/prisma-schema/data-model/database-mapping#prisma-orms-default-naming-conventions-for-indexes-and-constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.model import Model
from schemas.prisma.attributes import (
    condition_fields,
    first_string,
    index_condition,
    key_arguments,
    key_fields,
    named_arguments,
)
from schemas.prisma.source import Block, SchemaStatement, Token

_LONGEST_NAME = 63  # bytes: NAMEDATALEN - 1
_Arguments: TypeAlias = Mapping[str, Sequence[Token]]
_SUFFIXES = {"index": "_idx", "unique": "_key", "id": "_pkey", "relation": "_fkey"}


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A column of an index; ``operators`` is its operator class where that is not the type's own."""

    column: str
    is_descending: bool
    operators: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index. ``method`` is None for a B-tree; ``where`` is the SQL of a partial one's condition."""

    name: str
    parts: tuple[IndexPart, ...]
    is_unique: bool
    method: str | None
    where: str | None


class DatabaseKeys:
    """The keys of one model; ``block`` is its text."""

    def __init__(self, model: Model, block: Block) -> None:
        self._model = model
        self._block = block
        self._columns = {field.name: field.column for field in model.fields if not field.is_relation}

    @property
    def primary_key(self) -> str:
        """The name of the primary key's constraint."""
        return next((key.map for kind, key in self._keys() if kind == "id" and key.map), None) or self._named(
            (), "id"
        )

    @property
    def indexes(self) -> list[Index]:
        """Indexes and uniques, which Prisma makes as indexes too, in the text's order."""
        return [
            Index(
                name=key.map or self._named([self._columns[part.field] for part in key.parts], kind),
                parts=tuple(
                    IndexPart(self._columns[part.field], part.is_descending, part.operators)
                    for part in key.parts
                ),
                is_unique=kind == "unique",
                method=key.method,
                where=key.where,
            )
            for kind, key in self._keys()
            if kind != "id" and all(field in self._columns for field in key.fields)
        ]

    def foreign_key(self, relation: str, fields: Sequence[str]) -> str:
        """The name of the constraint of a relation over these fields."""
        statement = self._block.statement(relation)
        arguments = named_arguments(statement.arguments("@", "relation") or ()) if statement else {}
        mapped = first_string(arguments.get("map", ()))
        return mapped or self._named([self._columns[field] for field in fields], "relation")

    def _named(self, columns: Sequence[str], kind: str) -> str:
        return cut_name("_".join((self._model.table, *columns)), _SUFFIXES[kind])

    def _keys(self) -> Iterator[tuple[str, _Key]]:
        for statement in self._block.statements:
            for kind in ("id", "unique", "index"):
                arguments = key_arguments(statement, kind)
                if arguments is not None:
                    yield kind, _key(statement, arguments, self._block)


@dataclass(frozen=True, slots=True)
class _Part:
    field: str
    is_descending: bool
    operators: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    """``fields`` are those of the parts and of the condition."""

    fields: tuple[str, ...]
    parts: tuple[_Part, ...]
    map: str | None
    method: str | None
    where: str | None


def cut_name(name: str, suffix: str) -> str:
    """``name`` and ``suffix``, cut between characters to the bytes that Postgres keeps of an identifier."""
    kept = name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return kept + suffix


def _key(statement: SchemaStatement, arguments: _Arguments, block: Block) -> _Key:
    is_descending = not statement.is_attribute and _is_descending(arguments)
    method = "".join(token.text for token in arguments.get("type", ())).lower()
    parts = tuple(_part(part, is_descending) for part in key_fields(statement, arguments))
    return _Key(
        fields=(*(part.field for part in parts), *condition_fields(arguments)),
        parts=parts,
        map=first_string(arguments.get("map") or _old_map(statement, arguments)),
        method=None if method in ("", "btree") else method,
        where=index_condition(arguments, block),
    )


def _old_map(statement: SchemaStatement, arguments: _Arguments) -> Sequence[Token]:
    """``name`` of an index: what Prisma called ``map`` before version 3, and still reads."""
    return arguments.get("name", ()) if statement.name == "@@index" else ()


def _part(tokens: Sequence[Token], is_descending: bool) -> _Part:
    """``name`` or ``name(sort: Desc, ops: JsonbPathOps)``."""
    arguments = named_arguments(tokens[2:-1])
    operators = _operators(arguments.get("ops", ()))
    return _Part(tokens[0].text, is_descending or _is_descending(arguments), operators)


def _operators(tokens: Sequence[Token]) -> str | None:
    raw = first_string(tokens)
    if raw is not None or not tokens:
        return raw
    name = tokens[0].text.replace("MinMax", "Minmax").replace("Tz", "tz").replace("VarBit", "Varbit")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _is_descending(arguments: _Arguments) -> bool:
    return [token.text for token in arguments.get("sort", ())] == ["Desc"]
