"""What a page of the documentation shows: its blocks of code, and the commands in them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_EXIT_CODE = re.compile(r"  # exit code (\d+)")


def blocks(page: str, language: str) -> list[str]:
    """The blocks of ``language`` on the page called ``page``, in order."""
    found = _BLOCK.findall((DOCS / page).read_text("utf-8"))
    return [text for each, text in found if each == language]


def commands(page: str) -> list[str]:
    """The lines of its shell blocks, without comments; of blocks without a language, ours."""
    shown = [*"".join(blocks(page, "sh")).splitlines()]
    shown += [line for line in "".join(blocks(page, "")).splitlines() if line.startswith("schema-service ")]
    lines = (line.split("  #")[0].strip() for line in shown)
    return [line for line in lines if line and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a shell block: its words, and the exit code that its comment tells (0 if it tells none)."""

    words: tuple[str, ...]
    exit_code: int


def sections(page: str) -> dict[str, list[tuple[str, str]]]:
    """For each heading of the second level the blocks below it, in order: language and text."""
    _, *parts = _SECTION.split((DOCS / page).read_text("utf-8"))
    return {
        title: [(language, text) for language, text in _BLOCK.findall(body)]
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def commands_of(block: str) -> list[Command]:
    """The commands of a shell block."""
    found = []
    for line in block.splitlines():
        told = _EXIT_CODE.search(line)
        words = shlex.split(line, comments=True)
        if words:
            found.append(Command(tuple(words), int(told[1]) if told else 0))
    return found
