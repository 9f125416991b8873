"""One walk over the arguments separates a query's shape from its values.

The shape is hashable: the keys in their order, which of them are None, and nested shapes. It is the key of
the query's plan; the values, flat and in the same order, are its parameters. Nothing is checked here: an
unknown key results in an unknown shape, and is found when that shape is compiled.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

from ..coerce import as_dict, as_list
from ..public.errors import InputError

#: Combine conditions; each takes one or a list of them.
LOGICAL = frozenset({"AND", "OR", "NOT"})

#: How texts are compared. It changes the SQL, so it is part of the shape.
INSENSITIVE = "insensitive"
_MODES = frozenset({"default", INSENSITIVE})
MODE = "mode"


class Null(NamedTuple):
    """A key whose value is None.

    Tuples are equal if their items are, whatever their classes: the last field of each kind of entry tells it
    from the others, or an unknown shape could pass for a known one.
    """

    key: str
    kind: Literal["null"] = "null"


class Nested(NamedTuple):
    """A key whose value is a dict."""

    key: str
    shape: Shape
    kind: Literal["nested"] = "nested"


class ConditionList(NamedTuple):
    """AND, OR or NOT, and its conditions."""

    key: str
    shapes: tuple[Shape, ...]
    kind: Literal["list"] = "list"


class Mode(NamedTuple):
    """How texts are compared. It is also one of the values, for a field may be called ``mode``."""

    value: str
    kind: Literal["mode"] = "mode"

    @property
    def key(self) -> str:
        """The key of this entry in the dict."""
        return MODE


#: One key of a dict; a key with a plain value is a str.
Entry: TypeAlias = str | Null | Nested | ConditionList | Mode
Shape: TypeAlias = "tuple[Entry, ...]"

#: Deeper than any person writes, shallow enough that no input from outside can exhaust the stack.
_MAX_DEPTH = 64


def check_depth(depth: int, path: str) -> None:
    """Raise InputError where the arguments at ``path`` are nested too deep."""
    if depth > _MAX_DEPTH:
        raise InputError(f"{path}: is nested more than {_MAX_DEPTH} levels deep")


def shape_of(arguments: Any, values: list[Any], path: str = "where", depth: int = 0) -> Shape:
    """The shape of ``arguments``; their values are appended to ``values``. Raises InputError for no dict."""
    given = as_dict(arguments)
    if given is None:
        raise InputError(f"{path}: needs a dict, but got {type(arguments).__name__}")
    check_depth(depth, path)
    shape: list[Entry] = []
    for key, value in given.items():
        if not isinstance(key, str):
            raise InputError(f"{path}: needs names as keys, but got {key!r:.60}")
        if value is None:
            shape.append(Null(key))
        elif key in LOGICAL and isinstance(value, dict):
            shape.append(ConditionList(key, _shapes([value], values, f"{path}.{key}", depth + 1)))
        elif isinstance(value, dict):
            shape.append(Nested(key, shape_of(value, values, path, depth + 1)))
        elif key in LOGICAL:
            shape.append(ConditionList(key, _shapes(value, values, f"{path}.{key}", depth + 1)))
        else:
            is_mode = key == MODE and isinstance(value, str) and value in _MODES
            shape.append(Mode(str(value)) if is_mode else key)
            values.append(value)
    return tuple(shape)


def key_of(entry: Entry) -> str:
    """The key of an entry."""
    return entry if isinstance(entry, str) else entry.key


#: How Prisma's Node client calls operators that have other names in Python.
_IN_CAMEL_CASE = {
    "endsWith": "endswith", "hasEvery": "has_every", "hasSome": "has_some", "isEmpty": "is_empty",
    "isNot": "is_not", "notIn": "not_in", "startsWith": "startswith",
}  # fmt: skip


def operator_of(entry: Entry) -> Entry:
    """An entry that is an operator, by its name in Python."""
    name = _IN_CAMEL_CASE.get(key_of(entry))
    if name is None or isinstance(entry, Mode | ConditionList):
        return entry
    return name if isinstance(entry, str) else entry._replace(key=name)


def _shapes(items: Any, values: list[Any], path: str, depth: int) -> tuple[Shape, ...]:
    """The conditions of a list. Empty ones are skipped, as in Prisma's own clients: an omitted condition must
    not make an OR find every row."""
    conditions = as_list(items)
    if conditions is None:
        raise InputError(f"{path}: needs a list of conditions, but got {type(items).__name__}")
    return tuple(shape for item in conditions if (shape := shape_of(item, values, path, depth)))
