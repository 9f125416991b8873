"""The value of a ``Json`` as text.

Datetimes, decimals and base64, which JSON doesn't have, become strings, as in Prisma Client Python.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..coerce import as_dict, as_list
from .fields import Base64, Json


def json_text(value: Json) -> str:
    """The text. Raises ValueError, which says which value JSON can't hold and where it is."""
    try:
        return _ENCODER.encode(value.data)
    except TypeError:
        found = next(_unfit(value.data, ""), None)
        if found is None:
            raise
        raise ValueError(
            f"Json can't hold {found}; convert it to dicts, lists, strings, numbers, booleans and None"
        ) from None
    except RecursionError:
        raise ValueError("Json can't hold a value that is nested so deeply") from None


def given_json(value: Json | str) -> str:
    """The text of a value for a JSON column: of what a Json holds, or a ``str`` that is JSON text already.

    Raises ValueError, also for a ``str`` that is not: that may be a value which nobody has wrapped.
    """
    if isinstance(value, Json):
        return json_text(value)
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON text; if the text itself is the value, wrap it: Json(...)") from None
    return str.__str__(value)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000).isoformat()
    if isinstance(value, Decimal | Base64):
        return str(value)
    if isinstance(value, Json):
        return value.data
    raise TypeError


_KEYS = (str, int, float, types.NoneType)
_SCALARS = (*_KEYS, datetime, Decimal, Base64)
_ENCODER = json.JSONEncoder(allow_nan=False, default=_written)


def _unfit(value: Any, place: str) -> Iterator[str]:
    """The value that isn't JSON, and where it is: ``a set at ['tags'][0]``."""
    held = value.data if isinstance(value, Json) else value
    by_key, items = as_dict(held), as_list(held)
    if by_key is not None:
        for key, item in by_key.items():
            if not isinstance(key, _KEYS):
                yield f"the key {key!r:.60}{_at(place)}"
            yield from _unfit(item, f"{place}[{key!r:.60}]")
    elif items is not None:
        for index, item in enumerate(items):
            yield from _unfit(item, f"{place}[{index}]")
    elif not isinstance(held, _SCALARS):
        kind = f"the class {held.__name__}" if isinstance(held, type) else f"a {type(held).__name__}"
        yield f"{kind}{_at(place)}"


def _at(place: str) -> str:
    return f" at {place}" if place else ""
