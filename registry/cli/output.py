"""What commands print: lines for people, one JSON document for programs.

Most of what is printed was written by others: names, descriptions, file names, what a registry answered. So
nothing is read as markup, and control characters are shown instead of sent to the terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from schemas.errors import Problem

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]
#: A text, or a text and its style.
Part = str | tuple[str, str]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """The reader (head, less) has closed the pipe; the work itself continues to its end."""
        self.quiet = True
        silence()


# Rich drops colours by itself where this is not a terminal, or NO_COLOR is set.
console = _Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
error_console = _Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)


def say(*parts: Part, to: Console = console) -> None:
    """Print one line, made of ``parts``. Whatever is in them, it stays one line of plain text."""
    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(visible(text), style)
    to.print(line)


def say_lines(text: str, *, indent: str = "", to: Console = console) -> None:
    """Print a text of several lines, each after ``indent``, so that none looks like one of ours."""
    for line in text.split("\n"):
        say(f"{indent}{line}".rstrip(), to=to)


def emit_json(document: Any, *, indent: int | None = 2) -> None:
    """Print ``document``, and nothing else, on standard output."""
    try:
        sys.stdout.write(json.dumps(document, indent=indent, ensure_ascii=True) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def show_problem(problem: Problem) -> None:
    """One problem on standard error: where, its code, what, and the fix."""
    colour = "yellow" if problem.severity == "warning" else "red"
    place = f"{problem.place}: " if problem.place else ""
    first, *more = problem.message.strip().split("\n")
    say((place, "bold"), (f"{problem.severity}[{problem.code}]:", colour), f" {first}", to=error_console)
    for line in more:
        say(f"    {line}", to=error_console)
    say("  ", ("fix:", "dim"), f" {problem.fix}", to=error_console)


def show_failure(problems: Sequence[Problem], exit_code: int, *, as_json: bool) -> None:
    """Report why a command failed."""
    if as_json:
        found = [asdict(problem) for problem in problems]
        emit_json({"ok": False, "exit_code": int(exit_code), "problems": found})
        return
    for problem in problems:
        show_problem(problem)


def visible(text: str) -> str:
    """``text`` on one line of a terminal: control and bidirectional characters are escaped."""
    return "".join(c if c.isprintable() or c == "\t" else _ESCAPES.get(c) or _escaped(c) for c in text)


def prepare_streams() -> None:
    """Let output fail neither over a missing character nor over a closed stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        else:
            stream.reconfigure(errors="backslashreplace")


def silence() -> None:
    """Nobody reads standard output any more: drop what is written to it from now on, also at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_ESCAPES = {"\n": "\\n", "\r": "\\r"}


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
