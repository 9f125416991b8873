"""Reads rows in the requested form: models or dicts, with their related rows.

Each included relation costs one more statement, whatever the number of rows. The arguments of all levels are
walked together, so the values of each level are one slice of the query's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NoReturn, Protocol, TypeVar

from pydantic import BaseModel

from ..columns import Column
from ..field_lookup import column_of, relation_of
from ..public.errors import InputError, UnreadableValueError
from ..sql.children import Children, children, counts
from ..sql.plans import Plan, Steps
from ..sql.queries import Query
from ..sql.query_shape import Shape
from ..tables import Relation, Table
from .hydration import Hydrate, RawRow, hydrator
from .instances import Instances
from .projection import COUNT, CountShape, DictField, Included, Projection
from .unreadable import named
from .validation import Form

_Rows = Sequence[RawRow]
_set_extra: Callable[[Any, Any], None] = vars(BaseModel)["__pydantic_extra__"].__set__


class _Loader(Protocol):
    """Adds to rows that were read; ``value_count`` is how many values it and all below it take."""

    value_count: int

    def load(self, rows: _Rows, holders: list[Any], values: Sequence[Any]) -> Steps[None]: ...


_T = TypeVar("_T")


class RowLoader:
    """How the rows of one SELECT become models or dicts.

    ``selected`` is the list of columns (of table ``t0``), some of which only link rows to others.
    """

    def __init__(
        self,
        table: Table[Any],
        projection: Projection,
        path: str = "",
        *,
        keys: Sequence[Column] = (),
        extra: int = 0,
    ) -> None:
        shown = _shown(table, projection, path)
        relations = [
            relation_of(table, included.name, f"{path}include", [COUNT]) for included in projection.include
        ]
        counted = _counted(table, projection.counts, f"{path}include.{COUNT}")
        linking = [column for relation in (*relations, *(r for r, _ in counted)) for column in relation.own]
        hidden = dict.fromkeys(column for column in (*linking, *keys) if column not in shown)
        columns = [*shown, *hidden]
        self._table, self._columns = table, columns
        self.position = {column.name: index for index, column in enumerate(columns)}
        self.selected = ", ".join(column.selected("t0.") for column in columns) or "NULL"
        self.as_dicts = projection.as_dicts
        extra += len(hidden) + (not columns)
        names = [relation.name for relation in relations]
        self.hydrate: Hydrate[Any]
        self._finish: Callable[[list[Any]], list[Any]] | None = None
        if projection.form is not None:
            self._make_instances(projection.form, projection, shown, extra)
        elif projection.as_dicts:
            self.hydrate = dict_rows(shown, projection.fields or ())
        else:
            self.hydrate = _model_rows(table, shown, names, extra)
        self.loaders: list[_Loader] = [
            _Related(self, relation, included, f"{path}include.{included.name}")
            for relation, included in zip(relations, projection.include, strict=True)
        ]
        if counted:
            self.loaders.append(_Counts(self, counted, f"{path}include.{COUNT}"))
        self.value_count = sum(loader.value_count for loader in self.loaders)

    def read(self, rows: _Rows, values: Sequence[Any] = ()) -> Steps[list[Any]]:
        """The rows in the requested form; ``values`` are those of everything below."""
        try:
            holders = self.hydrate(rows)
        except Exception as error:
            self.refuse(error, rows)
        if holders:
            yield from self.load(rows, holders, values)
        return holders if self._finish is None else self._finish(holders)

    def refuse(self, error: Exception, rows: _Rows = (), note: str = "") -> NoReturn:
        """Raise the error of reading these rows, with the field and the row's key if it is of one value."""
        refused = named(error, rows, self._table, self._columns)
        if refused is error:
            raise error
        if note:
            refused.add_note(note)
        raise refused from error.__cause__ or error

    def load(self, rows: _Rows, holders: list[Any], values: Sequence[Any]) -> Steps[None]:
        """Add included relations to rows that were read."""
        begin = 0
        for loader in self.loaders:
            end = begin + loader.value_count
            yield from loader.load(rows, holders, values[begin:end])
            begin = end

    def keys_of(self, columns: Sequence[Column]) -> Callable[[_Rows], list[Any]]:
        """A function from rows to the key that each holds in these columns: None where one is missing."""
        return _keys([self.position[column.name] for column in columns], columns)

    def _make_instances(self, form: Form, projection: Projection, shown: list[Column], extra: int) -> None:
        """Make instances of a class; if it has relations, of dicts that contain them already."""
        columns = list(zip(projection.fields or (), shown, strict=True))
        instances = Instances(form, columns, [included.key for included in projection.include], extra=extra)
        if projection.include:
            self.hydrate, self._finish = instances.dicts, instances.made
        else:
            self.hydrate = instances.rows


