"""The planner's table of casts against Postgres' own, for every pair of types that Prisma can name."""

from __future__ import annotations

from itertools import permutations

import psycopg
import pytest

from migrations.planner.rewrites.sql_casts import converted, is_automatic
from migrations.scratch.scratch_server import ScratchServer

# Prisma's native types that every Postgres has (xml and citext it may lack), as SQL.
_TYPES = {
    "Text": "text",
    "VarChar": "varchar(9)",
    "Char": "char(3)",
    "Uuid": "uuid",
    "Inet": "inet",
    "Bit": "bit(3)",
    "VarBit": "varbit(4)",
    "Boolean": "boolean",
    "SmallInt": "smallint",
    "Integer": "integer",
    "BigInt": "bigint",
    "Oid": "oid",
    "Real": "real",
    "DoublePrecision": "double precision",
    "Decimal": "numeric(8,2)",
    "Money": "money",
    "Timestamp": "timestamp(3)",
    "Timestamptz": "timestamptz(3)",
    "Date": "date",
    "Time": "time(3)",
    "Timetz": "timetz(3)",
    "Json": "json",
    "JsonB": "jsonb",
    "ByteA": "bytea",
}


def test_an_expression_between_any_two_types_is_one_that_postgres_reads(
    scratch_server: ScratchServer,
) -> None:
    with scratch_server.new_database() as database, psycopg.connect(database, autocommit=True) as connection:
        for old, new in permutations(_TYPES, 2):
            expression = converted(f"NULL::{_TYPES[old]}", old, new, _TYPES[new])
            assert connection.execute(f"SELECT {expression}".encode()).fetchall() == [(None,)]


def test_what_gets_no_using_is_what_postgres_casts_by_itself(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as database, psycopg.connect(database, autocommit=True) as connection:
        for old, new in permutations(_TYPES, 2):
            if is_automatic(old, new):
                alter = f"CREATE TEMP TABLE t (c {_TYPES[old]}); ALTER TABLE t ALTER c TYPE {_TYPES[new]}"
                with connection.transaction(force_rollback=True):
                    connection.execute(alter.encode())
        with pytest.raises(psycopg.errors.DatatypeMismatch):
            connection.execute(b"CREATE TEMP TABLE t (c text); ALTER TABLE t ALTER c TYPE uuid")
