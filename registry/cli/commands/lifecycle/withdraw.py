"""``withdraw`` and ``restore``: a version that nobody should use any more, and taking that back."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.versions import SchemaVersion

from ....lifecycle import changes
from ...output import JsonFlag, emit_json
from ...session import VersionArgument
from .changing import DryRunFlag, opened_release, outcome_document, print_outcome


def withdraw(
    version: VersionArgument,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; installers and the API show it.")
    ],
    latest: Annotated[
        str | None,
        typer.Option(
            "--latest",
            metavar="VERSION",
            help="What becomes latest, where the version is.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Mark a version as one that nobody should use.

    Nothing is deleted: who pins it still gets it, with a warning from npm.
    """
    wanted = SchemaVersion.parse(version)
    new_latest = SchemaVersion.parse(latest) if latest is not None else None
    with opened_release() as (workspace, _settings, context):
        outcome = changes.withdraw(
            workspace, context, wanted, reason=reason, new_latest=new_latest, dry_run=dry_run
        )
    if as_json:
        emit_json({**outcome_document(outcome), "reason": reason.strip()})
        return
    print_outcome(
        outcome, f"{wanted} {'would be' if dry_run else 'is'} withdrawn; latest is {outcome.latest}."
    )


def restore(version: VersionArgument, dry_run: DryRunFlag = False, as_json: JsonFlag = False) -> None:
    """Take back that a version is withdrawn.

    Latest stays where it is: schema-service latest set moves it.
    """
    wanted = SchemaVersion.parse(version)
    with opened_release() as (workspace, _settings, context):
        outcome = changes.restore(workspace, context, wanted, dry_run=dry_run)
    if as_json:
        emit_json(outcome_document(outcome))
        return
    words = "would not be" if dry_run else "is not"
    print_outcome(outcome, f"{wanted} {words} withdrawn any more; latest is {outcome.latest}.")
