"""Arguments may be of any type; these functions narrow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast


def as_list(value: Any) -> Sequence[Any] | None:
    """``value`` if it is a list or tuple, or None."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else None


def as_dict(value: Any) -> dict[Any, Any] | None:
    """``value`` if it is a dict, or None."""
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]
