"""Arguments come as anything at all; these say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast


def as_list(value: Any) -> Sequence[Any] | None:
    """The list or tuple that ``value`` is, or None."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else None


def as_dict(value: Any) -> dict[str, Any] | None:
    """The dict that ``value`` is, or None."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
