"""SQL in a schema: Prisma copies it into statements unread, so it must be the one part that belongs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pglast import ast
from pglast.enums import SortByDir, SortByNulls
from pglast.parser import ParseError

from schemas.errors import Problem
from schemas.prisma.attributes import key_arguments, key_fields
from schemas.prisma.source import SchemaStatement, Token, string_value

from ..ddl.statements import parse_script
from .places import Places

_FIX_NUL = "remove \\u0000: the rest of the text can be stored"


@dataclass(frozen=True, slots=True)
class _Part:
    """What a text has to be, and a statement that is still one, of the expected form, around nothing else."""

    what: str
    statement: str
    is_whole: Callable[[ast.Node], bool]
    fix: str


def _is_a_column(node: ast.Node) -> bool:
    """Whether the columns are still c and d."""
    elements = (node.tableElts or ()) if isinstance(node, ast.CreateStmt) else ()
    return [each.colname for each in elements if isinstance(each, ast.ColumnDef)] == ["c", "d"] and (
        len(elements) == 2
    )


def _is_an_operator_class(node: ast.Node) -> bool:
    if not isinstance(node, ast.IndexStmt) or node.whereClause is not None:
        return False
    parts = node.indexParams or ()
    return (
        [part.name for part in parts] == ["c", "d"]
        and bool(parts[0].opclass)
        and parts[0].ordering == SortByDir.SORTBY_DEFAULT
        and parts[0].nulls_ordering == SortByNulls.SORTBY_NULLS_DEFAULT
    )


_DEFAULT = _Part(
    "one SQL expression",
    "CREATE TABLE t (c int DEFAULT {}, d int)",
    _is_a_column,
    "write one expression, in parentheses where it has AND, OR, IS or COLLATE; what else the column needs, "
    "write in a migration",
)
_TYPE = _Part(
    "one type of Postgres",
    "CREATE TABLE t (c {}, d int)",
    _is_a_column,
    'write a type, such as Unsupported("tsvector"); what else the column needs, write in a migration',
)
_CONDITION = _Part(
    "one SQL condition",
    "CREATE INDEX i ON t (c) WHERE ({})",
    lambda node: isinstance(node, ast.IndexStmt) and node.whereClause is not None,
    'write one condition, such as raw("deleted_at IS NULL")',
)
_OPERATOR_CLASS = _Part(
    "the name of an operator class",
    "CREATE INDEX i ON t (c {}, d)",
    _is_an_operator_class,
    'write a name, such as raw("gin_trgm_ops")',
)


def sql_text_problems(places: Places) -> Iterator[Problem]:
    """Every text that Postgres can't hold, and all SQL that is more or less than its place takes."""
    for block in places.models:
        for statement in block.statements:
            with_nul = {token for token in statement.tokens if _has_nul(token)}
            for token in sorted(with_nul, key=lambda token: token.offset):
                message = "Postgres can't hold the character U+0000 in any text"
                yield places.problem("nul-character", message, _FIX_NUL, token)
            for token, part in _parts(statement):
                if token not in with_nul and not _fits(string_value(token), part):
                    message = f"{token.text} is not {part.what}"
                    yield places.problem("not-one-sql-part", message, part.fix, token)


def _has_nul(token: Token) -> bool:
    return token.kind == "string" and "\0" in string_value(token)


def _fits(sql: str, part: _Part) -> bool:
    try:
        (parsed,) = parse_script(part.statement.format(sql))
    except (ParseError, ValueError):
        return False
    return part.is_whole(parsed.node)


def _parts(statement: SchemaStatement) -> Iterator[tuple[Token, _Part]]:
    """The texts of a statement that become SQL, each with what it has to be."""
    if not statement.is_attribute:
        yield from _first_string(statement.arguments("dbgenerated"), _DEFAULT)
        if [token.text for token in statement.tokens[1:2]] == ["Unsupported"]:
            yield from _first_string(statement.arguments("Unsupported"), _TYPE)
    for kind in ("unique", "index"):
        arguments = key_arguments(statement, kind)
        if arguments is not None:
            where = arguments.get("where", ())
            if where and where[0].text == "raw":
                yield from _first_string(where, _CONDITION)
            for field in key_fields(statement, arguments):
                yield from _first_string(_after(field, "ops"), _OPERATOR_CLASS)


def _after(field: Sequence[Token], name: str) -> Sequence[Token]:
    """The tokens from the argument ``name`` of a key's field on."""
    words = [token.text for token in field]
    return field[words.index(name) :] if name in words[1:] else ()


def _first_string(tokens: Sequence[Token] | None, part: _Part) -> Iterator[tuple[Token, _Part]]:
    yield from [(token, part) for token in tokens or () if token.kind == "string"][:1]
