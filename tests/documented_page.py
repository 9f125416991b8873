"""What a page of the documentation shows: its blocks of code, and the commands in them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """The blocks of ``language`` on the page called ``page``, in order."""
    found = _BLOCK.findall((DOCS / page).read_text("utf-8"))
    return [text for each, text in found if each == language]


def commands(page: str) -> list[str]:
    """The lines of its shell blocks, without comments."""
    lines = (line.split("  #")[0].strip() for block in blocks(page, "sh") for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
