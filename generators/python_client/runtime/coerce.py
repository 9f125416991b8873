"""Arguments come as anything at all; these say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast


def as_list(value: Any) -> Sequence[Any] | None:
    """The list or tuple that ``value`` is, or None."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else None


def as_dict(value: Any) -> dict[Any, Any] | None:
    """The dict that ``value`` is, or None."""
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]
