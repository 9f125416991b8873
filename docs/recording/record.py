"""Runs `schema-service demo` and draws what it prints, at the speed it was printed: `make recording`.

An SVG and not a film, so that it can be read, copied and shown in a README without a player. Who asks
for less motion sees the last screen.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

PICTURE = Path(__file__).with_name("demo.svg")
COLUMNS = 104
ROWS = 30
#: Pixels.
CELL, LINE, MARGIN = 8.0, 19, 16
#: Seconds that the last screen stays.
PAUSE = 6.0


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


def wrapped(text: str) -> list[str]:
    """``text`` as a terminal breaks it."""
    return [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)] or [""]


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
    PICTURE.write_text(drawn(recorded([str(program), "demo"])), encoding="utf-8")
