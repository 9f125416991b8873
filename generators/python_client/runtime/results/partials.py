"""``Model.create_partial()``: a class with some of a model's fields, required or optional as wanted.

Checkers can't see such a class; those that partial_types.py declares are part of the package (``partials``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, get_args

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from ..public.errors import InvalidModelError, UnknownRelationalFieldError
from .access import Access


def partial_of(
    row_class: type[Access],
    name: str,
    *,
    package: str,
    include: Iterable[str] | None,
    exclude: Iterable[str] | None,
    required: Iterable[str] | None,
    optional: Iterable[str] | None,
    relations: Mapping[str, type[BaseModel] | str] | None,
    exclude_relational_fields: bool,
) -> type[Access]:
    """The class. ``package`` is the generated one that ``row_class`` comes from, whose ``partials`` may be
    named. Raises InvalidModelError and UnknownRelationalFieldError."""
    if include is not None and exclude is not None:
        raise InvalidModelError(f"{name}: include and exclude can't both be given")
    if relations and exclude_relational_fields:
        raise InvalidModelError(f"{name}: relations and exclude_relational_fields can't both be given")
    row_class.model_rebuild()
    fields = row_class.model_fields
    related = {field for field, info in fields.items() if _is_relation(info.annotation)}
    for relation in relations or ():
        if relation not in related:
            raise UnknownRelationalFieldError(
                f"{name}: {relation!r} is not a relation of {row_class.__name__}"
            )
    kept = _known(row_class, name, fields if include is None else include)
    kept -= _known(row_class, name, exclude or ())
    kept -= related if exclude_relational_fields else set()
    must, may = _known(row_class, name, required or ()), _known(row_class, name, optional or ())
    if both := sorted(must & may):
        raise InvalidModelError(f"{name}: {both[0]!r} can't be both required and optional")
    if gone := sorted((must | may | set(relations or ())) - kept):
        raise InvalidModelError(f"{name}: {gone[0]!r} is left out")
    classes = {field: _class(package, name, given) for field, given in (relations or {}).items()}
    shown: dict[str, Any] = {
        field: _field(info, classes.get(field), is_required=field in must, is_optional=field in may)
        for field, info in fields.items()
        if field in kept
    }
    made: type[Access] = create_model(name, __base__=Access, __module__=row_class.__module__, **shown)
    made.__prisma_model__ = row_class.__prisma_model__
    return made


def _class(package: str, name: str, given: type[BaseModel] | str) -> type[BaseModel]:
    """A class as it is, or by its name in the package's ``partials``."""
    if not isinstance(given, str):
        return given
    partials = import_module(f"{package}.partials")
    found = getattr(partials, given, None) if given in partials.__all__ else None
    if found is None:
        raise InvalidModelError(f"{name}: there is no partial type {given!r} in {partials.__name__}")
    made: type[BaseModel] = found
    return made


def _known(row_class: type[BaseModel], name: str, given: Iterable[str]) -> set[str]:
    names = set(given)
    unknown = sorted(names - set(row_class.model_fields))
    if unknown:
        raise InvalidModelError(f"{name}: {row_class.__name__} has no field {unknown[0]!r}")
    return names


def _field(
    info: FieldInfo, related: type[BaseModel] | None, *, is_required: bool, is_optional: bool
) -> tuple[Any, FieldInfo]:
    annotation: Any = info.annotation
    if related is not None:
        is_list = any(getattr(part, "__origin__", None) is list for part in get_args(annotation))
        annotation = (list[related] if is_list else related) | None  # type: ignore[valid-type]
    if is_required:
        present = [part for part in get_args(annotation) if part is not type(None)]
        has_none = type(None) in get_args(annotation)
        return (present[0] if has_none and len(present) == 1 else annotation), FieldInfo(alias=info.alias)
    if is_optional or not info.is_required():
        return annotation | None, FieldInfo(default=None, alias=info.alias)
    return annotation, FieldInfo(alias=info.alias)


def _is_relation(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Access):
        return True
    return any(_is_relation(part) for part in get_args(annotation))
