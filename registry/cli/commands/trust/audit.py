"""``audit``: whether a consumer could get somebody else's package of our name."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import ExitCode

from ....trust.consumer_audit.audit import audit_consumer
from ....trust.consumer_audit.ours import Ours
from ...output import JsonFlag, emit_json, say, show_problem
from ...session import current_workspace


def audit(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The consumer's folder.", exists=True, file_okay=False, resolve_path=True
        ),
    ],
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="URL", help="Another address that serves our packages."),
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """Warn where a consumer's files let a stranger's package of our name be picked.

    Reads the settings of pip, uv, Poetry and npm in FOLDER, their lock files, and command
    lines in Dockerfiles, scripts and CI files. Nothing is asked of any server. Exit code 1
    where there is a finding.
    """
    _workspace, settings = current_workspace()
    found = audit_consumer(folder, Ours.by(settings, also or ()))
    exit_code = ExitCode.USER if found else ExitCode.DONE
    if as_json:
        problems = [asdict(problem) for problem in found]
        emit_json({"ok": not found, "exit_code": int(exit_code), "problems": problems})
        return exit_code
    for problem in found:
        show_problem(problem)
    if not found:
        say("Nothing found: no file in this folder lets another index serve our packages.")
    return exit_code
