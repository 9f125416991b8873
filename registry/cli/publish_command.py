"""``publish``: one command, a live line a step, and at the end what to paste."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from rich.status import Status

from schemas.versions import SchemaVersion

from ..install_lines import install_lines, language_title
from ..release.publish import ReleaseReport, publish
from ..release.workflow import StepEvent
from ..settings import Settings
from .output import JsonFlag, console, emit_json, visible
from .release_session import open_release
from .session import VersionArgument, current_workspace


def register(app: typer.Typer) -> None:
    app.command("publish")(publish_version)


def publish_version(version: VersionArgument, as_json: JsonFlag = False) -> None:
    """Publish a version to both registries. Running it again finishes what was interrupted."""
    workspace, settings = current_workspace()
    wanted = SchemaVersion.parse(version)
    progress = _Progress(live=not as_json)
    with open_release(workspace, settings) as context, progress:
        report = publish(workspace, wanted, context, progress.observe)
    if as_json:
        emit_json(_document(report, settings))
    else:
        _print_report(report, settings)


class _Progress:
    """A spinner on a terminal, plain lines elsewhere, nothing at all under ``--json``."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._status = Status("", console=console) if live and console.is_terminal else None

    def __enter__(self) -> _Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._status:
            self._status.stop()

    def observe(self, event: StepEvent) -> None:
        if not self._live:
            return
        if event.status == "started":
            if self._status:
                self._status.update(event.name)
            return
        mark = "[green]✓[/]" if event.status == "finished" else "[red]✗[/]"
        console.print(f"{mark} {event.name:<9} {event.duration_seconds:6.2f} s  {visible(event.summary)}")


def _print_report(report: ReleaseReport, settings: Settings) -> None:
    published = report.published
    if report.is_new:
        console.print(f"\n[bold]Published {published.version}[/]; latest is {report.latest}.")
    else:
        console.print(f"{published.version} is already published with this very content; nothing to do.")
    for artifact in published.artifacts:
        lines = install_lines(artifact, settings)
        console.print(f"  {language_title(artifact.language) + ':':<17} {lines.commands[0]}", markup=False)


def _document(report: ReleaseReport, settings: Settings) -> dict[str, Any]:
    artifacts = [
        {**asdict(artifact), "install": install_lines(artifact, settings).commands[0]}
        for artifact in report.published.artifacts
    ]
    return {
        "ok": True,
        "version": str(report.published.version),
        "already_published": not report.is_new,
        "latest": str(report.latest),
        "artifacts": artifacts,
        "steps": {name: result["summary"] for name, result in report.steps.items()},
    }
