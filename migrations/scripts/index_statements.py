"""The indexes that a step's statements make, drop or use: the runner asks whether they are the ones meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from pglast import ast, enums
from pglast.parser import scan

from ..ddl.names import as_spelled
from ..ddl.statements import COMMENTS, parse_statement

_Index: TypeAlias = tuple[str | None, str]
_OBJECTS = enums.ObjectType


def index_entries(statements: Sequence[str]) -> dict[str, Any]:
    """``makes_indexes`` and ``uses_indexes`` of a step (:mod:`migrations.runner.manifest`)."""
    made: list[dict[str, Any]] = []
    used: list[_Index] = []
    for number, sql in enumerate(statements):
        if "index" in sql.lower():
            node: Any = parse_statement(sql)
            if isinstance(node, ast.IndexStmt) and node.idxname and (node.concurrent or node.if_not_exists):
                made.append({"statement": number, **_made(sql, node)})
            used += _used(node)
    entries: dict[str, Any] = {"makes_indexes": made, "uses_indexes": used}
    return {name: found for name, found in entries.items() if found}


def _made(sql: str, node: Any) -> dict[str, Any]:
    return {
        "schema": node.relation.schemaname,
        "name": node.idxname,
        "table": as_spelled(node.relation),
        "unique": bool(node.unique),
        "on": sql[_end_of_name(sql, node.relation.location) :].strip(),
    }


def _end_of_name(sql: str, start: int) -> int:
    """Where a table's name ends, with its schema, that starts at an offset."""
    tokens = [token for token in scan(sql) if token.start >= start and token.name not in COMMENTS]
    last = 0
    while tokens[last + 1].name == "ASCII_46":  # a dot
        last += 2
    return tokens[last].end + 1


def _used(node: Any) -> Iterator[_Index]:
    relation: Any = getattr(node, "relation", None)
    if isinstance(node, ast.DropStmt) and node.removeType == _OBJECTS.OBJECT_INDEX:
        for path in node.objects or ():
            names = [part.sval for part in path]
            yield (names[-2] if len(names) > 1 else None), names[-1]
    elif isinstance(node, ast.RenameStmt) and node.renameType == _OBJECTS.OBJECT_INDEX:
        yield relation.schemaname, relation.relname
    elif isinstance(node, ast.AlterTableStmt):
        for command in node.cmds or ():
            if isinstance(command.def_, ast.Constraint) and command.def_.indexname:
                yield relation.schemaname, command.def_.indexname
