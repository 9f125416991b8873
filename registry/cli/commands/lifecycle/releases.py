"""``releases`` and ``release show``: how releases went, step by step."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import typer

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ....catalogue.opening import open_catalogue
from ....errors import NotPublishedError
from ....lifecycle.release_runs import ReleaseRun, StepRun, release_runs
from ...output import JsonFlag, emit_json, say
from ...session import VersionArgument, current_workspace

app = typer.Typer(
    help="Look at one release.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Look at one release."""


def releases(as_json: JsonFlag = False) -> None:
    """List the releases that were begun here, and how each ended.

    Those of other machines are here, too, where they share the state database.
    """
    workspace, settings = current_workspace()
    runs = release_runs(workspace, settings)
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        withdrawn = catalogue.events.withdrawn()
    if as_json:
        rows = [{**_document(run), "withdrawn": withdrawn.get(run.version)} for run in runs]
        emit_json({"ok": True, "releases": rows})
        return
    for run in runs:
        stopped = run.stopped_at
        at = f" at {stopped.name}" if stopped else ""
        mark = "  withdrawn" if run.version in withdrawn else ""
        say(f"{run.version!s:<16} {_shown(run.began_at)}  {run.state}{at}{mark}")
    if not runs:
        say("No release was begun here yet: schema-service publish VERSION")


@app.command("show")
def release_show(version: VersionArgument, as_json: JsonFlag = False) -> None:
    """Show each step of a version's releases: its state, time and error."""
    workspace, settings = current_workspace()
    wanted = SchemaVersion.parse(version)
    runs = release_runs(workspace, settings, wanted)
    if not runs:
        raise NotPublishedError(_none(wanted))
    if as_json:
        emit_json({"ok": True, "version": str(wanted), "releases": [_document(run) for run in runs]})
        return
    for run in runs:
        say((f"{run.version} {run.state}", "bold"), f", begun {_shown(run.began_at)}")
        for step in run.steps:
            _print_step(step)


def _print_step(step: StepRun) -> None:
    seconds = "" if step.seconds is None else f"{step.seconds:.2f} s"
    say(f"  {step.name:<10} {step.state:<12} {seconds:>9}  {step.summary}".rstrip())
    for problem in step.problems:
        say((f"    {problem.severity}[{problem.code}]: ", "red"), problem.message)
        say(f"      fix: {problem.fix}")


def _document(run: ReleaseRun) -> dict[str, Any]:
    return {
        "version": str(run.version),
        "id": run.id,
        "state": run.state,
        "began_at": run.began_at.isoformat(),
        "changed_at": run.changed_at.isoformat(),
        "steps": [_step_document(step) for step in run.steps],
    }


def _step_document(step: StepRun) -> dict[str, Any]:
    return {
        "name": step.name,
        "state": step.state,
        "started_at": step.started_at.isoformat() if step.started_at else None,
        "ended_at": step.ended_at.isoformat() if step.ended_at else None,
        "duration_seconds": step.seconds,
        "summary": step.summary,
        "problems": [asdict(problem) for problem in step.problems],
    }


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _none(version: SchemaVersion) -> Problem:
    return Problem(
        code="no-such-release",
        message=f"no release of {version} was begun here",
        fix=f"schema-service publish {version} begins one; what another machine published is shown there",
    )
