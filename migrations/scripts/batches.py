"""``-- schema-service: backfill``: an UPDATE that runs in batches, each with its own commit.

A single UPDATE of a large table locks every row until its end and can't resume. With this line above it, the
same statement is run over ranges of the table's key instead, and can continue where it stopped::

    -- schema-service: backfill
    UPDATE "users" SET "score" = 0 WHERE "score" IS NULL;

The statement must have the same effect when it runs on each part of the rows. Rows that are inserted in the
meantime below the position it has reached are not covered: the column's default has to cover them, or a
second backfill after the constraint that refuses such rows (``CHECK … NOT VALID``).
"""

from __future__ import annotations

from dataclasses import dataclass

from pglast import ast
from pglast.parser import scan

from ..identifiers import quoted


@dataclass(frozen=True, slots=True)
class ScriptBatch:
    """What the runner, which has no parser, needs to run an UPDATE in batches.

    ``relation`` is the table's quoted name. A batch is ``prefix`` and a condition on ``target``'s key, both
    SQL text: ``prefix`` ends with WHERE or AND, ``target`` is the table's quoted name or alias.
    """

    relation: str
    prefix: str
    target: str


def batch(sql: str, node: ast.Node) -> ScriptBatch | None:
    """How to run ``sql`` in batches; None for a statement that can't be run so."""
    if not isinstance(node, ast.UpdateStmt) or node.withClause or node.returningClause or node.fromClause:
        return None
    table = node.relation
    assert table is not None  # every UPDATE has a table
    parts = [str(part) for part in (table.schemaname, table.relname) if part]
    relation = quoted(*parts)
    target = quoted(str(table.alias.aliasname)) if table.alias else relation
    return ScriptBatch(relation=relation, prefix=_prefix(sql, node), target=target)


def _prefix(sql: str, node: ast.UpdateStmt) -> str:
    if node.whereClause is None:
        return f"{sql} WHERE "
    depth = 0
    for token in scan(sql):
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.name, 0)
        if token.name == "WHERE" and depth == 0:
            before, condition = sql[: token.end + 1], sql[token.end + 1 :].strip()
            return f"{before} ({condition}\n) AND "  # the condition may end in a comment
    raise AssertionError("an UPDATE's WHERE was parsed but not found")
