"""Names and kinds of keys in the database, which Prisma's datamodel leaves out: read from the schema's text.

Names that the schema doesn't give are Prisma's own: ``{table}_{columns}_{suffix}``, cut to what Postgres
keeps.
https://www.prisma.io/docs/orm/prisma-schema/data-model/database-mapping#prisma-orms-default-naming-conventions-for-indexes-and-constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.model import Model
from schemas.prisma.source import Block, SchemaStatement, Token, string_value

_LONGEST_NAME = 63  # bytes: NAMEDATALEN - 1
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
            if kind != "id" and all(part.field in self._columns for part in key.parts)
        ]

    def foreign_key(self, relation: str, fields: Sequence[str]) -> str:
        """The name of the constraint of a relation over these fields."""
        statement = self._block.statement(relation)
        arguments = _arguments(statement.arguments("@", "relation") or ()) if statement else {}
        mapped = _string(arguments.get("map", ()))
        return mapped or self._named([self._columns[field] for field in fields], "relation")

    def _named(self, columns: Sequence[str], kind: str) -> str:
        return cut_name("_".join((self._model.table, *columns)), _SUFFIXES[kind])

    def _keys(self) -> Iterator[tuple[str, _Key]]:
        for statement in self._block.statements:
            if statement.is_attribute:
                kind = statement.name.removeprefix("@@")
                if kind in ("id", "unique", "index"):
                    yield kind, _key(statement.arguments(kind) or (), None)
                continue
            for kind in ("id", "unique"):
                if statement.has("@", kind):
                    yield kind, _key(statement.arguments("@", kind) or (), statement)


@dataclass(frozen=True, slots=True)
class _Part:
    field: str
    is_descending: bool
    operators: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    parts: tuple[_Part, ...]
    map: str | None
    method: str | None
    where: str | None


def cut_name(name: str, suffix: str) -> str:
    """``name`` and ``suffix``, cut between characters to the bytes that Postgres keeps of an identifier."""
    kept = name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return kept + suffix


def _key(tokens: Sequence[Token], field: SchemaStatement | None) -> _Key:
    arguments = _arguments(tokens)
    if field is None:
        listed = arguments.get("fields") or arguments.get("", ())
        parts = tuple(_part(item) for item in _separated(listed[1:-1]))
    else:
        parts = (_Part(field.name, _is_descending(arguments), None),)
    method = "".join(token.text for token in arguments.get("type", ())).lower()
    return _Key(
        parts=parts,
        map=_string(arguments.get("map", ())),
        method=None if method in ("", "btree") else method,
        where=_string(arguments.get("where", ())),
    )


def _part(tokens: Sequence[Token]) -> _Part:
    """``name`` or ``name(sort: Desc, ops: JsonbPathOps)``."""
    arguments = _arguments(tokens[2:-1])
    return _Part(tokens[0].text, _is_descending(arguments), _operators(arguments.get("ops", ())))


def _operators(tokens: Sequence[Token]) -> str | None:
    raw = _string(tokens)
    if raw is not None or not tokens:
        return raw
    name = tokens[0].text.replace("MinMax", "Minmax").replace("Tz", "tz").replace("VarBit", "Varbit")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _is_descending(arguments: dict[str, Sequence[Token]]) -> bool:
    return [token.text for token in arguments.get("sort", ())] == ["Desc"]


def _arguments(tokens: Sequence[Token]) -> dict[str, Sequence[Token]]:
    """Named arguments by name; a first one without a name under ``""``."""
    found: dict[str, Sequence[Token]] = {}
    for argument in _separated(tokens):
        if len(argument) > 1 and argument[1].text == ":":
            found[argument[0].text] = argument[2:]
        else:
            found[""] = argument
    return found


def _separated(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What stands between the commas outside of parentheses."""
    depth, begin = 0, 0
    for at, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            yield tokens[begin:at]
            begin = at + 1
    if tokens[begin:]:
        yield tokens[begin:]


def _string(tokens: Sequence[Token]) -> str | None:
    """The one string of an argument: ``"x"`` or ``raw("x")``."""
    return next((string_value(token) for token in tokens if token.kind == "string"), None)
