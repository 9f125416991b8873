"""What to do about a statement that Postgres refuses because of something that the statement doesn't name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import psycopg
from pglast import ast, enums

from ..ddl.names import name_of
from ..ddl.statements import ParsedStatement, line_and_column, normalised, parse_script
from ..planner.history.kept_objects import made_again
from ..planner.history.made_objects import MadeObjects
from ..runner.errors import MigrationFailedError

_NO_ROLE = re.compile(r'role "(?P<role>.+)" does not exist')
_ROLE_COMMANDS = (
    ast.CreateRoleStmt,
    ast.AlterRoleStmt,
    ast.AlterRoleSetStmt,
    ast.DropRoleStmt,
    ast.GrantRoleStmt,
)
_COLUMN_IN_USE = "cannot alter type of a column used"
_STILL_NEEDED = "2BP01"
#: What Postgres says where a check or an index with an expression doesn't fit the new type.
_DOES_NOT_FIT = ("42883", "42804", "22P02")


def fix_of_refused(error: MigrationFailedError, earlier: Sequence[str], script: str) -> str | None:
    """The fix; None where nothing better is known than to correct the statement.

    ``script`` has the statement, and ``earlier`` are the scripts that ran before it, in order.
    """
    statement = _statement(error, script)
    missing = _NO_ROLE.search(error.reason)
    if missing is not None or (statement is not None and isinstance(statement.node, _ROLE_COMMANDS)):
        role = f"'{missing['role']}'" if missing is not None else "its name"
        return (
            "roles belong to the server, not to a database: create them where servers are set up, and let "
            f"migrations use one only where it exists: DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE "
            f"rolname = {role}) THEN … END IF; END $$"
        )
    if statement is None:
        return None
    if error.sqlstate == _STILL_NEEDED:
        return f"first drop or change what needs it: {_needing(error)}" if _needing(error) else None
    return _around(error, statement, earlier, script)


def _statement(error: MigrationFailedError, script: str) -> ParsedStatement | None:
    """The last statement that begins where the error is, or before."""
    if error.line is None or error.column is None:
        return None
    text, found = normalised(script), None
    for statement in parse_script(script):
        if line_and_column(text, statement.offset) <= (error.line, error.column):
            found = statement
    return found


def _needing(error: MigrationFailedError) -> str:
    """What Postgres lists, as in ``view v depends on column a of table t``."""
    cause = error.__cause__
    detail = cause.diag.message_detail if isinstance(cause, psycopg.Error) else None
    return "; ".join((detail or "").splitlines()).rstrip(".")


def _around(
    error: MigrationFailedError, statement: ParsedStatement, earlier: Sequence[str], script: str
) -> str | None:
    """The statements before and after a change of type."""
    is_in_use = _COLUMN_IN_USE in error.reason
    node = statement.node
    if not isinstance(node, ast.AlterTableStmt) or not (is_in_use or error.sqlstate in _DOES_NOT_FIT):
        return None
    made = MadeObjects.of(earlier)
    for before in parse_script(script):
        if before.offset < statement.offset:
            made.apply(before.node)
    columns = [
        command.name or ""
        for command in node.cmds or ()
        if isinstance(command, ast.AlterTableCmd)
        and command.subtype == enums.AlterTableType.AT_AlterColumnType
    ]
    removals, creations = made_again(made, name_of(node.relation), columns, is_enum=not is_in_use)
    if removals:
        return f"before it: {'; '.join(removals)}; and after it: {'; '.join(creations)}"
    if not is_in_use:
        return None
    return f"drop what uses the column before it, and make it again after it: {_needing(error)}"
