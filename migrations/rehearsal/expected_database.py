"""The database that schema.prisma asks for: an empty one on which Prisma's own SQL is run."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from schemas.errors import Problem

from ..errors import RehearsalError
from ..introspection.pg_catalog import Connection, DatabaseSchema, read_database_schema

# What a schema may need and can't create itself: a default may call a function that a migration created, a
# column's type may come from an extension. In the order in which they can depend on each other.
_PREREQUISITES = (
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


def read_prerequisites(migrated: Connection) -> list[str]:
    """Statements that recreate what hand-written scripts created in ``migrated`` and a schema may need."""
    return [
        statement for query in _PREREQUISITES for (statement,) in migrated.execute(query.encode()).fetchall()
    ]


def build_expected(script: str, database: str, prerequisites: Iterable[str]) -> DatabaseSchema:
    """Run the ``prerequisites`` and ``script`` on the empty ``database``, and read the result.

    Raises RehearsalError if the script fails.
    """
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in prerequisites:
            _try(connection, statement)
        try:
            # In one go, over the simple protocol: enums are created with all their values.
            connection.execute(script.encode())
        except psycopg.OperationalError:  # the server's own fault, as a full disk
            raise
        except psycopg.Error as error:
            raise RehearsalError(_unbuildable(error)) from None
        return read_database_schema(connection)


def _try(connection: Connection, statement: str) -> None:
    """What can't be created (a function over a table that isn't there yet) is probably not needed."""
    try:
        with connection.transaction():
            connection.execute("SET LOCAL check_function_bodies = off")
            connection.execute(statement.encode())
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        return


def _unbuildable(error: psycopg.Error) -> Problem:
    return Problem(
        code="schema-not-buildable",
        message=f"schema.prisma uses something that must be in the database beforehand: "
        f"{error.diag.message_primary or error}",
        fix="create it in a migration (an extension, a function, a sequence) before the tables that use it",
    )
