"""SQL inside a schema, where columns go by their names in the database: ``raw`` and ``dbgenerated``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pglast.parser import ParseError, parse_sql, scan
from pglast.stream import RawStream

from schemas.prisma.source import SchemaStatement, Token, blocks, string_value

from ...identifiers import quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_CALL, _CAST = "ASCII_40", "TYPECAST"
_WORDS = ("raw", "dbgenerated")


def sql_strings(statement: SchemaStatement) -> Iterator[Token]:
    """The strings of a field's or a key's statement that are SQL."""
    for word in _WORDS:
        for token in (statement.arguments(word) or ())[:1]:
            if token.kind == "string":
                yield token


def spellings(schema_text: str) -> dict[str, str]:
    """The SQL in a schema, as Postgres prints it and as it is written: the engine compares the latter."""
    written = [
        string_value(token)
        for block in blocks(schema_text)
        for statement in block.statements
        for token in sql_strings(statement)
    ]
    return {printed(sql): sql for sql in written}


def printed(expression: str) -> str:
    """An expression in one form for all spellings; what is no SQL as it is."""
    try:
        return str(RawStream()(parse_sql(f"SELECT {expression}")[0]))
    except ParseError:
        return expression


def with_columns_renamed(expression: str, columns: Mapping[str, str]) -> str:
    """An expression over one table, with new names for columns: ``columns`` maps the old ones to those.

    What is no SQL is left as it is: Postgres says more about it.
    """
    try:
        tokens = scan(expression)
    except ParseError:
        return expression
    result = expression
    for at, token in reversed(list(enumerate(tokens))):
        written = expression[token.start : token.end + 1]
        new = columns.get(_named(written))
        is_called = at + 1 < len(tokens) and tokens[at + 1].name == _CALL
        if new is None or is_called or (at > 0 and tokens[at - 1].name == _CAST):
            continue
        spelled = new if not written.startswith('"') and _is_plain(new) else quoted(new)
        result = f"{result[: token.start]}{spelled}{result[token.end + 1 :]}"
    return result


def _named(written: str) -> str:
    """The name that a token spells; a string constant's is none that a column has."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written.lower()


def _is_plain(name: str) -> bool:
    """Whether Postgres reads the name without quotes."""
    return _PLAIN.fullmatch(name) is not None and scan(name)[0].kind == "NO_KEYWORD"
