"""The statement that completes an interrupted DETACH PARTITION … CONCURRENTLY."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums
from pglast.parser import parse_sql

from ..identifiers import quoted


def finishing_statement(sql: str) -> str | None:
    """``ALTER TABLE … DETACH PARTITION … FINALIZE`` for a DETACH … CONCURRENTLY; None for other statements.

    Source: the Postgres manual, ALTER TABLE: an interrupted detach leaves the partition half detached, and
    neither it nor its reverse can run before it is finalised. Other statements can simply be repeated.
    """
    node: Any = parse_sql(sql)[0].stmt
    if not isinstance(node, ast.AlterTableStmt):
        return None
    statement: Any = node
    command = statement.cmds[0]
    if command.subtype != enums.AlterTableType.AT_DetachPartition or not command.def_.concurrent:
        return None
    return f"ALTER TABLE {_name(statement.relation)} DETACH PARTITION {_name(command.def_.name)} FINALIZE"


def _name(relation: Any) -> str:
    return quoted(*(part for part in (relation.schemaname, relation.relname) if part))
