# ruff: noqa: S608, PLR0917 - identifiers are quoted from the generated data, values are parameters
"""``count`` of fields, ``aggregate`` and ``group_by``."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from .. import codecs
from ..codecs import Convert, dump_integer
from ..coerce import as_dict, as_list
from ..columns import Column
from ..field_lookup import column_of
from ..input_errors import meant, unknown_word
from ..public.errors import InputError, UnreadableValueError
from ..sql.plans import Binder, Plan, Steps
from ..sql.queries import Names, Query, names_of, query_of, select_of
from ..sql.query_shape import LOGICAL, ConditionList, Entry, Nested, Shape, key_of, shape_of
from ..sql.scope import Scope, root
from ..sql.where import condition
from ..sql.where_values import comparable, operators
from ..tables import Table

_ALL = "_all"
_FUNCTIONS = {"_count": "count", "_avg": "avg", "_sum": "sum", "_min": "min", "_max": "max"}
_WHOLE = frozenset({"int2", "int4", "int8", "oid"})
_FLOATS = frozenset({"float4", "float8"})
#: Types without a minimum and maximum. uuid and bits are ordered by their texts.
_WITHOUT_EXTREMES = frozenset({"uuid", "varbit", "xml"})
#: Types that have no sum or no average, and those that hold the same numbers.
_ADDED_AS = {"oid": "int8", "money": "numeric"}

#: ``(("_sum", ("views",)), ...)``: the functions, and the fields of each.
Asked: TypeAlias = tuple[tuple[str, Names], ...]


class GroupOrder(NamedTuple):
    """One key of the order of groups: a field, or a ``function`` (``_sum``) of it."""

    field: str
    direction: str
    function: str | None = None


class Grouping(NamedTuple):
    """A compiled query: ``build`` makes a dict of each row; ``labels`` are its columns: function, field."""

    plan: Plan
    build: Callable[[tuple[Any, ...]], dict[str, Any]]
    labels: tuple[tuple[str, str], ...]

    def unreadable(self, table: Table[Any], error: UnreadableValueError) -> UnreadableValueError:
        """The error of a result that can't be read, with the field that it is of."""
        if error.cell is None:
            return error
        word, field = self.labels[error.cell.position]
        shown = f"{word}.{field}".lstrip(".")
        return UnreadableValueError(
            f"{table.name}: {shown} is {error.cell.reason}; leave it out, or such rows with where",
            meta={"model": table.name, "fields": [field]},
            cell=error.cell,
        )


def count_fields(table: Table[Any], select: Any, **arguments: Any) -> Steps[dict[str, int]]:
    """How many rows have a value in each of some fields; ``_all`` counts rows."""
    names = _chosen(select, "select") or (_ALL,)
    values: list[Any] = []
    query = query_of(
        values,
        arguments.get("where"),
        arguments.get("cursor"),
        None,
        arguments.get("take"),
        arguments.get("skip"),
        None,
    )
    plan = table.plans.get(("count_fields", names, query), lambda: _count_fields(table, names, query))
    result = yield plan.statement(values)
    return dict(zip(names, result.rows[0], strict=True))


def aggregate(table: Table[Any], asked: dict[str, Any], **arguments: Any) -> Steps[dict[str, Any]]:
    """Aggregates over all rows that match."""
    values: list[Any] = []
    shape = _asked(asked)
    if not shape:
        raise InputError("aggregate: needs at least one of count, avg, sum, min and max")
    query = query_of(
        values,
        arguments.get("where"),
        arguments.get("cursor"),
        arguments.get("order"),
        arguments.get("take"),
        arguments.get("skip"),
        None,
    )
    grouping = table.plans.get(("aggregate", shape, query), lambda: _aggregate(table, shape, query))
    try:
        result = yield grouping.plan.statement(values)
    except UnreadableValueError as error:
        raise grouping.unreadable(table, error) from error.__cause__
    return grouping.build(result.rows[0])


