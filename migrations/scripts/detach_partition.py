"""The statement that completes an interrupted DETACH PARTITION … CONCURRENTLY."""

from __future__ import annotations

from typing import Any

from pglast import ast, enums

from ..ddl.names import as_spelled
from ..ddl.statements import parse_statement


def finishing_statement(sql: str) -> str | None:
    """``ALTER TABLE … DETACH PARTITION … FINALIZE`` for a DETACH … CONCURRENTLY; None for other statements.

    Source: the Postgres manual, ALTER TABLE: an interrupted detach leaves the partition half detached, and
    neither it nor its reverse can run before it is finalised. Other statements can simply be repeated.
    """
    node: Any = parse_statement(sql)
    if not isinstance(node, ast.AlterTableStmt):
        return None
    statement: Any = node
    command = statement.cmds[0]
    if command.subtype != enums.AlterTableType.AT_DetachPartition or not command.def_.concurrent:
        return None
    table, partition = (as_spelled(each) for each in (statement.relation, command.def_.name))
    return f"ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE"
