"""Rows from the database become models without being validated again: the columns' types vouch for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from .codecs import Convert

_Model = TypeVar("_Model")

Row: TypeAlias = Sequence[Any]
Hydrate: TypeAlias = Callable[[Iterable[Row]], list[_Model]]


class _Loaded(Protocol):
    """What is needed of a column here."""

    attribute: str
    is_list: bool
    load: Convert | None


# pydantic keeps an instance's state in these four slots; setting them is what model_construct() does, without
# the walk over the fields.
_SLOTS = vars(BaseModel)
_set_values = _SLOTS["__dict__"].__set__
_set_fields_set = _SLOTS["__pydantic_fields_set__"].__set__
_set_extra = _SLOTS["__pydantic_extra__"].__set__
_set_private = _SLOTS["__pydantic_private__"].__set__


def hydrator(row_class: type[_Model], columns: Sequence[_Loaded]) -> Hydrate[_Model]:
    """A function from rows, in the order of ``columns``, to instances of ``row_class``."""
    names = tuple(column.attribute for column in columns)
    fields_set = frozenset(names)
    loads = [
        (index, column.load, column.is_list)
        for index, column in enumerate(columns)
        if column.load is not None
    ]

    def hydrate(rows: Iterable[Row]) -> list[_Model]:
        models: list[_Model] = []
        for row in rows:
            values = list(row)
            for index, load, takes_none in loads:
                value = values[index]
                if value is not None or takes_none:
                    values[index] = load(value)
            model = object.__new__(row_class)
            _set_values(model, dict(zip(names, values, strict=True)))
            _set_fields_set(model, set(fields_set))
            _set_extra(model, None)
            _set_private(model, None)
            models.append(model)
        return models

    return hydrate