def whole_rows(table: Table[_T]) -> Hydrate[_T]:
    """A function from rows of all columns, in the table's order, to models without relations."""
    made: Hydrate[_T] = table.plans.get(
        "whole_rows", lambda: _model_rows(table, list(table.columns.values()), (), 0)
    )
    return made


def _model_rows(
    table: Table[_T], columns: Sequence[Column], included: Sequence[str], extra: int
) -> Hydrate[_T]:
    """``included`` names the relations that are set afterwards, ``extra`` values at the end are left out."""
    relations = {relation.attribute: name in included for name, relation in table.relations.items()}
    return hydrator(table.row_class, columns, relations=relations, extra=extra)


class _Related:
    """Loads the rows of one relation."""

    def __init__(self, parent: RowLoader, relation: Relation, included: Included, path: str) -> None:
        query, projection = included.query, included.projection
        if not relation.is_list and query != Query():
            raise InputError(f"{path}: is one row; it takes nothing but include and omit")
        has_keys = relation.join is not None or query.is_sliced
        width = len(relation.theirs)
        self._row_loader = RowLoader(
            relation.target,
            projection,
            f"{path}.",
            keys=() if has_keys else relation.theirs,
            extra=width if has_keys else 0,
        )
        self._children: Children = children(relation, query, self._row_loader.selected, path)
        self._own_values = len(self._children.of_one.values) - width
        self.value_count = self._own_values + self._row_loader.value_count
        self._parent_keys = parent.keys_of(relation.own)
        self._child_keys = (
            _keys(range(-width, 0), relation.own) if has_keys else self._row_loader.keys_of(relation.theirs)
        )
        self._name = included.key if parent.as_dicts else relation.attribute
        self._is_list = relation.is_list
        self._holds_dicts = parent.as_dicts
        self._width = width

    def load(self, rows: _Rows, holders: list[Any], values: Sequence[Any]) -> Steps[None]:
        """Set the relation on each of ``holders``."""
        keys = self._parent_keys(rows)
        distinct = dict.fromkeys(key for key in keys if key is not None)
        below: _Rows = []
        if distinct:
            statement = _statement(self._children, list(distinct), values[: self._own_values], self._width)
            try:
                result = yield statement
            except UnreadableValueError as error:
                self._row_loader.refuse(error)
            below = result.rows[::-1] if self._children.is_reversed else result.rows
        loaded = yield from self._row_loader.read(below, values[self._own_values :])
        attached = holders if self._holds_dicts else [holder.__dict__ for holder in holders]
        if self._is_list:
            self._attach_lists(attached, keys, self._child_keys(below), loaded)
        else:
            found = dict(zip(self._child_keys(below), loaded, strict=True))
            for holder, key in zip(attached, keys, strict=True):
                holder[self._name] = found.get(key)

    def _attach_lists(
        self, holders: list[Any], keys: list[Any], child_keys: list[Any], loaded: list[Any]
    ) -> None:
        name = self._name
        lists: dict[Any, list[Any]] = {}
        repeated: list[tuple[Any, Any]] = []
        for holder, key in zip(holders, keys, strict=True):
            if key is None:
                holder[name] = []
            elif key in lists:
                repeated.append((holder, key))
            else:
                holder[name] = lists[key] = []
        for key, child in zip(child_keys, loaded, strict=True):
            lists[key].append(child)
        for holder, key in repeated:
            holder[name] = list(lists[key])


