"""The database that schema.prisma asks for, made by Prisma's own SQL on an empty one."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from schemas.errors import Problem

from ..errors import RehearsalError
from ..introspection.pg_catalog import Catalogue, Connection, read_catalogue

# What a schema may lean on without being able to create it: a default may call a function that a migration
# wrote, a column may be of an extension's type. In the order in which they can depend on each other.
_LEANED_ON = (
    """SELECT format('CREATE SCHEMA IF NOT EXISTS %I', nspname) FROM pg_namespace
       WHERE nspname NOT IN ('information_schema', 'schema_service') AND nspname !~ '^pg_'""",
    """SELECT format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', extname, nspname)
       FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql'""",
    """SELECT format('CREATE SEQUENCE %I.%I', nspname, relname)
       FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind = 'S' AND nspname <> 'schema_service' AND NOT EXISTS (
           SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))""",
    """SELECT format('CREATE DOMAIN %I.%I AS %s', nspname, typname, format_type(typbasetype, typtypmod))
       FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
       WHERE typtype = 'd' AND nspname <> 'information_schema' AND NOT EXISTS (
           SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')""",
    """SELECT pg_get_functiondef(p.oid)
       FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
       WHERE prokind = 'f' AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS (
           SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
)


def leaned_on(migrated: Connection) -> list[str]:
    """Statements that make what hand-written scripts have made there and a schema can lean on."""
    return [statement for query in _LEANED_ON for (statement,) in migrated.execute(query.encode()).fetchall()]


def build_wanted(script: str, database: str, beforehand: Iterable[str]) -> Catalogue:
    """Run ``script`` on the empty ``database`` after the statements of :func:`leaned_on`; read the result.

    Raises RehearsalError if the script fails.
    """
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in beforehand:
            _try(connection, statement)
        try:
            # All at once, over the simple protocol: enums are made with all their values.
            connection.execute(script.encode())
        except psycopg.Error as error:
            raise RehearsalError(_unbuildable(error)) from None
        return read_catalogue(connection)


def _try(connection: Connection, statement: str) -> None:
    """What can't be copied (a function over a table that isn't there yet) may well not be needed."""
    try:
        with connection.transaction():
            connection.execute("SET LOCAL check_function_bodies = off")
            connection.execute(statement.encode())
    except psycopg.Error:
        return


def _unbuildable(error: psycopg.Error) -> Problem:
    return Problem(
        code="schema-not-buildable",
        message=f"schema.prisma names something that a database must have beforehand: "
        f"{error.diag.message_primary or error}",
        fix="create it in a migration (an extension, a function, a sequence) before the tables that use it",
    )
