"""Values that satisfy CHECK constraints: candidates are made here, and Postgres evaluates them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

import psycopg
from pglast import ast
from pglast.parser import ParseError, parse_sql
from psycopg import sql

from ...ddl.function_calls import Reader
from .edges import edges
from .pg_catalog import CheckConstraint, Connection, SeedColumn, SeedTable
from .values import ordinary

Values: TypeAlias = tuple[str | None, ...]

_MOST_COMBINATIONS = 20_000
_MOST_FOUND = 60
_LONGEST = 1_000
_ORDINARY = 8
# What checks on text ask for most often.
_TEXTS: Final = (
    *("a", "A", "abc", "ABC", "Ab1", "1", "42", "12345", "a-b", "a_b", "a.b", "example.com"),
    *(f"ada{number}@example.com" for number in range(_ORDINARY)),
    *(f"https://example.com/{number}" for number in range(_ORDINARY)),
    *("https://example.com", "/a/b", "#aabbcc", "en", "en-US", "EUR", "DE", "1.0.0"),
    *("+14155550100", "2001-02-03", "12:34", "5eed0000-0000-4000-8000-000000000001", "{}", "[]", "true"),
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DOCUMENTS: Final = ("{}", "[]", '"text"', "1", "true", '{"a": 1}', "[1]", "null")


@dataclass(frozen=True, slots=True)
class Choice:
    """The values that ``columns`` can have together."""

    columns: tuple[str, ...]
    options: Sequence[Values]


def check_choices(
    connection: Connection, table: SeedTable, referred: Mapping[str, Sequence[str | None]]
) -> list[Choice]:
    """One choice for each set of columns that checks connect. ``referred`` are the values that foreign keys
    allow in a column. A set without any solution is left out: the INSERT's error will say why."""
    choices = []
    for columns, conditions in _groups(table):
        candidates = {name: _candidates(table.columns[name], conditions, referred) for name in columns}
        found = _satisfying(connection, table, candidates, conditions)
        if found:
            choices.append(Choice(columns, found))
    return choices


def _groups(table: SeedTable) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Columns that share a check, directly or through others, with their conditions."""
    chosen = {column.name for column in table.columns.values() if not column.is_always}
    checks = [check for check in table.checks if set(check.columns) <= chosen]
    for column in table.columns.values():
        checks += [
            CheckConstraint((column.name,), _over(column, condition)) for condition in column.type.conditions
        ]
    groups: list[tuple[set[str], list[str]]] = []
    for check in checks:
        if not check.columns:
            continue
        columns, conditions = set(check.columns), [check.condition]
        for group in [group for group in groups if group[0] & columns]:
            columns |= group[0]
            conditions += group[1]
            groups.remove(group)
        groups.append((columns, conditions))
    return [(tuple(sorted(columns)), tuple(sorted(conditions))) for columns, conditions in groups]


def _over(column: SeedColumn, domain_check: str) -> str:
    """A domain's ``CHECK (VALUE …)`` as a condition on a column: outside a domain, VALUE is a plain name."""
    name = '"' + column.name.replace('"', '""') + '"'
    condition = domain_check.removeprefix("CHECK ").removesuffix(" NOT VALID")
    # Postgres wrote the condition itself, so it is SQL and not a user's text.
    return f"(SELECT {condition} FROM (SELECT {name} AS value) AS of_domain)"  # noqa: S608


def _candidates(
    column: SeedColumn, conditions: Sequence[str], referred: Mapping[str, Sequence[str | None]]
) -> list[str | None]:
    kind = column.type
    values: list[str | None] = []
    if column.name in referred:
        values += referred[column.name]
    else:
        constants = [constant for condition in conditions for constant in _constants(condition)]
        values += _suiting(column, constants)
        values += [ordinary(kind, number) for number in range(max(_ORDINARY, len(kind.labels)))]
        values += edges(kind)
    values = [value for value in dict.fromkeys(values) if value is not None]
    return values if column.is_required else [*values, None]


def _suiting(column: SeedColumn, constants: Iterable[str]) -> Iterator[str]:
    """Constants of the conditions, and values next to them, that the column's type can hold."""
    kind = column.type
    for constant in constants:
        number = _number(constant)
        if kind.is_array:
            if kind.category == "S":
                yield "{" + json.dumps(constant, ensure_ascii=False) + "}"
        elif kind.category == "N":
            if number is not None:
                yield from (str(number), str(number - 1), str(number + 1))
        elif kind.category == "D":
            if _DATE.match(constant):
                yield constant
        elif kind.category == "S":
            yield constant
            if number is not None and 0 <= number <= _LONGEST:
                yield "x" * int(number)
    if not kind.is_array and kind.category == "S":
        yield from _TEXTS
    elif not kind.is_array and kind.base in ("json", "jsonb"):
        yield from _DOCUMENTS


def _number(text: str) -> int | float | None:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return None


class _Constants(Reader):
    """Collects every literal of an expression."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_A_Const(self, _ancestors: object, node: ast.A_Const) -> None:  # noqa: N802 - pglast's naming
        match node.val:
            case ast.Integer():
                self.found.append(str(node.val.ival or 0))
            case ast.Float():
                self.found.append(str(node.val.fval))
            case ast.String():
                self.found.append(str(node.val.sval))


def _constants(condition: str) -> list[str]:
    visitor = _Constants()
    try:
        visitor(parse_sql(f"SELECT {condition}"))
    except ParseError:
        return []
    return visitor.found


def _satisfying(
    connection: Connection,
    table: SeedTable,
    candidates: Mapping[str, Sequence[str | None]],
    conditions: Sequence[str],
) -> list[Values]:
    most = int(_MOST_COMBINATIONS ** (1 / len(candidates)))
    sources = []
    for position, (name, values) in enumerate(candidates.items()):
        plain = sql.SQL(table.columns[name].type.plain)
        rows = sql.SQL(", ").join(
            sql.SQL("({}::{}, {})").format(sql.Literal(value), plain, sql.Literal(place))
            for place, value in enumerate(islice(_spread(values, most), most))
        )
        source = sql.SQL("(VALUES {}) AS {} ({}, {})")
        alias, place = sql.Identifier(f"source {position}"), sql.Identifier(f"place {position}")
        sources.append(source.format(rows, alias, sql.Identifier(name), place))
    query = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in candidates),
        sql.SQL(", ").join(sources),
        sql.SQL(" AND ").join(
            sql.SQL("({}) IS NOT FALSE").format(sql.SQL(condition)) for condition in conditions
        ),
        sql.SQL(" + ").join(sql.Identifier(f"place {position}") for position in range(len(candidates))),
        sql.Literal(_MOST_FOUND),
    )
    try:
        with connection.transaction():
            return connection.execute(query).fetchall()
    except psycopg.Error:  # a candidate on which evaluating the condition fails
        return []


def _spread(values: Sequence[str | None], most: int) -> Iterator[str | None]:
    """The first values and the last one: NULL is last, and must not be cut off."""
    if len(values) > most:
        yield from values[: most - 1]
        yield values[-1]
    else:
        yield from values
