"""What a class of the user's holds in a ``Bytes`` field: Base64, as generated rows do, or plain bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from .fields import Base64

_ANYTHING = (Any, object)


def takes_base64(annotation: Any) -> bool:
    """Whether a field of this type is given a Base64. One that names neither it nor Any is given bytes."""
    if annotation in _ANYTHING or isinstance(annotation, TypeVar) or _is_base64(annotation):
        return True
    aliased = getattr(annotation, "__value__", None)  # of ``type Photo = Base64 | None``
    return any(takes_base64(part) for part in (*get_args(annotation), aliased) if part is not None)


def _is_base64(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Base64)


@lru_cache(maxsize=1000)
def holds_base64(row_class: type[BaseModel], key: str) -> bool:
    """Whether the field of a class that takes ``key`` from a dict is given a Base64."""
    row_class.model_rebuild()
    return any(
        takes_base64(field.annotation)
        for name, field in row_class.model_fields.items()
        if key in (name, field.alias, field.validation_alias)
    )