def group_by(
    table: Table[Any],
    by: Any,
    asked: dict[str, Any],
    *,
    where: Any = None,
    having: Any = None,
    order: Any = None,
    take: Any = None,
    skip: Any = None,
) -> Steps[list[dict[str, Any]]]:
    """Aggregates over each group of rows that are equal in some fields."""
    values: list[Any] = []
    names, shape = names_of(by, "by"), _asked(asked)
    if not names:
        raise InputError("by: needs at least one field")
    filtered = shape_of(where, values) if where is not None else ()
    kept = shape_of(having, values, "having") if having is not None else ()
    ordered = _order(order)
    limits = query_of(values, None, None, None, take, skip, None)
    if take is not None and take < 0:
        raise InputError("take: needs an int of zero or more when rows are grouped")
    key = ("group_by", names, shape, filtered, kept, ordered, limits)
    grouping = table.plans.get(key, lambda: _group_by(table, names, shape, filtered, kept, ordered, limits))
    try:
        result = yield grouping.plan.statement(values)
    except UnreadableValueError as error:
        raise grouping.unreadable(table, error) from error.__cause__
    return [grouping.build(row) for row in result.rows]


def _chosen(given: Any, path: str) -> Names:
    """The fields that a dict maps to True."""
    chosen = as_dict(given)
    if chosen is None or not all(isinstance(wanted, bool) for wanted in chosen.values()):
        raise InputError(f"{path}: needs a dict of field to True")
    return names_of([name for name, wanted in chosen.items() if wanted], path)


def _asked(asked: dict[str, Any]) -> Asked:
    shape: list[tuple[str, Names]] = []
    for word, given in asked.items():
        if word == "_count" and given is True:
            shape.append((word, (_ALL,)))
        elif given is not None and given is not False:
            names = _chosen(given, word.removeprefix("_"))
            if not names:
                raise InputError(f"{word.removeprefix('_')}: needs at least one field")
            shape.append((word, names))
    return tuple(shape)


def _order(order: Any) -> tuple[GroupOrder, ...]:
    entries: list[GroupOrder] = []
    items = as_list(order)
    for item in ([] if order is None else [order]) if items is None else items:
        given = as_dict(item)
        if given is None:
            raise InputError("order: needs a dict of field to 'asc' or 'desc', or a list of them")
        for word, direction in given.items():
            inner = as_dict(direction) if word in _FUNCTIONS else None
            if inner is None:
                entries.append(_group_order(word, direction))
            else:
                entries += [_group_order(field, each, str(word)) for field, each in inner.items()]
    return tuple(entries)


def _group_order(field: Any, direction: Any, function: str | None = None) -> GroupOrder:
    if direction not in ("asc", "desc"):
        raise InputError(f"order.{field}: needs 'asc' or 'desc', but got {direction!r:.60}")
    return GroupOrder(str(field), str(direction), function)


def _count_fields(table: Table[Any], names: Names, query: Query) -> Plan:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    counted = ", ".join(_counted(scope, name, "select") for name in names)
    if not query.is_sliced:
        return binder.plan(f"SELECT {counted}{select.rest}")
    return binder.plan(f"SELECT {counted} FROM (SELECT {scope.prefix}*{select.rest}) AS {scope.alias}")


def _aggregate(table: Table[Any], shape: Asked, query: Query) -> Grouping:
    binder, scope = Binder(), root(table)
    select = select_of(scope, query, binder)
    columns, build = _columns(scope, (), shape)
    labels = _labels((), shape)
    if not query.is_sliced and not query.order:
        return Grouping(binder.plan(f"SELECT {columns}{select.rest}"), build, labels)
    inner = f"SELECT {scope.prefix}*{select.rest}"
    return Grouping(binder.plan(f"SELECT {columns} FROM ({inner}) AS {scope.alias}"), build, labels)


