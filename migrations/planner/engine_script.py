"""Corrects the script that Prisma's engine writes where Postgres needs other words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pglast import ast
from pglast.parser import ParseError, parse_sql, scan

from ..ddl.function_calls import Reader

_NAMELESS_DROP = re.compile(r'^DROP SEQUENCE "";\n?', re.MULTILINE)
_DEPTHS = {"ASCII_40": 1, "ASCII_91": 1, "ASCII_41": -1, "ASCII_93": -1}
_COMMA, _SEMICOLON = "ASCII_44", "ASCII_59"


def corrected(script: str) -> str:
    """``script`` in words that Postgres accepts.

    It has no ``DROP SEQUENCE ""``, which the engine writes where autoincrement is removed. A default that
    reads columns becomes the expression of a generated column: no default can read any, and Prisma has no
    other word for it than ``dbgenerated``.
    """
    script = _NAMELESS_DROP.sub("", script)
    if "DEFAULT" not in script:
        return script
    for start, end, is_new in reversed(list(_computed(script))):
        expression = script[start:end].removeprefix("DEFAULT").strip()
        words = f"GENERATED ALWAYS AS ({expression}) STORED" if is_new else f"EXPRESSION AS ({expression})"
        script = f"{script[:start]}{words}{script[end:]}"
    return script


def _computed(script: str) -> Iterator[tuple[int, int, bool]]:
    """Where each DEFAULT that reads columns starts and ends, and whether its column is new."""
    tokens = scan(script)
    for at, token in enumerate(tokens):
        if token.name != "DEFAULT" or tokens[at - 1].name in ("DROP", "ASCII_40"):
            continue
        depth = 0
        end = len(script)
        for following in tokens[at + 1 :]:
            depth += _DEPTHS.get(following.name, 0)
            if depth < 0 or (depth == 0 and following.name in (_COMMA, _SEMICOLON)):
                end = following.start
                break
        if _reads_columns(script[token.end + 1 : end]):
            stripped = len(script[token.start : end].rstrip())
            yield token.start, token.start + stripped, tokens[at - 1].name != "SET"


class _ColumnFinder(Reader):
    def __init__(self) -> None:
        self.found = False

    def visit_ColumnRef(self, _ancestors: object, _node: ast.ColumnRef) -> None:  # noqa: N802 - pglast's naming
        self.found = True


def _reads_columns(expression: str) -> bool:
    finder = _ColumnFinder()
    try:
        finder(parse_sql(f"SELECT {expression}"))
    except ParseError:
        return False
    return finder.found
