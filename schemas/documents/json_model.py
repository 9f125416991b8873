"""A schema as JSON values: what :mod:`schemas.model` has of it, but for its text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from ..model import Schema

#: Raised when a name in the document gets another meaning.
FORMAT: Final = 1


def json_model(schema: Schema) -> dict[str, Any]:
    """``default`` of a field is ``{"value": …}``, or ``{"name": …, "arguments": […]}`` for a function."""
    values = asdict(schema)
    del values["text"]
    return {"format": FORMAT, "schema_digest": schema.digest, **values}
