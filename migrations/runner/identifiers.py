"""Quotes names for SQL where no connection is at hand."""

from __future__ import annotations


def quoted(*parts: str | None) -> str:
    """A quoted name; a part that is None, such as the schema that the search path leads to, is left out."""
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts if part is not None)
