"""Publishing for whoever waits at a terminal: one live line per step, and the install commands at the end."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from schemas.errors import ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from ..consumers.install_commands import install_lines, language_title
from ..lifecycle.unfinished import finish_change
from ..release.parts.draft import publish_draft
from ..release.parts.push import promote, push
from ..release.publish import ReleaseReport, publish
from ..review.review_markdown import failure_markdown, published_markdown
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
    part: Literal["push", "promote"] | None = None,
) -> None:
    """Publish ``version``, or do a part of that, and print what became of it. Raises what
    :func:`registry.release.publish.publish` raises; as Markdown its problems are printed, too."""
    progress = Progress(live=not as_json and not markdown)
    run = publish if part is None else push if part == "push" else promote
    try:
        with open_release(workspace, settings, bridge) as context, progress:
            if context.catalogue.events.unfinished():  # of another machine that shares the state database
                finish_change(workspace, context)
            report = run(workspace, version, context, progress.observe)
            is_staged = version in context.catalogue.staged.all()
            is_seen = not context.publishers["wheel"].is_hidden
    except ServiceError as error:
        if markdown:
            emit_text(failure_markdown(f"{version} is not published", error.problems))
        raise
    rehearsed = report.steps.get("rehearse", {})
    losses = [line for line in rehearsed.get("lines", ()) if line not in rehearsed.get("warnings", ())]
    review = review_version(
        workspace, version, settings.packages.names(), bridge, rehearsed=rehearsed, losses=losses
    )
    install = _install(report, settings, is_staged=is_staged)
    if as_json:
        emit_json(_document(report, settings, review, is_staged=is_staged, is_seen=is_seen))
    elif markdown:
        emit_text(published_markdown(review, latest=str(report.latest), install=install))
    else:
        _print_report(report, review, install, is_staged=is_staged, is_seen=is_seen)


def draft_and_report(
    workspace: Workspace, settings: Settings, version: SchemaVersion, bridge: PrismaBridge, *, as_json: bool
) -> None:
    """Publish the packages of a draft, and print how to install them. Raises what
    :func:`registry.release.parts.draft.publish_draft` raises."""
    progress = Progress(live=not as_json)
    with open_release(workspace, settings, bridge) as context, progress:
        report = publish_draft(workspace, version, context, progress.observe)
    lines = [
        (artifact, install_lines(artifact, settings, is_staged=True).commands[0])
        for artifact in report.draft.artifacts
    ]
    if as_json:
        emit_json(
            {
                "ok": True,
                "version": str(version),
                "draft": str(report.draft.number),
                "already_published": not report.is_new,
                "picked_by_pip": report.is_picked,
                "artifacts": [{**asdict(artifact), "install": line} for artifact, line in lines],
                "steps": {name: result["summary"] for name, result in report.steps.items()},
            }
        )
        return
    if report.is_new:
        say()
        say((f"Published {report.draft.number}", "bold"), f", a draft of {version}; nothing is sealed.")
    else:
        say(f"{report.draft.number} is a draft with the same content; nothing to do.")
    for artifact, line in lines:
        say(f"  {language_title(artifact.language) + ':':<17} {line}")
    say("Its migrations run with --allow-draft only, for databases that can be made anew.")
    if report.is_picked:
        say("There is no release yet, so pip takes this draft unasked: set [registries.pypi] staging_url.")


def _print_report(
    report: ReleaseReport,
    review: VersionReview,
    install: list[tuple[str, str]],
    *,
    is_staged: bool,
    is_seen: bool,
) -> None:
    published = report.published
    if report.is_new and is_staged:
        say()
        stays = f"latest is still {report.latest}" if report.latest else "there is no latest yet"
        say(
            (f"Pushed {published.version}", "bold"),
            f"; {stays}. Next: schema-service promote {published.version}",
        )
        if is_seen:
            say("There is no staging index: pip takes these wheels where they are the highest version.")
    elif report.is_new:
        say()
        say((f"Published {published.version}", "bold"), f"; latest is {report.latest}.")
        for line in review_lines(review):
            say(f"  {line}")
    elif is_staged:
        say(f"{published.version} is already pushed with the same content; nothing to do.")
    else:
        say(f"{published.version} is already published with the same content; nothing to do.")
        if report.announced is not None:
            say(f"What had not been announced yet: {report.announced}.")
    for title, command in install:
        say(f"  {title + ':':<17} {command}")


def _install(report: ReleaseReport, settings: Settings, *, is_staged: bool) -> list[tuple[str, str]]:
    """The packages by what people call them, and the commands that install them."""
    return [
        (language_title(each.language), install_lines(each, settings, is_staged=is_staged).commands[0])
        for each in report.published.artifacts
    ]


def _document(
    report: ReleaseReport, settings: Settings, review: VersionReview, *, is_staged: bool, is_seen: bool
) -> dict[str, Any]:
    artifacts = [
        {**asdict(artifact), "install": install_lines(artifact, settings, is_staged=is_staged).commands[0]}
        for artifact in report.published.artifacts
    ]
    rehearsal = report.steps.get("rehearse", {})
    return {
        "ok": True,
        "version": str(report.published.version),
        "already_published": not report.is_new,
        "latest": str(report.latest) if report.latest else None,
        "staged": is_staged,
        "picked_by_pip": is_seen or not is_staged,
        "announced": report.announced,
        "artifacts": artifacts,
        "steps": {name: result["summary"] for name, result in report.steps.items()},
        "review": review.to_json(),
        "rehearsal": {name: rehearsal[name] for name in _REHEARSAL if name in rehearsal},
    }
