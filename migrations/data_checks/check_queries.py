"""The SQL queries that check the data before a downgrade. Every name that comes in is quoted here.

A check is an entry of the manifest: see :mod:`migrations.runner.manifest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..ddl.effects import Deletion
from ..ddl.names import Name, sql_name
from ..identifiers import literal, quoted

Check = dict[str, Any]

# Counts a query's rows in every table that is found: ts_stat runs a text as a query, and needs neither an
# extension nor libxml. Only Postgres knows all tables of a schema, and all columns of a type.
_FOUND = "CROSS JOIN LATERAL ts_stat(format({query})) AS s"
_ONE = "SELECT array_to_tsvector(ARRAY[''n'']) FROM %s"
_COUNT = "coalesce(sum(s.ndoc), 0)"
_BUILT_ON = (
    "SELECT t.oid FROM pg_type t JOIN of_type o ON o.oid IN (t.typelem, t.typbasetype) OR EXISTS ("
    "SELECT FROM pg_attribute p JOIN pg_class k ON k.oid = p.attrelid "
    "WHERE k.reltype = t.oid AND p.atttypid = o.oid AND p.attnum > 0 AND NOT p.attisdropped) OR EXISTS ("
    "SELECT FROM pg_range r WHERE r.rngtypid = o.oid AND r.rngmultitypid = t.oid "
    "OR r.rngsubtype = o.oid AND r.rngtypid = t.oid)"
)
_COLUMNS = "pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
_WITH_ROWS = "c.relkind IN ('r', 'p') AND NOT c.relispartition"


def rows_lost(table: Name, how: str, *, only: bool = False, but: Iterable[Name] = ()) -> Check:
    """All rows of a table; ``only``: without those of tables that inherit from it. ``but`` are such tables
    that are not dropped with it."""
    kept = sorted(but)
    where = f"tableoid <> ALL ({_oids(kept)})" if kept else None
    return _check("loss", f"table {sql_name(table)} ({how})", "count(*)", _only(table, only), where)


def rows_referring_lost(table: Name, known: Iterable[Name], how: str) -> Check:
    """The rows of tables that refer to a table, directly or through others; not of ``known`` ones."""
    found = _FOUND.format(query=f"'{_ONE}', c.oid::regclass")
    referring = (
        f"WITH RECURSIVE referring (oid) AS (SELECT {literal(sql_name(table))}::regclass::oid UNION "  # noqa: S608
        "SELECT k.conrelid FROM pg_constraint k JOIN referring r ON k.confrelid = r.oid "
        "WHERE k.contype = 'f') SELECT oid FROM referring"
    )
    return _check(
        "loss",
        f"tables that refer to {sql_name(table)} ({how} … CASCADE)",
        _COUNT,
        f"pg_class c {found}",
        f"c.relkind IN ('r', 'p') AND c.oid IN ({referring}) AND c.oid <> ALL ({_oids({*known, table})})",
    )


def rows_deleted(
    table: Name,
    alias: str | None,
    condition: str | None,
    renamed: Mapping[str, str] | None = None,
    *,
    only: bool = False,
) -> Check:
    """The rows of a DELETE; all of them if its condition can't be evaluated alone. ``renamed`` maps columns'
    names in the condition to those in the table."""
    source = _renamed(table, alias, renamed, only=only)
    where = None if condition is None else f"{condition}\n"  # it may end in a comment
    return _check("loss", f"rows of {sql_name(table)} (DELETE)", "count(*)", source, where)


def values_overwritten(table: Name, column: str, rows: Deletion | None, value: str) -> Check:
    """What an UPDATE of ``rows`` (as for :func:`rows_deleted`) puts other values in the place of; ``value``
    is the new one as SQL, empty where it can't be told before."""
    rows = rows or Deletion()
    name = quoted(column)
    conditions = [f"({rows.condition}\n)"] if rows.condition is not None else []
    conditions += [f"{name} IS NOT NULL"] + ([f"{name} IS DISTINCT FROM {value}"] if value else [])
    what = f"column {sql_name(table)}.{name} (UPDATE)"
    source = _renamed(table, rows.alias, rows.renamed)
    return _check("loss", what, f"count(*), min({name}::text)", source, " AND ".join(conditions))


def values_lost(table: Name, column: str, how: str, *, only: bool = False) -> Check:
    """All values of a column; ``only``: without those of tables that inherit from its table."""
    what = f"column {sql_name(table)}.{quoted(column)} ({how})"
    return _check("loss", what, f"count({quoted(column)})", _only(table, only))


def rows_of_schema_lost(schema: str, kept: Iterable[Name], how: str) -> Check:
    """All rows of a schema's tables, except those of ``kept``, which have left it by then."""
    names = [literal(name) for _, name in sorted(kept)]
    but = f" AND c.relname <> ALL (ARRAY[{', '.join(names)}]::text[])" if names else ""
    found = _FOUND.format(query=f"'{_ONE}', c.oid::regclass")
    return _check(
        "loss",
        f"schema {quoted(schema)} ({how}), with all its tables",
        _COUNT,
        f"pg_class c {found}",
        f"{_WITH_ROWS} AND c.relnamespace = {literal(quoted(schema))}::regnamespace{but}",
    )


def values_of_type_lost(type_name: Name, known: Iterable[tuple[Name, str]], how: str) -> Check:
    """All values of a type's columns, except ``known`` ones, which have checks of their own."""
    found = _FOUND.format(query=f"'{_ONE} WHERE %I IS NOT NULL', c.oid::regclass, a.attname")
    return _check(
        "loss",
        f"type {sql_name(type_name)} ({how}), with all columns of it",
        _COUNT,
        f"{_COLUMNS} {found}",
        f"{_WITH_ROWS} AND a.atttypid IN ({_types_of(type_name)}){_but(known)}",
    )


