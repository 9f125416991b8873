"""What commands print: lines for people, one JSON document for programs.

Most of what is printed was written by others: names, descriptions, file names, what a registry answered. So
nothing is read as markup, and control characters are shown instead of sent to the terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Problem

from ..errors import UsageError
from .streams import silence

if TYPE_CHECKING:
    from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]
MarkdownFlag = Annotated[
    bool, typer.Option("--markdown", help="Print Markdown, for a pull request or the summary of a CI job.")
]
#: A text, or a text and its style.
Part = str | tuple[str, str]


def say(*parts: Part, on_stderr: bool = False, to: Console | None = None) -> None:
    """Print one line, made of ``parts``. Whatever is in them, it stays one line of plain text."""
    from rich.text import Text  # noqa: PLC0415 - neither --help nor --json needs rich, which is slow to import

    from .consoles import console, error_console  # noqa: PLC0415

    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(visible(text), style)
    (to or (error_console if on_stderr else console)).print(line)


def say_lines(text: str, *, indent: str = "") -> None:
    """Print a text of several lines, each after ``indent``, so that none looks like one of ours."""
    for line in text.split("\n"):
        say(f"{indent}{line}".rstrip())


def emit_json(document: Any, *, indent: int | None = 2) -> None:
    """Print ``document``, and nothing else, on standard output."""
    try:
        sys.stdout.write(json.dumps(document, indent=indent, ensure_ascii=True) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def emit_text(text: str) -> None:
    """Print ``text`` as it is for a file or a pipe, with what a terminal would obey made visible."""
    try:
        sys.stdout.write("\n".join(map(visible, text.rstrip("\n").split("\n"))) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def one_format(*, as_json: bool, markdown: bool) -> None:
    """Raises UsageError where both are asked for."""
    if as_json and markdown:
        problem = Problem(
            code="conflicting-options",
            message="--json and --markdown are two forms of one output",
            fix="use one of the two",
        )
        raise UsageError(problem)


def show_problem(problem: Problem) -> None:
    """One problem on standard error: where, its code, what, and the fix."""
    colour = "yellow" if problem.severity == "warning" else "red"
    place = f"{problem.place}: " if problem.place else ""
    first, *more = problem.message.strip().split("\n")
    say((place, "bold"), (f"{problem.severity}[{problem.code}]:", colour), f" {first}", on_stderr=True)
    for line in more:
        say(f"    {line}", on_stderr=True)
    say("  ", ("fix:", "dim"), f" {problem.fix}", on_stderr=True)


def log_warning(problem: Problem) -> None:
    """One problem in the log of a service."""
    place = {"file": problem.place} if problem.place else {}
    said = {"code": problem.code, "fix": problem.fix, **place}
    logging.getLogger(__name__).warning(problem.message, extra={"fields": said})


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


_ESCAPES = {"\n": "\\n", "\r": "\\r"}


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
