"""Patterns of LIKE."""

from __future__ import annotations

from typing import Any

from ..codecs import Convert, dump_text


def like(before: str, after: str) -> Convert:
    """From a text to a pattern that finds exactly that text, with ``before`` and ``after`` around it."""

    def dump(value: Any) -> str:
        text = dump_text(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{before}{text}{after}"

    return dump
