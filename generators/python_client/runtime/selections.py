"""``select``: a class that says which fields to read, and is what the rows come as.

Any class that pydantic can validate will do: a model, a dataclass, a TypedDict. Its fields are those of the
table by name (or alias); a field that is a relation has such a class of its own, which is read with it.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from typing import (
    Any,
    Generic,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel, PydanticUserError, TypeAdapter

from .bytes_fields import takes_base64
from .errors import FieldNotFoundError, InputError, UnknownRelationalFieldError
from .mistakes import field_of
from .narrow import as_dict
from .readings import DictField, Included, Reading, reading_of
from .schema import Column, Table

_T = TypeVar("_T")

_MOST_LEVELS = 20
#: Optional relations lead round in circles; includes that go deeper than this are for generated models.
_MOST_OPTIONAL_LEVELS = 3


class Choice(NamedTuple):
    """What a class reads: columns, and ``(key, field, choice, is_required)`` of relations.

    A relation that may be left out is only read if the query includes it.
    """

    columns: tuple[DictField, ...]
    relations: tuple[tuple[str, str, Choice | None, bool], ...]


class Selection(Generic[_T]):
    """A class as a selection from a table."""

    def __init__(self, table: Table[Any], row_class: type[_T]) -> None:
        self._choice = _choice(table, row_class, 0)
        try:
            self._adapter: TypeAdapter[list[_T]] = TypeAdapter(list[row_class])  # type: ignore[valid-type]
        except PydanticUserError as error:
            raise InputError(f"select: {row_class.__name__}: {error.message}") from None

    def reading(self, values: list[Any], include: Any) -> Reading:
        """What is read; ``include`` may say which rows of the relations, and their values are appended."""
        return _reading(self._choice, values, include, "")

    def rows(self, dicts: list[dict[str, Any]]) -> list[_T]:
        """The rows as instances of the class."""
        return self._adapter.validate_python(dicts)


class Wanted(NamedTuple):
    """What a query is to return of each row."""

    include: Any = None
    omit: Any = None
    select: Any = None

    @property
    def is_all(self) -> bool:
        """Whether it is rows as they are, all of them and nothing else."""
        return self.include is None and self.omit is None and self.select is None

    def reading(self, table: Table[Any], values: list[Any]) -> tuple[Reading, Selection[Any] | None]:
        """What is read, and what makes it instances of the class that was asked for."""
        if self.select is None:
            return reading_of(values, self.include, self.omit), None
        chosen = selection_of(table, self.select)
        return chosen.reading(values, self.include), chosen


def selection_of(table: Table[Any], select: type[_T]) -> Selection[_T]:
    """The selection that a class makes. Raises FieldNotFoundError and InputError."""
    if not isinstance(select, type):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError("select: needs a class: a pydantic model, a dataclass or a TypedDict")
    selection: Selection[_T] = table.plans.get(("select", select), lambda: Selection(table, select))
    return selection


def _reading(choice: Choice, values: list[Any], include: Any, path: str) -> Reading:
    given = as_dict(include) if include is not None else {}
    if given is None:
        raise InputError(f"{path}include: needs a dict of relation to arguments")
    unknown = given.keys() - {name for _, name, _, _ in choice.relations}
    if unknown:
        name = sorted(map(str, unknown))[0]
        raise UnknownRelationalFieldError(
            f"{path}include: {name!r} is no relation that the class selects", meta={"field": name}
        )
    included: list[Included] = []
    for key, name, inner, is_required in choice.relations:
        if inner is None or not (is_required or given.get(name)):
            continue
        arguments = as_dict(given.get(name)) or {}
        below = arguments.get("include")
        plain = {word: value for word, value in arguments.items() if word != "include"}
        (found,) = reading_of(values, {name: plain or True}, None, path).include
        reading = _reading(inner, values, below, f"{path}include.{name}.")
        included.append(Included(name, found.query, reading, key))
    return Reading(choice.columns, (), tuple(included), None, as_dicts=True)


def _choice(table: Table[Any], row_class: Any, depth: int) -> Choice:
    if depth > _MOST_LEVELS:
        raise InputError(f"select: {row_class.__name__} is nested more than {_MOST_LEVELS} levels deep")
    columns: list[DictField] = []
    relations: list[tuple[str, str, Choice | None, bool]] = []
    by_attribute = {column.attribute: name for name, column in table.columns.items()}
    by_attribute |= {relation.attribute: name for name, relation in table.relations.items()}
    for key, annotation, is_required in _fields(row_class):
        name = key if key in table.columns or key in table.relations else by_attribute.get(key, key)
        try:
            field = field_of(table, name, f"select {row_class.__name__}")
        except FieldNotFoundError:
            if is_required:
                raise
            continue
        if isinstance(field, Column):
            is_plain = field.is_bytes and not takes_base64(annotation)
            columns.append(DictField(key, name, is_plain))
        elif is_required or depth < _MOST_OPTIONAL_LEVELS:
            relations.append(
                (key, name, _choice(field.target, _class_in(annotation, key), depth + 1), is_required)
            )
    return Choice(tuple(columns), tuple(relations))


def _fields(row_class: Any) -> list[tuple[str, Any, bool]]:
    """The name, type and need of each field."""
    if issubclass(row_class, BaseModel):
        row_class.model_rebuild()
        return [
            (str(field.alias or name), field.annotation, field.is_required())
            for name, field in row_class.model_fields.items()
        ]
    hints = get_type_hints(row_class)
    if is_dataclass(row_class):
        return [
            (field.name, hints[field.name], field.default is MISSING and field.default_factory is MISSING)
            for field in fields(row_class)
            if field.init
        ]
    # A TypedDict of typing_extensions is none for typing.is_typeddict.
    required: frozenset[str] | None = getattr(row_class, "__required_keys__", None)
    if required is not None:
        return [(name, annotation, name in required) for name, annotation in hints.items()]
    raise InputError(f"select: {row_class.__name__} is no pydantic model, dataclass or TypedDict")


def _class_in(annotation: Any, key: str) -> type[Any]:
    """The class that a relation's rows come as: ``X`` of ``list[X] | None``."""
    origin = get_origin(annotation)
    if origin is None and isinstance(annotation, type):
        return annotation
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
    else:
        inner = list(get_args(annotation))
    if len(inner) == 1:
        return _class_in(inner[0], key)
    raise InputError(f"select: {key!r} is a relation; its type has to name one class")