def _group_by(
    table: Table[Any],
    names: Names,
    shape: Asked,
    filtered: Shape,
    kept: Shape,
    ordered: tuple[GroupOrder, ...],
    limits: Query,
) -> Grouping:
    binder, scope = Binder(), root(table)
    where = condition(scope, filtered, binder)
    having = _having(scope, names, kept, binder, "having")
    columns, build = _columns(scope, names, shape)
    groups = ", ".join(comparable(scope.prefix, table.columns[name]) for name in names)
    is_page = limits.take != "all" or limits.skip
    order = _ordered(scope, names, ordered, is_page=bool(is_page))
    taken = "" if limits.take == "all" else f" LIMIT {binder.bind(dump_integer, 'int8', 'take')}"
    skipped = f" OFFSET {binder.bind(dump_integer, 'int8', 'skip')}" if limits.skip else ""
    sql = (
        f"SELECT {columns} FROM {scope.source} WHERE {where} "
        f"GROUP BY {groups} HAVING {having}{order}{taken}{skipped}"
    )
    return Grouping(binder.plan(sql), build, _labels(names, shape))


def _columns(
    scope: Scope, names: Names, shape: Asked
) -> tuple[str, Callable[[tuple[Any, ...]], dict[str, Any]]]:
    """The list of what is selected, and a function from a row of it to the dict that users see."""
    by = [column_of(scope.table, name, "by") for name in names]
    listed = [_group_key(scope, column) for column in by]
    loads: list[tuple[str, str, Convert | None]] = []
    for word, fields in shape:
        for field in fields:
            sql, load = _number(scope, word, field)
            listed.append(sql)
            loads.append((word, field, load))
    shown = [(column.name, column.load, column.is_list) for column in by]

    def build(row: tuple[Any, ...]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for (name, load, takes_none), value in zip(shown, row, strict=False):
            built[name] = value if load is None or (value is None and not takes_none) else load(value)
        for (word, field, load), value in zip(loads, row[len(shown) :], strict=True):
            made = value if load is None or value is None else load(value)
            built.setdefault(word, {})[field] = made
        return built

    return ", ".join(listed) or "NULL", build


def _labels(names: Names, shape: Asked) -> tuple[tuple[str, str], ...]:
    asked = [(word, field) for word, fields in shape for field in fields]
    return (*(("", name) for name in names), *asked)


def _group_key(scope: Scope, column: Column) -> str:
    """A column that rows are grouped by, as it is read."""
    if column.codec.comparable is None:
        return column.selected(scope.prefix)
    # The selected expressions have to be made of the grouped ones.
    suffix = "[]" * column.is_list
    read = f"{comparable(scope.prefix, column)}::{column.codec.type}{suffix}"
    return read if column.codec.read is None else f"{read}::{column.codec.read}{suffix}"


def _number(scope: Scope, word: str, field: str) -> tuple[str, Convert | None]:
    """The SQL of one aggregate, and the conversion of its result."""
    path = word.removeprefix("_")
    if word == "_count":
        return _counted(scope, field, path), None
    column = _aggregated(scope, column_of(scope.table, field, path), word, f"{path}.{field}")
    read = column.sql if column.codec.read is None else f"{column.sql}::{column.codec.read}"
    whole = word == "_sum" and scope.table.columns[field].codec.type in _WHOLE
    return read, (lambda text: int(Decimal(text))) if whole else column.load


def _counted(scope: Scope, field: str, path: str) -> str:
    if field == _ALL:
        return "count(*)"
    return f"count({scope.prefix}{column_of(scope.table, field, path).sql})"


def _aggregated(scope: Scope, column: Column, word: str, path: str) -> Column:
    """The column as the argument of an aggregate function."""
    made = copy(column)
    value, kind = scope.prefix + column.sql, column.codec.type
    if word == "_count":
        return _typed(made, f"count({value})", "int8")
    if column.is_list or not _has(column, word):
        raise InputError(f"{path}: a {column.type} field has no {word.removeprefix('_')}")
    if word in ("_min", "_max"):
        by_text = f"({_FUNCTIONS[word]}({value}::text)::{kind})"
        read = by_text if kind in _WITHOUT_EXTREMES else f"{_FUNCTIONS[word]}({value})"
        made.sql, made.is_optional = read, False
        made.dump = column.codec.dump
        return made
    value = f"{value}::{_ADDED_AS[kind]}" if kind in _ADDED_AS else value
    if kind == "float4" and word == "_sum":
        return _typed(made, f"sum({value})", kind)
    if kind in _FLOATS or (word == "_avg" and kind in _WHOLE):
        return _typed(made, f"{_FUNCTIONS[word]}({value})::float8", "float8")
    return _typed(made, f"{_FUNCTIONS[word]}({value})::numeric", "numeric")


def _has(column: Column, word: str) -> bool:
    if word in ("_avg", "_sum"):
        return column.codec.type in _WHOLE | _FLOATS | {"numeric", "money"}
    return "in" in column.codec.operators and column.codec.type != "bytea"


def _typed(made: Column, sql: str, type_: str) -> Column:
    made.codec = codecs.for_type(type_)
    made.sql, made.type, made.is_list, made.is_optional = sql, type_, False, False
    made.dump, made.load = made.codec.dump, made.codec.load
    return made


def _having(scope: Scope, names: Names, shape: Shape, binder: Binder, path: str) -> str:
    return " AND ".join(_kept(scope, names, entry, binder, path) for entry in shape) or "TRUE"


def _kept(scope: Scope, names: Names, entry: Entry, binder: Binder, path: str) -> str:
    key = key_of(entry)
    if key in LOGICAL:
        if not isinstance(entry, ConditionList):
            raise InputError(f"{path}.{key}: needs a list of conditions")
        parts = [f"({_having(scope, names, shape, binder, f'{path}.{key}')})" for shape in entry.shapes]
        if key == "OR":
            return f"({' OR '.join(parts)})" if parts else "FALSE"
        return " AND ".join(("NOT " if key == "NOT" else "") + part for part in parts) or "TRUE"
    column = column_of(scope.table, key, path)
    path = f"{path}.{key}"
    conditions = entry.shape if isinstance(entry, Nested) else None
    plain = [key_of(part) for part in conditions or () if key_of(part) not in _FUNCTIONS]
    if (conditions is None or plain) and key not in names:
        what = "is not in by, so only _count, _avg, _sum, _min and _max can be asked of it"
        raise InputError(f"{path}: {what}{meant(plain[0], _FUNCTIONS) if plain else ''}")
    if conditions is None:
        return condition(scope, (entry,), binder, path)
    return " AND ".join(_condition(scope, column, part, binder, path) for part in conditions) or "TRUE"


def _condition(scope: Scope, column: Column, part: Entry, binder: Binder, path: str) -> str:
    word = key_of(part)
    if word not in _FUNCTIONS:
        return operators(scope.prefix, column, (part,), binder, path)
    made = _aggregated(scope, column, word, path)
    if isinstance(part, str):
        return operators("", made, ("equals",), binder, f"{path}.{word}")
    if isinstance(part, Nested):
        return operators("", made, part.shape, binder, f"{path}.{word}")
    raise InputError(f"{path}.{word}: needs a value or a dict of operators")


def _ordered(scope: Scope, names: Names, ordered: tuple[GroupOrder, ...], *, is_page: bool) -> str:
    """The requested order, made total: otherwise pages could overlap."""
    keys: list[str] = []
    for entry in ordered:
        sql = _ordered_by(scope, names, entry.field, entry.function)
        keys.append(f"{sql} {entry.direction.upper()}")
    if is_page:
        keys += [comparable(scope.prefix, scope.table.columns[name]) for name in names]
    return f" ORDER BY {', '.join(keys)}" if keys else ""


def _ordered_by(scope: Scope, names: Names, field: str, function: str | None) -> str:
    if function is not None:
        if field == _ALL:
            return "count(*)"
        path = f"order.{function}"
        return _aggregated(scope, column_of(scope.table, field, path), function, path).sql
    if field not in names:
        if field not in scope.table.columns:
            raise unknown_word(field, [*names, *_FUNCTIONS], "order: of groups")
        what = "is not in by, so only _count, _avg, _sum, _min and _max of it can be an order"
        raise InputError(f"order.{field}: {what}")
    return comparable(scope.prefix, scope.table.columns[field])