class _Counts:
    """Counts the rows of relations."""

    def __init__(self, parent: RowLoader, counted: Sequence[tuple[Relation, Shape]], path: str) -> None:
        self._relations: list[tuple[Relation, Plan, Callable[[_Rows], list[Any]], int]] = []
        self.value_count = 0
        for relation, shape in counted:
            plan = counts(relation, shape, f"{path}.{relation.name}.where")
            width = len(relation.own)
            self._relations.append((relation, plan, parent.keys_of(relation.own), width))
            self.value_count += len(plan.values) - width
        self._holds_dicts = parent.as_dicts

    def load(self, rows: _Rows, holders: list[Any], values: Sequence[Any]) -> Steps[None]:
        """Set the counts on each of ``holders``."""
        numbers: list[dict[str, int]] = [{} for _ in holders]
        begin = 0
        for relation, plan, keys_of, width in self._relations:
            end = begin + len(plan.values) - width
            keys = keys_of(rows)
            distinct = dict.fromkeys(key for key in keys if key is not None)
            result = yield plan.statement([*_columns(list(distinct), width), *values[begin:end]])
            found = dict(
                zip(
                    _keys(range(width), relation.own)(result.rows),
                    (row[-1] for row in result.rows),
                    strict=True,
                )
            )
            for number, key in zip(numbers, keys, strict=True):
                number[relation.name] = found.get(key, 0)
            begin = end
        for holder, number in zip(holders, numbers, strict=True):
            if self._holds_dicts:
                holder[COUNT] = number
            else:
                _set_extra(holder, {COUNT: number})


def dict_rows(columns: Sequence[Column], fields: Sequence[DictField]) -> Hydrate[dict[str, Any]]:
    """A function from rows to dicts of these fields; values at the end of a row are passed over."""
    names = [field.key for field in fields]
    all_loads = [
        (field.key, column.load_with(None) if field.is_plain else column.load, column.is_list)
        for field, column in zip(fields, columns, strict=True)
    ]
    loads = [(name, load, takes_none) for name, load, takes_none in all_loads if load is not None]

    def hydrate(rows: Sequence[RawRow]) -> list[dict[str, Any]]:
        dicts: list[dict[str, Any]] = []
        for row in rows:
            values = dict(zip(names, row, strict=False))
            for name, load, takes_none in loads:
                value = values[name]
                if value is not None or takes_none:
                    values[name] = load(value)
            dicts.append(values)
        return dicts

    return hydrate


def _shown(table: Table[Any], projection: Projection, path: str) -> list[Column]:
    for name in projection.omitted:
        column_of(table, name, f"{path}omit")
    if projection.fields is None:
        return [column for name, column in table.columns.items() if name not in projection.omitted]
    return [table.columns[field.name] for field in projection.fields]


def _counted(table: Table[Any], shape: CountShape | None, path: str) -> list[tuple[Relation, Shape]]:
    if shape is None:
        return []
    if shape == "every":
        return [(relation, ()) for relation in table.relations.values() if relation.is_list]
    counted: list[tuple[Relation, Shape]] = []
    for name, where in shape:
        relation = relation_of(table, name, path)
        if not relation.is_list:
            raise InputError(f"{path}.{name}: is one row; only relations to many are counted")
        counted.append((relation, where))
    return counted


def _statement(found: Children, keys: list[Any], values: Sequence[Any], width: int) -> Any:
    if len(keys) == 1:
        key = keys[0]
        return found.of_one.statement([*([key] if width == 1 else key), *values])
    return found.of_many.statement([*_columns(keys, width), *values])


def _columns(keys: list[Any], width: int) -> list[list[Any]]:
    """Keys of several columns as one list for each column."""
    return [keys] if width == 1 else [[key[index] for key in keys] for index in range(width)]


def _keys(positions: Iterable[int], columns: Sequence[Column]) -> Callable[[_Rows], list[Any]]:
    places = list(positions)
    converts = [_COMPARABLE.get(column.codec.type) for column in columns]
    if len(places) > 1:
        if any(converts):
            pairs = list(zip(places, converts, strict=True))
            return lambda rows: [_compound([_as_key(row[at], made) for at, made in pairs]) for row in rows]
        return lambda rows: [_compound([row[place] for place in places]) for row in rows]
    place, convert = places[0], converts[0]
    if convert is not None:
        return lambda rows: [_as_key(row[place], convert) for row in rows]
    return lambda rows: [row[place] for row in rows]


def _as_key(value: Any, convert: Callable[[str], Any] | None) -> Any:
    return value if value is None or convert is None else convert(value)


#: Types of which two texts can be one value: the same number with more or fewer zeros.
_COMPARABLE: dict[str, Callable[[str], Any]] = {"numeric": Decimal, "citext": str.lower}


def _compound(key: list[Any]) -> tuple[Any, ...] | None:
    return None if None in key else tuple(key)
