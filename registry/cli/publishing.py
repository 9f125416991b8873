"""Publishing for whoever waits at a terminal: one live line per step, and the install commands at the end."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from ..consumers.install_commands import install_lines, language_title
from ..lifecycle.unfinished import finish_change
from ..release.publish import ReleaseReport, publish
from ..services import open_release
from .output import emit_json, say
from .progress import Progress

# What became of seeded rows on the way up and back.
_REHEARSAL = ("round_trip", "trips", "lost", "lost_down", "warnings")


def publish_and_report(
    workspace: Workspace, settings: Settings, version: SchemaVersion, bridge: PrismaBridge, *, as_json: bool
) -> None:
    """Publish ``version`` and print what became of it. Raises what :func:`registry.release.publish.publish`
    raises."""
    progress = Progress(live=not as_json)
    with open_release(workspace, settings, bridge) as context, progress:
        if context.catalogue.events.unfinished():  # of another machine that shares the state database
            finish_change(workspace, context)
        report = publish(workspace, version, context, progress.observe)
    if as_json:
        emit_json(_document(report, settings))
    else:
        _print_report(report, settings)


def _print_report(report: ReleaseReport, settings: Settings) -> None:
    published = report.published
    if report.is_new:
        say()
        say((f"Published {published.version}", "bold"), f"; latest is {report.latest}.")
    else:
        say(f"{published.version} is already published with the same content; nothing to do.")
        if report.announced is not None:
            say(f"What had not been announced yet: {report.announced}.")
    for artifact in published.artifacts:
        lines = install_lines(artifact, settings)
        say(f"  {language_title(artifact.language) + ':':<17} {lines.commands[0]}")


def _document(report: ReleaseReport, settings: Settings) -> dict[str, Any]:
    artifacts = [
        {**asdict(artifact), "install": install_lines(artifact, settings).commands[0]}
        for artifact in report.published.artifacts
    ]
    rehearsal = report.steps.get("rehearse", {})
    return {
        "ok": True,
        "version": str(report.published.version),
        "already_published": not report.is_new,
        "latest": str(report.latest),
        "announced": report.announced,
        "artifacts": artifacts,
        "steps": {name: result["summary"] for name, result in report.steps.items()},
        "rehearsal": {name: rehearsal[name] for name in _REHEARSAL if name in rehearsal},
    }
