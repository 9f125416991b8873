"""Publishing for whoever waits at a terminal: one live line per step, and the install commands at the end."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from schemas.errors import ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from ..consumers.install_commands import install_lines, language_title
from ..lifecycle.unfinished import finish_change
from ..release.publish import ReleaseReport, publish
from ..review.markdown import failure_markdown, published_markdown
from ..review.terminal import review_lines
from ..review.version_review import VersionReview, review_version
from ..services import open_release
from .output import emit_json, emit_text, say
from .progress import Progress

# What became of seeded rows on the way up and back.
_REHEARSAL = ("round_trip", "trips", "lost", "lost_down", "warnings")


def publish_and_report(
    workspace: Workspace,
    settings: Settings,
    version: SchemaVersion,
    bridge: PrismaBridge,
    *,
    as_json: bool,
    markdown: bool = False,
) -> None:
    """Publish ``version`` and print what became of it. Raises what :func:`registry.release.publish.publish`
    raises; as Markdown its problems are printed, too."""
    progress = Progress(live=not as_json and not markdown)
    try:
        with open_release(workspace, settings, bridge) as context, progress:
            if context.catalogue.events.unfinished():  # of another machine that shares the state database
                finish_change(workspace, context)
            report = publish(workspace, version, context, progress.observe)
    except ServiceError as error:
        if markdown:
            emit_text(failure_markdown(f"{version} is not published", error.problems))
        raise
    rehearsed = report.steps.get("rehearse", {})
    losses = [line for line in rehearsed.get("lines", ()) if line not in rehearsed.get("warnings", ())]
    review = review_version(workspace, version, bridge, rehearsed=rehearsed, losses=losses)
    if as_json:
        emit_json(_document(report, settings, review))
    elif markdown:
        emit_text(published_markdown(review, latest=str(report.latest), install=_install(report, settings)))
    else:
        _print_report(report, settings, review)


def _print_report(report: ReleaseReport, settings: Settings, review: VersionReview) -> None:
    published = report.published
    if report.is_new:
        say()
        say((f"Published {published.version}", "bold"), f"; latest is {report.latest}.")
        for line in review_lines(review):
            say(f"  {line}")
    else:
        say(f"{published.version} is already published with the same content; nothing to do.")
        if report.announced is not None:
            say(f"What had not been announced yet: {report.announced}.")
    for title, command in _install(report, settings):
        say(f"  {title + ':':<17} {command}")


def _install(report: ReleaseReport, settings: Settings) -> list[tuple[str, str]]:
    """The packages by what people call them, and the commands that install them."""
    return [
        (language_title(artifact.language), install_lines(artifact, settings).commands[0])
        for artifact in report.published.artifacts
    ]


def _document(report: ReleaseReport, settings: Settings, review: VersionReview) -> dict[str, Any]:
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
        "review": review.to_json(),
        "rehearsal": {name: rehearsal[name] for name in _REHEARSAL if name in rehearsal},
    }
