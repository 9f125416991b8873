"""``-- schema-service: may-refuse``: a statement that is meant to fail on rows that don't fit.

An author may know that no row has the value that is removed, or one that the new type can't hold, and prefer
a migration that fails to made-up values. Marked with this line above it, the statement still fails on a real
database that has such rows. A rehearsal, which puts every kind of row into every table, then continues
without those in that table, or without any where it can't tell which they are::

    -- schema-service: may-refuse
    ALTER TABLE "users" ALTER COLUMN "score" SET DATA TYPE INTEGER;
"""

from __future__ import annotations

from pglast import ast

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.names import name_of
from ..ddl.statements import line_and_column, normalised, parse_script
from ..identifiers import quoted
from ..scripts.directives import MAY_REFUSE, word_of


def table_refused(script: str, line: int, column: int, *, name_before: bool) -> str | None:
    """The quoted name of the table whose rows the statement at ``line`` and ``column`` may refuse.

    ``name_before``: return the name that the table has before the script, else the one that the statement
    uses. None where the statement has no such mark, or isn't about a table. ``script`` parses.
    """
    text = normalised(script)
    interpreter = DdlInterpreter(Database())
    for statement in parse_script(script):
        node = statement.node
        if line_and_column(text, statement.offset) == (line, column):
            if not isinstance(node, ast.AlterTableStmt) or word_of(MAY_REFUSE) not in statement.directives:
                return None
            name = name_of(node.relation)
            before = interpreter.database.relation(name).origin
            return quoted(*(before or name)) if name_before else quoted(*name)
        interpreter.apply(node, statement.sql)
    return None
