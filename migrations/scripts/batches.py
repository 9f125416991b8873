"""``-- schema-service: backfill``: an UPDATE that runs in batches, each with its own commit.

One UPDATE over a large table holds every row's lock until its end and cannot resume. Marked with the line
above it, the same statement is run over ranges of the table's key instead. That ends by itself, and can go on
where it stopped::

    -- schema-service: backfill
    UPDATE "users" SET "score" = 0 WHERE "score" IS NULL;

The statement must mean the same over each part of the rows. Rows that come in meanwhile below the place it
has reached are not met: the column's default, or a second backfill after the constraint that refuses such
rows (``CHECK … NOT VALID``), has to see to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from pglast import ast
from pglast.parser import scan

from ..identifiers import quoted


@dataclass(frozen=True, slots=True)
class ScriptBatch:
    """What a runner without a parser needs to run one part of an UPDATE.

    ``relation`` is the table's quoted name. A part is ``prefix`` and a condition on ``target``'s key, both
    SQL text: ``prefix`` ends with WHERE or AND, ``target`` is the table's quoted name or alias.
    """

    relation: str
    prefix: str
    target: str


def batch(sql: str, node: ast.Node) -> ScriptBatch | None:
    """The parts of ``sql``; None for a statement that can't be run in parts."""
    if not isinstance(node, ast.UpdateStmt) or node.withClause or node.returningClause or node.fromClause:
        return None
    table = node.relation
    assert table is not None  # an UPDATE without a table is no UPDATE
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
