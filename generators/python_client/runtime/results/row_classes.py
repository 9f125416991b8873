"""``selecting``: a class whose fields are read, and whose instances are returned.

Any class that pydantic can validate will do: a model, a dataclass, a TypedDict. Its fields are those of the
table by name (or alias); a field that is a relation has such a class of its own, which is read with it.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
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

from ..coerce import as_dict
from ..columns import Column
from ..field_lookup import field_of
from ..public.errors import FieldNotFoundError, InputError, UnknownRelationalFieldError
from ..public.fields import takes_base64
from ..tables import Table
from .projection import DictField, Included, Projection, projection_of
from .validation import Form, Kind, Node, Schemas

_T = TypeVar("_T")

_MOST_LEVELS = 20
#: Optional relations form cycles; includes that go deeper than this are for generated models.
_MOST_OPTIONAL_LEVELS = 3


class Choice(NamedTuple):
    """What a class reads: columns, and ``(key, field, choice, is_required)`` of relations.

    A relation that may be left out is only read if the query includes it.
    """

    table: Table[Any]
    columns: tuple[DictField, ...]
    relations: tuple[tuple[str, str, Choice | None, bool], ...]


class Selection(Generic[_T]):
    """A class as a selection from a table."""

    def __init__(self, table: Table[Any], row_class: type[_T]) -> None:
        self._choice = _choice(table, row_class, 0)
        try:
            self._adapter: TypeAdapter[list[_T]] = TypeAdapter(list[row_class])  # type: ignore[valid-type]
        except PydanticUserError as error:
            raise InputError(f"selecting: {row_class.__name__}: {error.message}") from None
        self._schemas = Schemas(self._adapter.core_schema)
        self._forms: dict[int, Form | None] = {}
        self._alone = self._projection([], None)

    def projection(self, values: list[Any], include: Any) -> Projection:
        """What is read; ``include`` may say which rows of the relations, and their values are appended.

        If it has a form, the row loader makes the instances; if not, it makes dicts for :meth:`rows`.
        """
        return self._alone if include is None else self._projection(values, include)

    def rows(self, dicts: list[dict[str, Any]]) -> list[_T]:
        """The rows as instances of the class."""
        return self._adapter.validate_python(dicts)

    def _projection(self, values: list[Any], include: Any) -> Projection:
        is_sound = self._is_sound(self._choice, self._schemas.rows, include)
        return _projection(self._choice, values, include, "", self._forms if is_sound else {})

    def _is_sound(self, choice: Choice, node: Node | None, include: Any) -> bool:
        """Whether a class, and those of all relations that are read, need no validation."""
        if id(choice) not in self._forms:
            self._forms[id(choice)] = _form(self._schemas, choice, node)
        form = self._forms[id(choice)]
        given = as_dict(include) or {}
        return form is not None and all(
            self._is_sound(inner, self._related(choice, form, key, name), _below(given.get(name)))
            for key, name, inner, is_required in choice.relations
            if inner is not None and (is_required or given.get(name))
        )

    def _related(self, choice: Choice, form: Form, key: str, name: str) -> Node | None:
        field = form.fields[form.attributes[key]]
        return self._schemas.related(field, is_list=choice.table.relations[name].is_list)


class ReadOptions(NamedTuple):
    """What a query returns for each row."""

    include: Any = None
    omit: Any = None
    select: Any = None

    @property
    def is_all(self) -> bool:
        """Whether it is whole rows, without anything else."""
        return self.include is None and self.omit is None and self.select is None

    def projection(self, table: Table[Any], values: list[Any]) -> tuple[Projection, Selection[Any] | None]:
        """What is read, and what makes it instances of the class, where the row loader doesn't."""
        if self.select is None:
            return projection_of(values, self.include, self.omit), None
        chosen = selection_of(table, self.select)
        projection = chosen.projection(values, self.include)
        return projection, (chosen if projection.form is None else None)


def selection_of(table: Table[Any], select: type[_T]) -> Selection[_T]:
    """The selection that a class makes. Raises FieldNotFoundError and InputError."""
    if not isinstance(select, type):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError("selecting: needs a class: a pydantic model, a dataclass or a TypedDict")
    selection: Selection[_T] = table.plans.get(("select", select), lambda: Selection(table, select))
    return selection


