"""Finishing a release that was cut short, before a command does what it was called for."""

from __future__ import annotations

from dataclasses import replace

from schemas.errors import ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings
from ..errors import ReleaseBusyError
from ..lifecycle.unfinished import finish_change
from ..release.publish import finish
from ..release.unfinished import UnfinishedRelease
from ..services import open_release
from .output import say, show_problem


def finish_unfinished(workspace: Workspace, settings: Settings, unfinished: UnfinishedRelease) -> None:
    """Tell on standard error what became of it. The command that was called goes on in any case: the next one
    will try again."""
    try:
        with (
            PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge,
            open_release(workspace, settings, bridge) as context,
        ):
            report = finish(workspace, unfinished, context, lambda _event: None)
    except ReleaseBusyError:
        return  # it isn't cut short: another process is at it
    except ServiceError as error:
        say(f"The release of {unfinished.version} was cut short and can't be finished now:", on_stderr=True)
        for problem in error.problems:
            show_problem(replace(problem, severity="warning"))
        return
    version, latest = report.published.version, report.latest or "none yet"
    say(f"Finished the release of {version}, which was cut short; latest is {latest}.", on_stderr=True)


def finish_cut_short(workspace: Workspace, settings: Settings) -> None:
    """The same for a change of published versions: `latest`, a rollback, a withdrawal."""
    try:
        with (
            PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge,
            open_release(workspace, settings, bridge, is_new=False) as context,
        ):
            events = finish_change(workspace, context)
    except ReleaseBusyError:
        return
    except ServiceError as error:
        say("A change of published versions was cut short and can't be finished now:", on_stderr=True)
        for problem in error.problems:
            show_problem(replace(problem, severity="warning"))
        return
    for event in events:
        say(f"Finished what was cut short: {event.event} {event.version}.", on_stderr=True)
        if databases := event.details.get("databases"):
            names = " ".join(f"--database {name}" for name in databases)
            say(
                f"  its databases are left to you: schema-service rollback --to {event.version} {names}",
                on_stderr=True,
            )
