"""The SQL queries that ask whether the rows fit what a script is going to demand of them.

Each counts the rows that don't, with the keys of the first few. What a script says is used in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...ddl.catalog_model import Column
from ...ddl.names import Name, sql_name
from ...identifiers import literal, quoted
from ..check_queries import Check
from ..rows.row_states import Rows

_MOST_SHOWN = 3
#: Why a query can't tell.
WRITTEN = "the script changes these rows in a way that only running it can tell"
_INSERTED = "the script inserts rows that only running it can tell"


def rows_that(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    alias: str,
    condition: str,
    *,
    reads: Iterable[str] = (),
) -> Check:
    """The rows for which ``condition``, on the names of ``columns``, holds."""
    keys = rows.key_columns(columns)
    source = rows.view(columns, alias, keys)
    bad = (
        f"SELECT {_key(rows, keys)} AS shown, row_number() OVER () AS number FROM {source} WHERE {condition}"  # noqa: S608 - quoted
    )
    return _check(what, f"count(*), {_few('shown')} FROM ({bad}) AS bad", rows, columns, reads)


def rows_with(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    *,
    source: str,
    condition: str,
    uncertain: str | None = None,
) -> Check:
    """The rows for which ``condition``, on the names of ``columns`` and of a ``source``, holds. Where they
    may do no harm, ``uncertain`` says so."""
    alias = rows.name[1]
    shown = ", ".join(f"{quoted(alias)}.{quoted(name)}" for name in columns)
    bad = (
        f"SELECT concat_ws(', ', {shown}) AS shown, row_number() OVER () AS number "  # noqa: S608 - quoted
        f"FROM {rows.view(columns, alias)} CROSS JOIN {source} WHERE {condition}"
    )
    return _check(what, f"{_counted(uncertain)} FROM ({bad}) AS bad", rows, columns, ())


def any_rows(what: str, rows: Rows) -> Check:
    """Whether there are rows at all."""
    return rows_that(what, rows, {}, rows.name[1], "true")


def duplicates(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    alias: str,
    parts: Sequence[str],
    *,
    condition: str | None,
    nulls_differ: bool,
    reads: Iterable[str] = (),
) -> Check:
    """The rows that share ``parts``, which are SQL, with others."""
    names = [f"part {number}" for number in range(len(parts))]
    selected = ", ".join(f"{part} AS {quoted(name)}" for part, name in zip(parts, names, strict=True))
    own = ", ".join(map(quoted, names))
    shown = ", ".join(f"coalesce({quoted(name)}::text, 'NULL')" for name in names)
    inner = f"SELECT {selected} FROM {rows.view(columns, alias)}"  # noqa: S608 - quoted
    if condition is not None:
        inner += f" WHERE {condition} OFFSET 0"  # the parts of other rows may fail
    kept = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names) if nulls_differ else "true"
    grouped = (
        f"SELECT concat_ws(', ', {shown}) AS shown, count(*) AS shared, row_number() OVER () AS number "  # noqa: S608
        f"FROM ({inner}) AS part WHERE {kept} GROUP BY {own} HAVING count(*) > 1"
    )
    return _check(
        what,
        f"coalesce(sum(shared), 0)::bigint, {_few('shown')} FROM ({grouped}) AS bad",
        rows,
        columns,
        reads,
    )


def orphans(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    parent: Rows,
    parent_columns: Mapping[str, Column],
    *,
    condition: str | None = None,
) -> Check:
    """The rows whose ``columns`` have no counterpart in the ``parent_columns``, in the same order, if a
    ``condition`` that needs no row holds."""
    keys = rows.key_columns(columns)
    child = rows.view(columns, "referring", keys)
    pairs = zip(columns, parent_columns, strict=True)
    same = " AND ".join(f"referred.{quoted(b)} = referring.{quoted(a)}" for a, b in pairs)
    given = " AND ".join(f"referring.{quoted(name)} IS NOT NULL" for name in columns)
    bad = f"SELECT {_key(rows, keys)} AS shown, row_number() OVER () AS number FROM {child} WHERE {given}"  # noqa: S608
    if condition is not None:
        bad += f" AND {condition}"
    if not parent.is_empty:
        referred = parent.view(parent_columns, "referred")
        bad += f" AND NOT EXISTS (SELECT FROM {referred} WHERE {same})"
    reads = {*parent.tables(*parent_columns.values()), *(() if parent.is_new else (sql_name(parent.name),))}
    return _check(what, f"count(*), {_few('shown')} FROM ({bad}) AS bad", rows, columns, reads)


def conflicts(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    alias: str,
    parts: Sequence[tuple[str, str]],
    *,
    condition: str | None,
    reads: Iterable[str] = (),
) -> Check:
    """The rows for which another has each of ``parts``, which are SQL, in relation to it by its operator."""
    keys = rows.key_columns(columns)
    selected = ", ".join(f"{part} AS {quoted(f'part {at}')}" for at, (part, _) in enumerate(parts))
    inner = (
        f"SELECT {_key(rows, keys)} AS shown, row_number() OVER () AS number, {selected} "  # noqa: S608 - quoted
        f"FROM {rows.view(columns, alias, keys)}"
    )
    if condition is not None:
        inner += f" WHERE {condition}"
    same = " AND ".join(
        f"one.{quoted(f'part {at}')} {operator} other.{quoted(f'part {at}')}"
        for at, (_, operator) in enumerate(parts)
    )
    bad = (
        f"WITH part AS MATERIALIZED ({inner}) SELECT shown, row_number() OVER () AS number FROM part AS one "  # noqa: S608
        f"WHERE EXISTS (SELECT FROM part AS other WHERE other.number <> one.number AND {same})"
    )
    return _check(what, f"count(*), {_few('shown')} FROM ({bad}) AS bad", rows, columns, reads)


def moved_keys(
    what: str,
    rows: Rows,
    columns: Mapping[str, Column],
    alias: str,
    new: Mapping[str, str],
    *,
    condition: str | None,
    guard: str,
    uncertain: str | None,
    reads: Iterable[str],
) -> Check:
    """The rows that get a key, ``new`` by column as SQL, which a row further on in the table still has. If
    the order may be another, ``uncertain`` says so. ``guard`` is a condition that needs no row."""
    was = ", ".join(f"{quoted(alias)}.{quoted(name)} AS {quoted(f'old {name}')}" for name in new)
    gets = ", ".join(f"{sql} AS {quoted(f'new {name}')}" for name, sql in new.items())
    moved = f"SELECT {was}, {gets}, place FROM {rows.view(columns, alias, {'place': 'ctid'})}"  # noqa: S608
    moved += f" WHERE {condition}" if condition is not None else ""
    same = " AND ".join(f"next.{quoted(f'old {name}')} = moved.{quoted(f'new {name}')}" for name in new)
    shown = ", ".join(f"moved.{quoted(f'old {name}')}" for name in new)
    order = ">" if uncertain is None else "<>"
    bad = (
        f"WITH moved AS MATERIALIZED ({moved}) SELECT concat_ws(', ', {shown}) AS shown, "  # noqa: S608 - quoted
        f"row_number() OVER () AS number FROM moved JOIN moved AS next ON {same} "
        f"AND next.place {order} moved.place WHERE {guard}"
    )
    return _check(what, f"{_counted(uncertain)} FROM ({bad}) AS bad", rows, columns, reads)


def view_duplicates(what: str, view: Name, names: Sequence[str], tables: Iterable[Name]) -> Check:
    """The groups of rows that a materialized view would get and that share the columns ``names``. Its query
    is a text that ts_stat runs."""
    own = ", ".join(map(quoted, names))
    there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    before = "SELECT array_to_tsvector(ARRAY['n']) FROM ("
    after = f") AS row WHERE {there} GROUP BY {own} HAVING count(*) > 1"
    query = f"rtrim(pg_get_viewdef({literal(sql_name(view))}::regclass), ';')"
    source = f"ts_stat({literal(before)} || {query} || {literal(after)}) AS s"
    sql = f"SELECT coalesce(sum(s.ndoc), 0)::bigint, NULL FROM {source}"  # noqa: S608 - quoted
    return {"what": what, "sql": sql, "tables": [*map(sql_name, tables)]}


def rows_without_partition(
    what: str, table: Name, source: str, names: Iterable[Name], reads: Iterable[str]
) -> Check:
    """The rows of ``source`` that fit none of a table's partitions, as they are then; the bounds of these are
    a text that ts_stat runs."""
    before = f"SELECT array_to_tsvector(ARRAY['n']) FROM {source} WHERE ("  # noqa: S608 - quoted
    bounds = "coalesce(nullif(pg_get_partition_constraintdef(p.relid), ''), 'true')"
    inside = (
        f"SELECT coalesce(string_agg(format('(%s)', {bounds}), ' OR '), 'false') AS inside "  # noqa: S608
        f"FROM pg_partition_tree({literal(sql_name(table))}::regclass) AS p WHERE p.isleaf AND p.level > 0"
    )
    counted = f"ts_stat({literal(before)} || parts.inside || ') IS NOT TRUE') AS s"
    sql = (
        f"SELECT coalesce(sum(s.ndoc), 0)::bigint, NULL FROM ({inside}) AS parts CROSS JOIN LATERAL {counted}"  # noqa: S608
    )
    first, others = sql_name(table), {*map(sql_name, names), *reads}
    return {"what": what, "sql": sql, "tables": [first, *sorted(others - {first})]}


def refused(
    what: str, rows: Rows, columns: Mapping[str, Column], alias: str, converted: str, *, reads: Iterable[str]
) -> Check:
    """Values that a conversion refuses: the query fails as the script would."""
    source = rows.view(columns, alias)
    return _check(what, f"0 * count({converted}), NULL FROM {source}", rows, columns, reads) | {
        "converts": True
    }


def not_in(value: str, labels: Iterable[str], *, is_list: bool) -> str:
    """A condition: a text, or a list of them, that an enum doesn't have."""
    known = f"ARRAY[{', '.join(map(literal, labels))}]::text[]"
    return f"NOT array_remove({value}, NULL) <@ {known}" if is_list else f"{value} <> ALL ({known})"


