"""The planner's table of casts against Postgres' own, for every pair of types that Prisma can name."""

from __future__ import annotations

from itertools import permutations, product

import psycopg
import pytest

from migrations.casts.comparison import comparison, reading
from migrations.casts.sql_casts import converted, is_automatic
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


# What casts get wrong: fractions, digits, ends of ranges, spaces, parts of a day, kinds of JSON.
_AWKWARD = {
    "Text": ["", "a ", "007", "1.50", "2", "true", "abcd", '"a"', '{"k":1}', "null", "1e3",
             "2024-01-02T03:04:05Z"],
    "VarChar": ["", "a ", "007", "2"],
    "Char": ["", "a", "007"],
    "Uuid": ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
    "Inet": ["10.0.0.1", "10.0.0.0/8"],
    "Bit": ["101", "000"],
    "VarBit": ["", "1", "1010"],
    "Boolean": ["true", "false"],
    "SmallInt": ["0", "2", "-32768", "32767"],
    "Integer": ["0", "1", "2", "-1", "16777217", "2147483647", "-2147483648"],
    "BigInt": ["1", "2", "9007199254740993", "1152921504606846976", "9223372036854775807"],
    "Oid": ["0", "1", "4294967295"],
    "Real": ["0.1", "1.5", "2", "16777216", "3.4e38", "1e-40", "NaN", "Infinity"],
    "DoublePrecision": ["0.1", "1.5", "0.1234567890123456", "9007199254740994", "1e300", "1e-300", "NaN",
                        "-Infinity"],
    "Decimal": ["0.01", "1.5", "1.50", "2", "999999.99", "NaN"],
    "Money": ["0.01", "1", "90000000000000.01"],
    "Timestamp": ["2024-01-02 03:04:05.678", "2024-01-02", "infinity", "4713-01-01 BC",
                  "294276-12-31 23:59:59"],
    "Timestamptz": ["2024-01-02 03:04:05.678+02", "2024-01-02Z", "-infinity"],
    "Date": ["2024-02-29", "infinity", "5874897-12-31"],
    "Time": ["03:04:05.678", "24:00"],
    "Timetz": ["03:04:05.678+02", "00:00Z"],
    "Json": ['{"k": 1}', '"a"', '"2"', "2", "1.50", "true", "null", "[1]", '" "'],
    "JsonB": ['{"k": 1}', '"a"', '"2"', "2", "1.50", "true", "null", "[1]", '" "'],
    "ByteA": ["\\x00ff"],
}  # fmt: skip
_JSONS, _TEXTS = {"Json", "JsonB"}, {"Text", "VarChar", "Char"}
# Their texts may differ where their values are the same.
_BY_VALUE = {"Real", "DoublePrecision", "Decimal", "Char"}
_USUAL = {"Text", "Uuid", "Boolean", "Integer", "BigInt", "DoublePrecision", "Decimal", "Json", "JsonB"}
_SHAPES = [("", ""), ("[]", "[]"), ("", "[]"), ("[]", "")]
# An expression's value as text, or why there is none.
_TRY = """
CREATE FUNCTION pg_temp.tried(expression text, OUT value text, OUT failure text) LANGUAGE plpgsql AS $$
BEGIN EXECUTE 'SELECT (' || expression || ')::text' INTO value;
EXCEPTION WHEN OTHERS THEN failure := SQLERRM; END $$
"""


def _shaped(value: str, old: str, new: str, old_lists: str, new_lists: str) -> str:
    """The planner's cast between types of these shapes."""
    if new_lists and not old_lists:
        element = converted(value, old, new, _TYPES[new])
        return f"CASE WHEN {value} IS NULL THEN '{{}}' ELSE ARRAY[{element}]::{_TYPES[new]}[] END"
    return converted(
        f"({value})[1]" if old_lists and not new_lists else value, old, new, _TYPES[new] + new_lists
    )


def _as_json_text(value: str, new: str) -> str:
    return f"to_jsonb({value})::{new}" if new in ("json", "jsonb") else f"({value} #>> '{{}}')::{new}"


def _questions(
    text: str, old: str, new: str, shapes: tuple[str, str], *, is_json_text: bool
) -> tuple[str, str, str, str]:
    """The value there, whether the checks of a downgrade and an upgrade count it, whether it comes back."""
    first, second = shapes
    value, types = f"$v${text}$v$::{_TYPES[old]}{first}", (_TYPES[old] + first, _TYPES[new] + second)
    if is_json_text:
        there = _as_json_text(value, _TYPES[new])
        back = _as_json_text(f"({there})", _TYPES[old])
    else:
        there = _shaped(value, old, new, first, second)
        back = _shaped(f"({there})", new, old, second, first)
    down = comparison(value, f"({there})", *types, is_cast=True, is_json_text=is_json_text)
    up = reading(value, f"({there})", *types, is_json_text=is_json_text)
    form = "" if old in _BY_VALUE else f"::jsonb{first}" if old in _JSONS else "::text"
    same = f"({value}){form} IS NOT DISTINCT FROM ({back}){form}"
    return there, *(f"{c.before} IS DISTINCT FROM {c.after}" if c else "false" for c in (down, up)), same


@pytest.mark.parametrize("shapes", _SHAPES, ids=lambda shapes: f"t{shapes[0]} to t{shapes[1]}")
def test_a_value_comes_back_or_is_counted_or_is_refused(
    scratch_server: ScratchServer, shapes: tuple[str, str]
) -> None:
    wrong = []
    with scratch_server.new_database() as database, psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            b"SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'"
        )
        connection.execute(_TRY.encode())
        for (old, new), is_json_text in product(permutations(_TYPES, 2), (False, True)):
            is_text_and_json = not {old, new}.isdisjoint(_JSONS) and not {old, new}.isdisjoint(_TEXTS)
            if is_json_text and (shapes != ("", "") or not is_text_and_json):
                continue
            asked = [
                (text, _questions(text, old, new, shapes, is_json_text=is_json_text))
                for text in _values(old, shapes[0])
            ]
            query = " UNION ALL ".join(
                f"SELECT {n}, {', '.join(f'(pg_temp.tried($e${question}$e$)).*' for question in questions)}"
                for n, (_, questions) in enumerate(asked)
            )
            for n, _, refused, counted, broken, _, broken_up, equal, _ in connection.execute(query.encode()):
                case = f"{old}{shapes[0]} to {new}{shapes[1]}: {asked[n]}"
                if refused:
                    continue
                if broken or broken_up:
                    wrong.append(f"a check fails: {broken or broken_up}: {case}")
                elif counted != "true" and equal != "true":
                    wrong.append(f"lost: {case}")
                elif counted == equal == "true" and {old, new} <= _USUAL and shapes == ("", ""):
                    wrong.append(f"counted for nothing: {case}")
    assert wrong == []


def _values(name: str, lists: str) -> list[str]:
    if not lists:
        return _AWKWARD[name]
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in _AWKWARD[name]]
    return ["{}", "{NULL}", "{" + ",".join(quoted[:2]) + "}", *(f"{{{value}}}" for value in quoted)]
