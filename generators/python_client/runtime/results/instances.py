"""Rows as instances of a selected class, without validation if it would change nothing.

Pydantic's own core schema says what validation would do (:mod:`validation`). The few values that it could
refuse in such rows (a NULL, a decimal NaN) are looked for, and refused by the field's own validator.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any

from pydantic import BaseModel

from ..codecs import INLINE_NAMES, Convert
from ..columns import Column
from .access import Access, SharedFieldsSet
from .hydration import Hydrate, RawRow, by_number, compiled, loaded
from .projection import DictField
from .validation import Form, Kind

_Dicts = Sequence[dict[str, Any]]

_NOWHERE: deque[Any] = deque(maxlen=0)
_run = _NOWHERE.extend
_new = object.__new__
_SLOTS = vars(BaseModel)
_set_values = _SLOTS["__dict__"].__set__
_set_fields_set = _SLOTS["__pydantic_fields_set__"].__set__
_set_extra = _SLOTS["__pydantic_extra__"].__set__
_set_private = _SLOTS["__pydantic_private__"].__set__


@dataclass(frozen=True, slots=True)
class _Value:
    """A column as a hydrator needs it. ``is_list``: ``load`` is called with NULL, too."""

    attribute: str
    is_list: bool
    load: Convert | None


class Instances:
    """How rows of ``columns`` become instances; ``related`` are attributes that are set in between.

    ``dicts(rows)`` gives the values of an instance for each row, and ``made(dicts)`` the instances. ``extra``
    is how many values at the end of each row are passed over.
    """

    def __init__(
        self,
        form: Form,
        columns: Sequence[tuple[DictField, Column]],
        related: Sequence[str],
        *,
        extra: int,
    ) -> None:
        values = [_value(form, field, column) for field, column in columns]
        dicts = _dicts(form, values, related, extra)
        self.dicts: Hydrate[dict[str, Any]] = dicts
        self._related = [(name, form.refused(name)) for name in related if not form.fields[name].has_none]
        self._make = _maker(form, [*(field.key for field, _ in columns), *related])

    def made(self, dicts: _Dicts) -> list[Any]:
        """The instances. Raises pydantic's ValidationError for a related row that has to be there."""
        for name, refused in self._related:
            for values in dicts:
                if values[name] is None:
                    values[name] = refused(None)
        return self._make(dicts)

    def rows(self, rows: Sequence[RawRow]) -> list[Any]:
        """Both in one, if there are no related rows."""
        return self._make(self.dicts(rows))


def _value(form: Form, field: DictField, column: Column) -> _Value:
    name = field.key
    load = column.load_with(None) if field.is_plain else column.load
    refused = form.refused(name)
    if column.is_list:
        return _Value(name, True, _checked_list(load, refused))
    if column.codec.holds is Decimal and load is not None:
        load = _checked_decimal(load, refused)
    if column.is_optional and not form.fields[name].has_none:
        return _Value(name, True, _present(load, refused))
    return _Value(name, False, load)


def _checked_list(load: Convert | None, refused: Convert) -> Convert:
    def checked(value: Any) -> Any:
        items = value if load is None else load(value)
        return items if all(map(_is_sound, items)) else refused(items)

    return checked


def _is_sound(item: Any) -> bool:
    return item.is_finite() if item.__class__ is Decimal else item is not None


def _checked_decimal(load: Convert, refused: Convert) -> Convert:
    def checked(text: Any) -> Any:
        value: Decimal = load(text)
        return value if value.is_finite() else refused(value)

    return checked


def _present(load: Convert | None, refused: Convert) -> Convert:
    def present(value: Any) -> Any:
        if value is None:
            return refused(None)
        return value if load is None else load(value)

    return present


def _dicts(
    form: Form, values: Sequence[_Value], related: Iterable[str], extra: int
) -> Hydrate[dict[str, Any]]:
    """A function that makes the dicts, in the order of the class's fields, which is the one they show."""
    shown = {value.attribute: loaded(index, value) for index, value in enumerate(values)}
    shown |= dict.fromkeys(related, "None")
    names: dict[str, Any] = dict(INLINE_NAMES)
    names |= {f"load{index}": value.load for index, value in enumerate(values)}
    for index, (name, field) in enumerate(form.fields.items()):
        if name not in shown and form.kind is not Kind.TYPED_DICT:
            shown[name] = f"default{index}"
            names[f"default{index}"] = field.default
    made = ", ".join(f"{name!r}: {shown[name]}" for name in form.fields if name in shown)
    row = "".join(f"v{index}, " for index in range(len(values) + extra))
    # What is run are names of a class's own attributes, as literals, around this text.
    exec(compiled(f"def dicts(rows):\n    return [{{{made}}} for {row} in rows]\n"), names)  # noqa: S102
    hydrate: Hydrate[dict[str, Any]] = names["dicts"]
    return hydrate


def _maker(form: Form, fields_set: Iterable[str]) -> Callable[[_Dicts], list[Any]]:
    if form.kind is Kind.TYPED_DICT:
        return list
    if form.kind is Kind.MODEL:
        return _models(form.row_class, set(fields_set))
    return _slotted(form.row_class) if form.kind is Kind.SLOTTED else _dataclasses(form.row_class)


def _models(row_class: type[Any], fields_set: set[str]) -> Callable[[_Dicts], list[Any]]:
    shared, is_shared = SharedFieldsSet(fields_set), _keeps_shared(row_class)

    def few(dicts: _Dicts) -> list[Any]:
        made: list[Any] = []
        for values in dicts:
            model = _new(row_class)
            _set_values(model, values)
            _set_fields_set(model, shared if is_shared else fields_set.copy())
            _set_extra(model, None)
            _set_private(model, None)
            made.append(model)
        return made

    # A slot at a time, each in a loop without bytecode, is faster for many and twice as slow for one.
    def many(dicts: _Dicts) -> list[Any]:
        made = list(map(_new, repeat(row_class, len(dicts))))
        _run(map(_set_values, made, dicts))
        _run(map(_set_fields_set, made, repeat(shared) if is_shared else iter(fields_set.copy, None)))
        _run(map(_set_extra, made, repeat(None)))
        _run(map(_set_private, made, repeat(None)))
        return made

    return by_number(few, many)


def _keeps_shared(row_class: type[Any]) -> bool:
    """Whether an instance gets a set of its own before that can change."""
    return (
        issubclass(row_class, Access)
        and row_class.__setattr__ is Access.__setattr__
        and row_class.model_fields_set is Access.model_fields_set
    )


def _dataclasses(row_class: type[Any]) -> Callable[[_Dicts], list[Any]]:
    set_values = next(
        vars(base)["__dict__"] for base in row_class.__mro__ if "__dict__" in vars(base)
    ).__set__

    def instances(dicts: _Dicts) -> list[Any]:
        made = list(map(_new, repeat(row_class, len(dicts))))
        _run(map(set_values, made, dicts))
        return made

    return instances


def _slotted(row_class: type[Any]) -> Callable[[_Dicts], list[Any]]:
    def instances(dicts: _Dicts) -> list[Any]:
        made = list(map(_new, repeat(row_class, len(dicts))))
        if dicts:
            for name in dicts[0]:
                _run(map(object.__setattr__, made, repeat(name), [values[name] for values in dicts]))
        return made

    return instances
