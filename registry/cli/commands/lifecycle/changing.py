"""What the commands that change published versions share: an option, the services, and what they print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import Workspace

from ....config.settings import Settings
from ....lifecycle.changes import Outcome
from ....release.context import ReleaseContext
from ....services import open_release
from ...output import say
from ...session import current_workspace

DryRunFlag = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]


@contextmanager
def opened_release() -> Iterator[tuple[Workspace, Settings, ReleaseContext]]:
    """The workspace around the current folder, and what works on its registries. Node isn't started unless
    something has to be built."""
    workspace, settings = current_workspace()
    with (
        PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge,
        open_release(workspace, settings, bridge, is_new=False) as context,
    ):
        yield workspace, settings, context


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """As ``--json`` prints it."""
    return {"ok": True, **outcome.to_json()}


def print_outcome(outcome: Outcome, done: str) -> None:
    """``done`` is the sentence that says what became of it."""
    say((done, "bold"))
    print_changes(outcome.changes, outcome.notes)
    if outcome.dry_run:
        say("Nothing was written.")


def print_changes(changes: tuple[str, ...], notes: tuple[str, ...]) -> None:
    """One line each."""
    for change in changes:
        say(f"  {change}")
    for note in notes:
        say(("  note: ", "yellow"), note)
