"""Finishing a release that was cut short, before a command does what it was called for."""

from __future__ import annotations

from dataclasses import replace

from schemas.errors import ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import Workspace

from ..catalogue.opening import open_catalogue
from ..config.settings import Settings
from ..errors import ReleaseBusyError
from ..lifecycle.rollback import rollback_left
from ..lifecycle.unfinished import finish_change
from ..lifecycle.unfinished_note import note_databases
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


def tell_databases_left(workspace: Workspace, settings: Settings) -> None:
    """Say on standard error which databases a rollback has left, and what takes them back."""
    try:
        with open_catalogue(workspace, settings, to_read=True) as catalogue:
            left = rollback_left(catalogue)
    except ServiceError:
        return  # the command itself will say so
    if left is None:
        note_databases(workspace.root, are_left=False)
        return
    names = ", ".join(left.databases)
    say(
        f"The rollback to {left.version} was cut short before {names}. To finish it: {left.command}",
        on_stderr=True,
    )
