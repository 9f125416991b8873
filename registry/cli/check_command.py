"""``check``: every problem of a version, with its file, line and column."""

from __future__ import annotations

from dataclasses import asdict

import typer

from schemas.errors import ExitCode
from schemas.prisma.bridge import PrismaBridge

from ..checking import version_problems
from .output import JsonFlag, console, emit_json, show_problem
from .session import OptionalVersionArgument, chosen_version, current_workspace


def register(app: typer.Typer) -> None:
    app.command("check")(check)


def check(version: OptionalVersionArgument = None, as_json: JsonFlag = False) -> int:
    """Validate a version and show every problem in it."""
    workspace, _settings = current_workspace()
    chosen = chosen_version(workspace, version)
    with PrismaBridge() as bridge:
        problems = version_problems(workspace, chosen, bridge)
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        found = [asdict(problem) for problem in problems]
        emit_json({"ok": not errors, "version": str(chosen), "problems": found})
    else:
        for problem in problems:
            show_problem(problem)
        console.print(f"{chosen}: {len(errors)} problem(s)" if errors else f"{chosen} is valid")
    return ExitCode.USER if errors else ExitCode.DONE
