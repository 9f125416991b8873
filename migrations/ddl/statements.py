"""A script as parsed statements: Postgres' own parser reads it (libpg_query, through pglast).

Nested comments, dollar quotes, ``BEGIN ATOMIC`` bodies and ``E''`` strings are the parser's business. Its
offsets are characters, not bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pglast import ast
from pglast.parser import parse_sql, scan

#: The names of pglast's tokens that don't belong to a statement.
COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})
_DIRECTIVE = re.compile(r"--[ \t]*schema-service:[ \t]*(?P<word>[^\n]*)")
# A release reads every script several times. A tree takes far more room than its text, so few are kept.
_KEPT_SCRIPTS, _KEPT_LENGTH = 256, 32_768
_PARENTHESES = {"ASCII_40": 1, "ASCII_41": -1}


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """One statement: its node, its text without the semicolon, the offset of its first character in the
    normalised script, and the text between the statement before and this one.

    pglast's types make every attribute of a node optional; Postgres' grammar says which ones exist.
    """

    node: Any
    sql: str
    offset: int
    gap: str

    @property
    def directives(self) -> list[str]:
        """The words after ``-- schema-service:`` in the comments above it."""
        comments = (
            self.gap[token.start : token.end + 1] for token in scan(self.gap) if token.name == "SQL_COMMENT"
        )
        return [match["word"].strip() for text in comments if (match := _DIRECTIVE.fullmatch(text))]


ParsedScript: TypeAlias = Sequence[ParsedStatement]


def parse_script(script: str) -> ParsedScript:
    """The statements of a script, in order. Nobody may change their nodes. Raises pglast's ParseError."""
    text = normalised(script)
    return _kept(text) if len(text) <= _KEPT_LENGTH else _parsed(text)


def _parsed(text: str) -> tuple[ParsedStatement, ...]:
    statements: list[ParsedStatement] = []
    end = 0
    for raw in parse_sql(text):
        if raw.stmt is None:
            continue
        start = raw.stmt_location or 0
        stop = start + raw.stmt_len if raw.stmt_len else len(text)
        sql = text[start:stop].rstrip()
        statements.append(ParsedStatement(raw.stmt, sql, start, text[end:start]))
        end = start + len(sql)
    return tuple(statements)


_kept = lru_cache(_KEPT_SCRIPTS)(_parsed)


def parse_statement(sql: str) -> ast.Node:
    """The node of a text with a single statement."""
    node = parse_sql(sql)[0].stmt
    assert node is not None  # an empty statement has no node
    return node


def taken_apart(node: Any) -> list[Any]:
    """An ALTER TABLE as one for each of its commands, a DROP as one for each name; else the statement."""
    if isinstance(node, ast.AlterTableStmt) and len(node.cmds or ()) > 1:
        return [
            ast.AlterTableStmt(
                relation=node.relation, cmds=(each,), objtype=node.objtype, missing_ok=node.missing_ok
            )
            for each in node.cmds or ()
        ]
    if isinstance(node, ast.DropStmt) and len(node.objects or ()) > 1:
        return [
            ast.DropStmt(
                objects=(each,),
                removeType=node.removeType,
                behavior=node.behavior,
                missing_ok=node.missing_ok,
            )
            for each in node.objects or ()
        ]
    return [node]


def normalised(script: str) -> str:
    """Line ends as ``\\n`` and no byte order mark: a checkout's line ends are not a change."""
    return script.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and column of a character offset; both count from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def where_clause(sql: str) -> tuple[int, int] | None:
    """Where the condition of an UPDATE or DELETE starts and ends; None where it has none."""
    depth, start = 0, None
    for token in scan(sql):
        depth += _PARENTHESES.get(token.name, 0)
        if depth == 0 and token.name == "WHERE":
            start = token.end + 1
        elif depth == 0 and token.name == "RETURNING" and start is not None:
            return start, token.start
    return None if start is None else (start, len(sql))
