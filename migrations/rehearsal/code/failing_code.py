"""Runs the code that users keep in a database, and undoes what it did: which of it names what isn't there.

Postgres reads the body of a function when it is called, so that a rename breaks it without an error: whoever
updates a row next is told. Every table with triggers is updated, inserted into and deleted from here, and
every function whose arguments can be made is called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import errors, sql

from ...introspection.pg_catalog import Connection
from ...runner.tracking.tracking_tables import TRACKING_SCHEMA
from ...runner.verification.pg_catalog_query import SPELLING
from ..seeding.pg_catalog import read_tables
from ..seeding.row_security import without_forced_row_security
from ..seeding.seed import SEARCH_PATH, seed
from .callable_functions import Function, safe_to_call

# Errors of the code itself, whatever the rows are.
_NAMES_WHAT_IS_GONE: Final = (
    errors.UndefinedColumn,
    errors.UndefinedTable,
    errors.UndefinedFunction,
    errors.UndefinedObject,
    errors.AmbiguousColumn,
    errors.DatatypeMismatch,
)
_MOST_ROWS: Final = 5
_MOST_MS: Final = 2000
_TABLES = """
SELECT DISTINCT t.tgrelid::bigint FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgparentid = 0
"""
# Trigger functions run with their triggers. A body that Postgres has parsed (prosqlbody) follows renames.
_FUNCTIONS = """
SELECT p.oid::bigint, p.oid::regprocedure::text, l.lanname, p.prokind, n.nspname, p.proname,
       ARRAY(SELECT format_type(u.type, NULL)
             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY u (type, place) ORDER BY place),
       pg_get_functiondef(p.oid)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname IN ('sql', 'plpgsql') AND p.prokind IN ('f', 'p') AND p.prosqlbody IS NULL
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', %(tracking)s) AND n.nspname !~ '^pg_'
  AND pg_has_role(p.proowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """``what`` fails, with what Postgres says and where; for people. ``is_called``: it is a function."""

    what: str
    reason: str
    is_called: bool


def failing_code(connection: Connection) -> dict[tuple[str, int], Failure | None]:
    """What was run, by the kind of run and the object's id. None: it works, or fails because of the rows.

    The connection is in autocommit mode; nothing is changed.
    """
    found: dict[tuple[str, int], Failure | None] = {}
    with connection.transaction(force_rollback=True):
        connection.execute(f"{SPELLING}; {SEARCH_PATH}; SET LOCAL statement_timeout = {_MOST_MS}".encode())
        tables = {row[0] for row in connection.execute(_TABLES)}
        functions = connection.execute(_FUNCTIONS, {"tracking": TRACKING_SCHEMA}).fetchall()
        with _undone(connection), without_forced_row_security(connection):
            found |= _written(connection, tables)
        for function in safe_to_call([*map(Function._make, functions)]):
            reason = _called(connection, function)
            found["call", function.oid] = (
                None if reason is None else Failure(f"function {function.signature}", reason, True)
            )
    return found


def _written(connection: Connection, with_triggers: set[int]) -> dict[tuple[str, int], Failure | None]:
    """INSERT, UPDATE and DELETE on the tables with triggers."""
    found: dict[tuple[str, int], Failure | None] = {}
    if not with_triggers:
        return found
    tables = [table for table in read_tables(connection) if table.id in with_triggers]
    connection.execute(SEARCH_PATH)  # reading the tables has emptied it
    with _undone(connection):
        refused = seed(connection, only=with_triggers).errors
    for table in tables:
        settable = [column.name for column in table.columns.values() if not column.is_always]
        update = sql.SQL("UPDATE {} SET {} WHERE ctid = %s::tid").format(
            table.identifier,
            sql.SQL(", ").join(sql.SQL("{0} = {0}").format(sql.Identifier(name)) for name in settable),
        )
        delete = sql.SQL("DELETE FROM {} WHERE ctid = %s::tid").format(table.identifier)
        reasons = {
            "INSERT into": next(filter(None, map(_reason, refused.get(table.id, ()))), None),
            "UPDATE of": _first_failure(connection, table.identifier, update) if settable else None,
            "DELETE from": _first_failure(connection, table.identifier, delete),
        }
        for verb, reason in reasons.items():
            found[verb, table.id] = (
                None if reason is None else Failure(f"{verb} {table.shown}", reason, False)
            )
    return found


def _first_failure(connection: Connection, table: sql.Identifier, statement: sql.Composed) -> str | None:
    """Row by row: a trigger may refuse some of them, and a foreign key others."""
    rows = sql.SQL("SELECT ctid::text FROM {} ORDER BY tableoid, ctid LIMIT {}")
    for (place,) in connection.execute(rows.format(table, sql.Literal(_MOST_ROWS))).fetchall():
        reason = _tried(connection, statement, (place,))
        if reason is not None:
            return reason
    return None


def _called(connection: Connection, function: Function) -> str | None:
    """Postgres reads an SQL function's whole body when it is created; another's where a call gets to."""
    if function.language == "sql":
        return _tried(connection, sql.Composed([sql.SQL(function.definition)]))
    arguments = [argument for argument in map(_argument, function.types) if argument is not None]
    if len(arguments) < len(function.types):
        return None
    call = sql.SQL("CALL {}({})" if function.kind == "p" else "SELECT {}({})")
    name = sql.Identifier(function.schema, function.name)
    return _tried(connection, call.format(name, sql.SQL(", ").join(arguments)))


def _argument(type_name: str) -> sql.Composed | None:
    """A value for an argument; None for a pseudo-type."""
    if type_name.startswith("any") or type_name in ("internal", "record", "cstring", "trigger"):
        return None
    value = _VALUES.get(type_name)
    # Postgres wrote the type's name itself, so it is SQL and not a user's text.
    return sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(type_name))


_VALUES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric", "real", "double precision"), "1"),
    **dict.fromkeys(("text", "character varying", "character"), "a"),
    **dict.fromkeys(("date", "timestamp without time zone", "timestamp with time zone"), "2001-01-01"),
    **dict.fromkeys(("json", "jsonb"), "{}"),
    "boolean": "true",
    "uuid": "5eed0000-0000-4000-8000-000000000001",
}


def _tried(connection: Connection, statement: sql.Composed, values: tuple[str, ...] = ()) -> str | None:
    """Why the code that the statement runs is wrong; the statement is undone."""
    try:
        with _undone(connection):
            connection.execute(statement, values or None)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        if connection.closed:
            raise
        return _reason(error)
    return None


def _reason(error: psycopg.Error) -> str | None:
    """None where the rows, a lock or a limit are the reason."""
    if not isinstance(error, _NAMES_WHAT_IS_GONE):
        return None
    place = (error.diag.context or "").splitlines()
    return f"{error.diag.message_primary or error}" + (f" ({place[0]})" if place else "")


@contextlib.contextmanager
def _undone(connection: Connection) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        yield