def untold(what: str, rows: Rows, reason: str) -> Check:
    """What no query can tell, if there are rows."""
    table = sql_name(rows.name)
    if rows.is_new or not rows.is_whole:
        return {"what": what, "sql": f"SELECT NULL::bigint, {literal(reason)}", "tables": [table]}
    sql = f"SELECT CASE WHEN EXISTS (SELECT FROM {table}) THEN NULL::bigint ELSE 0 END, {literal(reason)}"  # noqa: S608
    return {"what": what, "sql": sql, "tables": [table]}


def stands(rows: Rows, name: str) -> str:
    """A condition: the table has a constraint of that name, and its rows were checked."""
    table = literal(sql_name(rows.name))
    return (
        f"EXISTS (SELECT FROM pg_constraint WHERE conrelid = {table}::regclass "
        f"AND conname = {literal(name)} AND convalidated)"
    )


def _key(rows: Rows, keys: Mapping[str, str]) -> str:
    """What identifies a row for people: its primary key, by the names before the script."""
    if not keys:
        return "NULL::text"
    named = [
        f"concat({literal(rows.shown(column, '') + ' ')}, {quoted(name)})"
        for name, column in zip(keys, rows.key, strict=True)
    ]
    return f"concat_ws(', ', {', '.join(named)})"


def _few(shown: str) -> str:
    return f"string_agg({shown}, '; ') FILTER (WHERE number <= {_MOST_SHOWN})"


def _counted(uncertain: str | None) -> str:
    """How many rows were found, with examples; if there are any and that proves nothing, why."""
    if uncertain is None:
        return f"count(*), {_few('shown')}"
    return f"CASE count(*) WHEN 0 THEN 0 END, {literal(uncertain)}"


def _check(
    what: str, selected: str, rows: Rows, columns: Mapping[str, Column], reads: Iterable[str]
) -> Check:
    first = sql_name(rows.name)
    others = {*rows.tables(*columns.values()), *rows.tables(*rows.key), *reads} - {first}
    sql = f"SELECT {selected}"
    if not rows.is_whole:
        sql = (
            f"SELECT nullif(found, 0), CASE found WHEN 0 THEN {literal(_INSERTED)} ELSE shown END "  # noqa: S608
            f"FROM ({sql}) AS answer (found, shown)"
        )
    return {"what": what, "sql": sql, "tables": [first, *sorted(others)]}
