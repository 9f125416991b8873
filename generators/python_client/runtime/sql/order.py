# ruff: noqa: S608 - identifiers are quoted from the generated data, values are parameters
"""``order``: one dict of field to direction, or a list of such dicts; and ``cursor``, a place in that order.

A direction is ``asc`` or ``desc``, or ``{"sort": "asc", "nulls": "last"}``. A relation to one row is ordered
by that row's fields (``{"author": {"name": "asc"}}``), one to many rows by their number
(``{"posts": {"_count": "desc"}}``); ``_relevance`` orders by how well full-text search matches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from ..codecs import dump_text
from ..coerce import as_dict, as_list
from ..columns import Column
from ..field_lookup import column_of, field_of
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..tables import Relation, Table
from .plans import Binder
from .query_shape import Shape, check_depth
from .scope import Scope, nested
from .where import unique_condition
from .where_relations import row
from .where_values import comparable, document

RELEVANCE = "_relevance"
_DIRECTIONS = ("asc", "desc")
_NULLS = ("first", "last")


class ByField(NamedTuple):
    """By a field; ``nulls`` is "first", "last" or, if not given, empty."""

    field: str
    direction: str
    nulls: str = ""


class ByRelation(NamedTuple):
    """By a relation."""

    field: str
    shape: OrderShape


class ByRelevance(NamedTuple):
    """By how well some fields match a search, which is a value."""

    fields: tuple[str, ...]
    direction: str
    field: str = RELEVANCE


class Refused(NamedTuple):
    """A value that is not an order, as text. Reported once the table is known: the field may be wrong too."""

    field: str
    given: str


OrderEntry: TypeAlias = ByField | ByRelation | ByRelevance | Refused
OrderShape: TypeAlias = "tuple[OrderEntry, ...]"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of ORDER BY. ``written`` gives its SQL for a row of the table that a prefix names."""

    written: Callable[[str], str]
    descending: bool
    nulls: str = ""

    @property
    def nulls_first(self) -> bool:
        """Where rows without a value are placed; by PostgreSQL's rule they are the greatest."""
        return self.nulls == "first" if self.nulls else self.descending

    def clause(self, prefix: str, *, reverse: bool) -> str:
        """The key in ORDER BY."""
        word = " DESC" if self.descending != reverse else " ASC"
        if self.nulls:
            word += " NULLS FIRST" if self.nulls_first != reverse else " NULLS LAST"
        return self.written(prefix) + word


def order_shape(order: Any, values: list[Any], path: str = "order", depth: int = 0) -> OrderShape:
    """The keys of an ``order`` in their order. Raises InputError for an invalid one."""
    if order is None:
        return ()
    check_depth(depth, path)
    items = as_list(order)
    entries: list[OrderEntry] = []
    for item in [order] if items is None else items:
        part = as_dict(item)
        if part is None:
            raise InputError(f"{path}: needs a dict of field to 'asc' or 'desc', or a list of them")
        entries += [_entry(field, given, values, f"{path}.{field}", depth) for field, given in part.items()]
    return tuple(entries)


def order_keys(table: Table[Any], shape: OrderShape, binder: Binder, path: str = "order") -> list[OrderKey]:
    """The keys of ORDER BY, in order."""
    return [_key(table, entry, binder, path) for entry in shape]


def tie_breakers(table: Table[Any], shape: OrderShape) -> list[OrderKey]:
    """The keys that make any order of the table total."""
    given = {entry.field for entry in shape}
    return [_column_key(column, "asc") for column in table.identity if column.name not in given]


def order_clause(keys: list[OrderKey], prefix: str, *, reverse: bool = False) -> str:
    """``ORDER BY`` and its keys, or nothing."""
    clauses = [key.clause(prefix, reverse=reverse) for key in keys]
    return f" ORDER BY {', '.join(clauses)}" if clauses else ""


def _entry(field: Any, given: Any, values: list[Any], path: str, depth: int) -> OrderEntry:
    if isinstance(given, str) and given in _DIRECTIONS:
        return ByField(field, given)
    inner = as_dict(given)
    if inner is None:
        return Refused(field, f"{given!r:.60}")
    if field == RELEVANCE:
        return _relevance(inner, values, path)
    if "sort" in inner and inner.keys() <= {"sort", "nulls"} and isinstance(inner["sort"], str):
        nulls = _word(inner.get("nulls", ""), ("", *_NULLS), path)
        return ByField(field, _word(inner["sort"], _DIRECTIONS, path), nulls)
    return ByRelation(field, order_shape(inner, values, path, depth + 1))


def _relevance(given: dict[str, Any], values: list[Any], path: str) -> ByRelevance:
    fields = given.get("fields")
    names = (fields,) if isinstance(fields, str) else tuple(as_list(fields) or ())
    if not names or not all(isinstance(name, str) for name in names) or "search" not in given:
        raise InputError(f"{path}: needs a dict of fields, search and sort")
    if given.keys() - {"fields", "search", "sort"}:
        raise InputError(f"{path}: needs nothing but fields, search and sort")
    values.append(given["search"])
    return ByRelevance(names, _word(given.get("sort", "asc"), _DIRECTIONS, f"{path}.sort"))


