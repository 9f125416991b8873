"""What commands print: lines for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from schemas.errors import ExitCode, Problem, ServiceError

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]

#: Lines for people. Rich drops colours by itself where this is no terminal, or NO_COLOR is set.
console = Console(highlight=False, soft_wrap=True)
error_console = Console(stderr=True, highlight=False, soft_wrap=True)


def emit_json(document: Any) -> None:
    """Print ``document``, and nothing else, on standard output."""
    json.dump(document, sys.stdout, indent=2, ensure_ascii=True)
    sys.stdout.write("\n")


def show_problem(problem: Problem) -> None:
    """One problem on standard error: where, what, and the fix. Untrusted text stays text."""
    colour = "yellow" if problem.severity == "warning" else "red"
    place = f"{_visible(problem.place)}: " if problem.place else ""
    error_console.print(
        f"[bold]{escape(place)}[/][{colour}]{problem.severity}:[/] {escape(_visible(problem.message))}"
    )
    error_console.print(f"  [dim]fix:[/] {escape(_visible(problem.fix))}")


def show_failure(error: ServiceError, *, as_json: bool) -> ExitCode:
    """Tell every problem of ``error``; returns the exit code it asks for."""
    if as_json:
        problems = [asdict(problem) for problem in error.problems]
        emit_json({"ok": False, "exit_code": error.exit_code, "problems": problems})
    else:
        for problem in error.problems:
            show_problem(problem)
    return error.exit_code


def visible(text: str) -> str:
    """``text`` for a terminal: control and direction characters are shown, not obeyed."""
    return escape(_visible(text))


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)
