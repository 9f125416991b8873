"""``-- schema-service: backfill``: an UPDATE that runs in batches, each with its own commit.

A single UPDATE of a large table locks every row until its end and can't resume. With this line above it, the
same statement is run over ranges of the table's key instead, and can continue where it stopped::

    -- schema-service: backfill
    UPDATE "users" SET "score" = 0 WHERE "score" IS NULL;

The statement must have the same effect when it runs on each part of the rows. One that sets a column of every
key of the table runs in one go. Rows that are inserted in the
meantime below the position it has reached are not covered: the column's default has to cover them, or a
second backfill after the constraint that refuses such rows (``CHECK … NOT VALID``).
"""

from __future__ import annotations

from dataclasses import dataclass

from pglast import ast

from ..ddl.names import as_spelled
from ..ddl.statements import where_clause
from ..identifiers import quoted


@dataclass(frozen=True, slots=True)
class ScriptBatch:
    """What the runner, which has no parser, needs to run an UPDATE in batches.

    ``relation`` is the table's quoted name. A batch is ``prefix`` and a condition on ``target``'s key, both
    SQL text: ``prefix`` ends with WHERE or AND, ``target`` is the table's quoted name or alias. ``columns``
    are those that it sets: a key of which one is part is no order in which to walk through the rows.
    """

    relation: str
    prefix: str
    target: str
    columns: tuple[str, ...]


def batch_parts(sql: str, node: ast.Node) -> ScriptBatch | None:
    """How to run ``sql`` in batches; None for a statement that can't be run so."""
    if not isinstance(node, ast.UpdateStmt) or node.withClause or node.returningClause or node.fromClause:
        return None
    relation = as_spelled(node.relation)
    alias = node.relation.alias if node.relation else None
    target = quoted(str(alias.aliasname)) if alias else relation
    columns = tuple(str(each.name) for each in node.targetList or ())
    return ScriptBatch(relation=relation, prefix=_prefix(sql, node), target=target, columns=columns)


def _prefix(sql: str, node: ast.UpdateStmt) -> str:
    place = None if node.whereClause is None else where_clause(sql)
    if place is None:
        return f"{sql} WHERE "
    start, end = place
    return f"{sql[:start]} ({sql[start:end].strip()}\n) AND "  # the condition may end in a comment