def _form(schemas: Schemas, choice: Choice, node: Node | None) -> Form | None:
    """The form of a class, if validation leaves the values of all its columns as they are."""
    form = schemas.form(node)
    if form is None or not _has_all(form, choice):
        return None
    is_kept = all(
        schemas.keeps(form.fields[form.attributes[key]], choice.table.columns[name], is_plain=is_plain)
        for key, name, is_plain in choice.columns
    )
    return form if is_kept else None


def _has_all(form: Form, choice: Choice) -> bool:
    """Whether each of the fields to read is known, and all others may be left out."""
    columns = {field.key for field in choice.columns}
    read = columns | {key for key, _, _, is_required in choice.relations if is_required}
    return (columns | {key for key, *_ in choice.relations}) <= form.attributes.keys() and (
        form.kind is Kind.TYPED_DICT
        or all(field.has_default or field.key in read for field in form.fields.values())
    )


def _below(arguments: Any) -> Any:
    given = as_dict(arguments)
    return None if given is None else given.get("include")


def _projection(
    choice: Choice, values: list[Any], include: Any, path: str, forms: Mapping[int, Form | None]
) -> Projection:
    form = forms.get(id(choice))
    attributes = {} if form is None else form.attributes
    given = as_dict(include) if include is not None else {}
    if given is None:
        raise InputError(f"{path}include: needs a dict of relation to arguments")
    unknown = given.keys() - {name for _, name, _, _ in choice.relations}
    if unknown:
        name = sorted(map(str, unknown))[0]
        raise UnknownRelationalFieldError(
            f"{path}include: {name!r} is not a relation that the class selects", meta={"field": name}
        )
    included: list[Included] = []
    for key, name, inner, is_required in choice.relations:
        if inner is None or not (is_required or given.get(name)):
            continue
        arguments = as_dict(given.get(name)) or {}
        below = arguments.get("include")
        plain = {word: value for word, value in arguments.items() if word != "include"}
        (found,) = projection_of(values, {name: plain or True}, None, path).include
        projection = _projection(inner, values, below, f"{path}include.{name}.", forms)
        included.append(Included(name, found.query, projection, attributes.get(key, key)))
    columns = tuple(field._replace(key=attributes.get(field.key, field.key)) for field in choice.columns)
    return Projection(columns, (), tuple(included), None, as_dicts=True, form=form)


def _choice(table: Table[Any], row_class: Any, depth: int) -> Choice:
    if depth > _MOST_LEVELS:
        raise InputError(f"selecting: {row_class.__name__} is nested more than {_MOST_LEVELS} levels deep")
    columns: list[DictField] = []
    relations: list[tuple[str, str, Choice | None, bool]] = []
    by_attribute = {column.attribute: name for name, column in table.columns.items()}
    by_attribute |= {relation.attribute: name for name, relation in table.relations.items()}
    for key, annotation, is_required in _fields(row_class):
        name = key if key in table.columns or key in table.relations else by_attribute.get(key, key)
        try:
            field = field_of(table, name, f"selecting {row_class.__name__}")
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
    return Choice(table, tuple(columns), tuple(relations))


def _fields(row_class: Any) -> list[tuple[str, Any, bool]]:
    """Each field's name, type, and whether it is required."""
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
    # typing.is_typeddict doesn't recognise a TypedDict of typing_extensions.
    required: frozenset[str] | None = getattr(row_class, "__required_keys__", None)
    if required is not None:
        return [(name, annotation, name in required) for name, annotation in hints.items()]
    raise InputError(f"selecting: {row_class.__name__} is not a pydantic model, dataclass or TypedDict")


def _class_in(annotation: Any, key: str) -> type[Any]:
    """The class of a relation's rows: ``X`` of ``list[X] | None``."""
    origin = get_origin(annotation)
    if origin is None and isinstance(annotation, type):
        return annotation
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
    else:
        inner = list(get_args(annotation))
    if len(inner) == 1:
        return _class_in(inner[0], key)
    raise InputError(f"selecting: {key!r} is a relation; its type has to name one class")
