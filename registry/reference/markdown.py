"""Tables and blocks of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs` from the code: edit that. -->"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, with an empty one after it; nothing where there is no row."""
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return [f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}", *lines, ""] if lines else []


def code(text: str) -> str:
    return f"`{text}`"


def text_block(text: str) -> list[str]:
    """The lines of a block, with an empty one after it."""
    return ["```text", *text.splitlines(), "```", ""]