def _word(given: Any, known: tuple[str, ...], path: str) -> str:
    if isinstance(given, str) and given in known:
        return str(given)
    raise InputError(f"{path}: needs one of {', '.join(filter(None, known))}, but got {given!r:.60}")


def _key(table: Table[Any], entry: OrderEntry, binder: Binder, path: str) -> OrderKey:
    if isinstance(entry, ByRelevance):
        return _relevance_key(table, entry, binder, path)
    if entry.field == RELEVANCE:
        raise InputError(f"{path}.{RELEVANCE}: needs a dict of fields, search and sort")
    field = field_of(table, entry.field, path)
    path = f"{path}.{entry.field}"
    if isinstance(entry, Refused):
        raise _refusal(entry, path)
    if isinstance(field, Column):
        if not isinstance(entry, ByField):
            raise InputError(f"{path}: needs 'asc' or 'desc'")
        return _column_key(field, entry.direction, entry.nulls)
    if not isinstance(entry, ByRelation):
        example = "{'_count': 'asc'}" if field.is_list else "{field: 'asc'}"
        raise InputError(f"{path}: is a relation; order by {example}")
    return _relation_key(field, entry.shape, binder, path)


def _refusal(entry: Refused, path: str) -> InputError:
    return InputError(f"{path}: needs 'asc' or 'desc', but got {entry.given}")


def _relevance_key(table: Table[Any], entry: ByRelevance, binder: Binder, path: str) -> OrderKey:
    columns = tuple(_text_column(table, field, path) for field in entry.fields)
    searched = binder.bind(dump_text, "text", f"{path}.{RELEVANCE}.search")
    return OrderKey(
        lambda prefix: f"ts_rank({document(prefix, columns)}, to_tsquery({searched}))",
        entry.direction == "desc",
    )


def _column_key(column: Column, direction: str, nulls: str = "") -> OrderKey:
    return OrderKey(lambda prefix: comparable(prefix, column), direction == "desc", nulls)


def _text_column(table: Table[Any], field: str, path: str) -> Column:
    column = column_of(table, field, f"{path}.{RELEVANCE}.fields")
    if column.is_list or "contains" not in column.codec.operators:
        raise InputError(f"{path}.{RELEVANCE}: {field!r} is not a text field")
    return column


def _relation_key(relation: Relation, shape: OrderShape, binder: Binder, path: str) -> OrderKey:
    if len(shape) != 1:
        raise InputError(f"{path}: needs exactly one key")
    other = nested(relation.target, binder)
    if relation.is_list:
        return _count_key(relation, other, shape[0], binder, path)
    inner = _key(relation.target, shape[0], binder, path)
    value = inner.written(other.prefix)
    theirs = row(other.prefix, relation.theirs)
    limit = "" if relation.finds_one else " LIMIT 1"
    return OrderKey(
        lambda prefix: (
            f"(SELECT {value} FROM {other.source} WHERE {theirs} = {row(prefix, relation.own)}{limit})"
        ),
        inner.descending,
        inner.nulls,
    )


def _count_key(relation: Relation, other: Scope, entry: OrderEntry, binder: Binder, path: str) -> OrderKey:
    if isinstance(entry, Refused) and entry.field == "_count":
        raise _refusal(entry, f"{path}._count")
    if not isinstance(entry, ByField) or entry.field != "_count":
        raise unknown_word(entry.field, ["_count"], f"{path}: an order by many rows")
    join = relation.join
    if join is None:
        source, theirs = other.source, row(other.prefix, relation.theirs)
    else:
        between = binder.alias()
        source, theirs = f"{join.sql} AS {between}", f"{between}.{join.own}"
    return OrderKey(
        lambda prefix: f"(SELECT count(*) FROM {source} WHERE {theirs} = {row(prefix, relation.own)})",
        entry.direction == "desc",
    )


def from_cursor(scope: Scope, cursor: Scope, keys: list[OrderKey], found: str, *, reverse: bool) -> str:
    """The SQL for "not before the row that ``found`` addresses"; no such row, no rows."""
    here, there = scope.prefix, cursor.prefix
    reached = "TRUE"
    for key in reversed(keys):
        mine, other = key.written(here), key.written(there)
        later = _later(mine, other, key, reverse=reverse)
        reached = f"({later} OR ({mine} IS NOT DISTINCT FROM {other} AND {reached}))"
    return f"EXISTS (SELECT 1 FROM {cursor.source} WHERE {found} AND {reached})"


def cursor_row(cursor: Scope, shape: Shape, binder: Binder, path: str) -> str:
    """The SQL that addresses the cursor's row."""
    return unique_condition(cursor, shape, binder, path)


def _later(mine: str, other: str, key: OrderKey, *, reverse: bool) -> str:
    sign = "<" if key.descending != reverse else ">"
    if key.nulls_first != reverse:
        return f"{mine} {sign} {other} OR ({mine} IS NOT NULL AND {other} IS NULL)"
    return f"{mine} {sign} {other} OR ({mine} IS NULL AND {other} IS NOT NULL)"
