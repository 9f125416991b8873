"""``-- schema-service: may-refuse``: a statement that is meant to fail on rows that don't fit.

An author may know that no row has the value that is removed, or one that the new type can't hold, and prefer
a migration that fails to made-up values. Marked with this line above it, the statement still fails on a real
database that has such rows. A rehearsal, which puts every kind of row into every table, then continues
without rows in that table::

    -- schema-service: may-refuse
    ALTER TABLE "users" ALTER COLUMN "score" SET DATA TYPE INTEGER;
"""

from __future__ import annotations

from pglast import ast, enums
from pglast.parser import parse_sql

from ..identifiers import quoted
from ..planner.script import Name, name_of
from ..scripts.directives import MAY_REFUSE, directives, word_of
from ..scripts.split import line_and_column, normalised


def table_refused(script: str, line: int, column: int, *, name_before: bool) -> str | None:
    """The quoted name of the table whose rows the statement at ``line`` and ``column`` may refuse.

    ``name_before``: return the name that the table has before the script, else the one that the statement
    uses. None where the statement has no such mark, or isn't about a table. ``script`` parses.
    """
    text = normalised(script)
    names: dict[Name, Name] = {}
    end = 0
    for raw in parse_sql(text):
        start = raw.stmt_location or 0
        words = directives(text[end:start])
        end = start + raw.stmt_len if raw.stmt_len else len(text)
        if line_and_column(text, start) == (line, column):
            name = name_of(raw.stmt.relation) if isinstance(raw.stmt, ast.AlterTableStmt) else None
            return quoted(*names.get(name, name)) if name and word_of(MAY_REFUSE) in words else None
        if name_before:
            _follow(raw.stmt, names)
    return None


def _follow(node: ast.Node | None, names: dict[Name, Name]) -> None:
    """Keep the original name of a table that is renamed or moved to another schema."""
    if isinstance(node, ast.RenameStmt) and node.renameType == enums.ObjectType.OBJECT_TABLE:
        old = name_of(node.relation)
        names[old[0], node.newname or ""] = names.pop(old, old)
    elif isinstance(node, ast.AlterObjectSchemaStmt) and node.objectType == enums.ObjectType.OBJECT_TABLE:
        old = name_of(node.relation)
        names[node.newschema or "", old[1]] = names.pop(old, old)