def values_of_attribute_lost(type_name: Name, attribute: str, how: str) -> Check:
    """All values of an attribute in a composite type's columns; of lists and domains of it, all values."""
    of_type = f"{literal(sql_name(type_name))}::regtype"
    held = f"CASE a.atttypid WHEN {of_type} THEN format('(%I).%I', a.attname, {literal(attribute)}::text)"
    query = f"'{_ONE} WHERE %s IS NOT NULL', c.oid::regclass, {held} ELSE quote_ident(a.attname) END"
    return _check(
        "loss",
        f"attribute {sql_name(type_name)}.{quoted(attribute)} ({how})",
        _COUNT,
        f"{_COLUMNS} {_FOUND.format(query=query)}",
        f"{_WITH_ROWS} AND a.atttypid IN ({_types_of(type_name)})",
    )


def anything_lost(what: str) -> Check:
    """Rows that can't be counted beforehand."""
    return {"kind": "loss", "what": what, "sql": "SELECT NULL::bigint, 'only running it can tell'"}


def values_changed(table: Name, column: str, value: str, differs: str, how: str) -> Check:
    """Values that a conversion would lose or change: those for which the condition ``differs`` holds.
    ``value`` is the column before the conversion, as SQL."""
    what = f"column {sql_name(table)}.{quoted(column)} ({how})"
    where = f"{value} IS NOT NULL AND {differs}"
    return _check("loss", what, f"count(*), min(({value})::text)", sql_name(table), where)


def values_refused(table: Name, column: str, converted: str, new: str) -> Check:
    """Values that a conversion refuses: the query fails as the script would."""
    what = f"column {sql_name(table)}.{quoted(column)} (not all of it fits {new})"
    return _check("in_use", what, f"0 * count({converted})", sql_name(table))


def values_of_new_type(table: Name, column: str, new: str) -> Check:
    """Values whose conversion can't be tried, because it needs what the script creates."""
    what = (
        f"column {sql_name(table)}.{quoted(column)} (may not all fit {new}: the script creates what it needs)"
    )
    return _check("loss", what, f"count({quoted(column)})", sql_name(table))


def nulls(table: Name, column: str) -> Check:
    """NULLs in a column that becomes NOT NULL."""
    what = f"column {sql_name(table)}.{quoted(column)} becomes NOT NULL, and holds NULL"
    return _check("in_use", what, "count(*)", sql_name(table), f"{quoted(column)} IS NULL")


def rows_without(table: Name, column: str, *, unless_there: bool = False) -> Check:
    """Rows for which a new required column has no value; ``unless_there``: none if there is such a column."""
    name = f"{sql_name(table)}.{quoted(column)}"
    what = f"column {name} comes back NOT NULL, without a value for the rows that are there"
    there = (
        f"SELECT FROM pg_attribute WHERE attrelid = {_place(table)} AND attname = {literal(column)} "
        "AND NOT attisdropped"
    )
    condition = f"NOT EXISTS ({there})" if unless_there else None
    return _check("in_use", what, "count(*)", sql_name(table), condition)


def values_in_use(table: Name, column: str, labels: tuple[str, ...], *, is_array: bool) -> Check:
    """Values that an enum will no longer have."""
    name, source = quoted(column), sql_name(table)
    held = f"{name}::text[]" if is_array else f"ARRAY[{name}::text]"
    return _check(
        "in_use",
        f"column {source}.{name} holds values that its enum will not have",
        "count(*), min(held)",
        f"(SELECT unnest({held}) AS held FROM {source}) AS held_values",  # noqa: S608 - quoted
        f"held <> ALL (ARRAY[{', '.join(map(literal, labels))}]::text[])",
    )


def unless_missing(check: Check) -> Check:
    """The same check for an object that may be missing: the script says IF EXISTS."""
    return check | {"missing_ok": True}


def _only(table: Name, only: bool) -> str:
    return f"ONLY {sql_name(table)}" if only else sql_name(table)


def _renamed(table: Name, alias: str | None, renamed: Mapping[str, str] | None, *, only: bool = False) -> str:
    source = _only(table, only)
    if renamed:
        added = ", ".join(f"{quoted(old)} AS {quoted(new)}" for new, old in sorted(renamed.items()))
        source = f"(SELECT *, {added} FROM {source})"  # noqa: S608 - quoted
        alias = alias or table[1]
    return f"{source} AS {quoted(alias)}" if alias else source


def _types_of(type_name: Name) -> str:
    """A query: the type, lists of it, domains over it, and what they are parts of."""
    first = f"SELECT {literal(sql_name(type_name))}::regtype::oid"
    return f"WITH RECURSIVE of_type (oid) AS ({first} UNION {_BUILT_ON}) SELECT oid FROM of_type"  # noqa: S608


def _but(known: Iterable[tuple[Name, str]]) -> str:
    shown = ", ".join(f"({_place(table)}, {literal(column)})" for table, column in sorted(known))
    return f" AND (c.oid, a.attname) NOT IN ({shown})" if shown else ""


def _oids(tables: Iterable[Name]) -> str:
    """Without those that aren't there: a NULL among them would leave no row."""
    return f"array_remove(ARRAY[{', '.join(map(_place, sorted(tables)))}]::oid[], NULL)"


def _place(table: Name) -> str:
    return f"to_regclass({literal(sql_name(table))})"


def _check(kind: str, what: str, counted: str, source: str, condition: str | None = None) -> Check:
    example = "" if "min(" in counted else ", NULL"
    where = f" WHERE {condition}" if condition else ""
    return {"kind": kind, "what": what, "sql": f"SELECT {counted}{example} FROM {source}{where}"}  # noqa: S608
