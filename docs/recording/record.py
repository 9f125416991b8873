"""Runs `schema-service demo` and draws what it prints, with shorter pauses: `make recording`.

An SVG and not a film, so that it can be read, copied and shown in a README without a player. Who asks
for less motion sees the last screen.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

PICTURE = Path(__file__).with_name("demo.svg")
COLUMNS = 100
ROWS = 30
#: Pixels.
CELL, LINE, MARGIN = 8.0, 19, 16
#: Seconds: between two lines at most, and that the last screen stays.
STEP, PAUSE = 0.7, 8.0
_NUMBER = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line, and when, in seconds from the start."""

    text: str
    at: float


def recorded(command: Sequence[str]) -> list[Line]:
    """The lines that ``command`` prints. Raises CalledProcessError where it fails."""
    began = time.monotonic()
    lines = [Line("$ make demo", 0.0)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for text in process.stdout:
            at = time.monotonic() - began
            lines.extend(Line(part, at) for part in wrapped(text.rstrip("\n")))
    if process.returncode:
        raise subprocess.CalledProcessError(
            process.returncode, command, "\n".join(line.text for line in lines)
        )
    return lines


def hastened(lines: Sequence[Line]) -> list[Line]:
    """With pauses of a STEP at most: what waits for servers is dull to watch."""
    shown: list[Line] = []
    for line, before in zip(lines, [lines[0], *lines], strict=False):
        pause = min(line.at - before.at, STEP)
        shown.append(Line(line.text, (shown[-1].at if shown else 0.0) + pause))
    return shown


def wrapped(text: str) -> list[str]:
    """``text`` in lines that fit, broken between words."""
    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(
        text,
        COLUMNS,
        subsequent_indent=f"{indent}    ",
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [""]


def skeleton(text: str) -> str:
    """What is the same each time that the demo runs: its words, without numbers and line ends."""
    return _NUMBER.sub("0", " ".join(text.split()))


def drawn(lines: Sequence[Line]) -> str:
    """The picture: all lines, moved up behind a window whenever one is printed."""
    width, height = COLUMNS * CELL + 2 * MARGIN, ROWS * LINE + 2 * MARGIN
    whole = lines[-1].at + PAUSE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img">',
            "<title>make demo, recorded</title>",
            "<style>",
            "text { font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d6deeb;"
            " white-space: pre }",
            ".title { font-weight: bold; fill: #ffffff } .done { fill: #9ece6a }",
            f".lines {{ transform: translateY({_top(len(lines))}px);"
            f" animation: print {whole:.1f}s step-end infinite }}",
            f"@keyframes print {{ {_moves(lines, whole)} }}",
            "@media (prefers-reduced-motion: reduce) { .lines { animation: none } }",
            "</style>",
            f'<rect width="{width:g}" height="{height}" rx="8" fill="#1a1b26"/>',
            f'<svg x="{MARGIN}" y="{MARGIN}" width="{COLUMNS * CELL:g}" height="{ROWS * LINE}">',
            '<g class="lines">',
            *(_text(line.text, row) for row, line in enumerate(lines) if line.text),
            "</g></svg></svg>",
            "",
        ]
    )


def _top(printed: int) -> int:
    """Where the first of ``printed`` lines stands when the last is at the bottom."""
    return (ROWS - printed) * LINE


def _moves(lines: Sequence[Line], whole: float) -> str:
    moves: dict[str, int] = {}
    for printed, line in enumerate(lines, start=1):
        moves[f"{100 * line.at / whole:.2f}%"] = _top(printed)
    return " ".join(f"{at} {{ transform: translateY({top}px) }}" for at, top in moves.items())


def _text(text: str, row: int) -> str:
    y = row * LINE + 14
    if not text.startswith(" "):
        return f'<text class="title" y="{y}">{escape(text)}</text>'
    before, mark, after = text.partition("✓")
    if not mark:
        return f'<text y="{y}">{escape(text)}</text>'
    return f'<text y="{y}">{escape(before)}<tspan class="done">✓</tspan>{escape(after)}</text>'


if __name__ == "__main__":
    program = Path(sys.executable).with_name("schema-service")
    PICTURE.write_text(drawn(hastened(recorded([str(program), "demo"]))), encoding="utf-8")
