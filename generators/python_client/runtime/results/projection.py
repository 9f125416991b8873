"""Which fields, related rows and counts are read for each row, as models or as dicts."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

from ..coerce import as_dict
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..sql.queries import Names, Query, names_of, query_of
from ..sql.query_shape import Shape, check_depth, shape_of
from .validation import Form

COUNT = "_count"
_ARGUMENTS = frozenset(
    {"where", "cursor", "order", "order_by", "take", "skip", "distinct", "include", "omit"}
)


class Projection(NamedTuple):
    """The parts of each row that are read.

    ``fields`` are those of a dict, None for all; ``omitted`` are left out. ``form`` is what dicts become.
    """

    fields: tuple[DictField, ...] | None = None
    omitted: Names = ()
    include: tuple[Included, ...] = ()
    counts: CountShape | None = None
    as_dicts: bool = False
    form: Form | None = None


class DictField(NamedTuple):
    """A field that is read into a dict, by a ``key``. ``is_plain``: bytes as they are, no Base64."""

    key: str
    name: str
    is_plain: bool = False


class Included(NamedTuple):
    """A relation, which of its rows are read, and which of their parts. ``key`` is its key in a dict."""

    name: str
    query: Query
    projection: Projection
    key: str = ""


class Counted(NamedTuple):
    """A relation whose rows are counted, and the conditions of those that count."""

    relation: str
    where: Shape


#: Relations to count, or that every relation to many rows is.
CountShape: TypeAlias = tuple[Counted, ...] | Literal["every"]

ALL_FIELDS = Projection()
_ALL_ROWS = Query()


def projection_of(values: list[Any], include: Any, omit: Any, path: str = "", depth: int = 0) -> Projection:
    """The shape of ``include`` and ``omit``; their values are appended. Raises InputError."""
    if include is None and omit is None:
        return ALL_FIELDS
    omitted = () if omit is None else _omitted(omit, f"{path}omit")
    if include is None:
        return Projection(None, omitted)
    path += "include"
    given = as_dict(include)
    if given is None:
        raise InputError(f"{path}: needs a dict of relation to True or to arguments")
    check_depth(depth, path)
    included: list[Included] = []
    counts: CountShape | None = None
    for name, arguments in given.items():
        if arguments is False:
            continue
        if name == COUNT:
            # Counted after the relations are loaded, so its values have to come after theirs too.
            continue
        included.append(_included(name, arguments, values, f"{path}.{name}", depth))
    if given.get(COUNT, False) is not False:
        counts = _counts(given[COUNT], values, f"{path}.{COUNT}")
    return Projection(None, omitted, tuple(included), counts)


def _included(name: Any, arguments: Any, values: list[Any], path: str, depth: int) -> Included:
    if not isinstance(name, str):
        raise InputError(f"{path}: needs names as keys")
    if arguments is True:
        return Included(name, _ALL_ROWS, ALL_FIELDS)
    given = as_dict(arguments)
    if given is None:
        raise InputError(f"{path}: needs True, False or a dict of arguments")
    if not given.keys() <= _ARGUMENTS:
        unknown = sorted(map(str, given.keys() - _ARGUMENTS))
        raise unknown_word(unknown[0], sorted(_ARGUMENTS), f"{path}: an include")
    path += "."
    order = given.get("order", given.get("order_by"))
    query = query_of(
        values,
        given.get("where"),
        given.get("cursor"),
        order,
        given.get("take"),
        given.get("skip"),
        given.get("distinct"),
        path,
    )
    return Included(
        name, query, projection_of(values, given.get("include"), given.get("omit"), path, depth + 1)
    )


def _omitted(omit: Any, path: str) -> Names:
    given = as_dict(omit)
    if given is None:
        return names_of(omit, path)
    if not all(isinstance(is_left_out, bool) for is_left_out in given.values()):
        raise InputError(f"{path}: needs a dict of field to True, or a list of fields")
    return names_of([name for name, is_left_out in given.items() if is_left_out], path)


def _counts(given: Any, values: list[Any], path: str) -> CountShape:
    if given is True:
        return "every"
    relations = as_dict(given)
    if relations is None:
        raise InputError(f"{path}: needs True or a dict of relation to True or to {{'where': ...}}")
    counted: list[Counted] = []
    for name, arguments in relations.items():
        if arguments is False:
            continue
        condition = {} if arguments is True else as_dict(arguments)
        if condition is None or not condition.keys() <= {"where"} or not isinstance(name, str):
            raise InputError(f"{path}.{name}: needs True or a dict with nothing but where")
        where = shape_of(condition.get("where") or {}, values, f"{path}.{name}.where")
        counted.append(Counted(name, where))
    return tuple(counted)
