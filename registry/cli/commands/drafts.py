"""``rename-draft``, ``delete-draft`` and ``changelog``: taking care of drafts."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from migrations.errors import MigrationSyntaxError
from migrations.scripts.scripts import script_problems
from schemas.errors import Problem, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

from ...errors import UsageError
from ...release.snapshots.workspace_snapshot import with_changelog
from ...validation.predecessors import expected_predecessors, sources_below, sources_on_line
from ...versions import drafts
from ..output import JsonFlag, emit_json, emit_text, say
from ..questions import can_ask, confirmed
from ..session import OptionalVersionArgument, VersionArgument, chosen_version, current_workspace


def rename_draft(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A draft.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A number that no version has.")],
    as_json: JsonFlag = False,
) -> None:
    """Give a draft another number.

    Migrations are numbered in the order of the versions, so a draft with migrations can't pass
    another version that has some. What is published is refused.
    """
    workspace, settings = current_workspace()
    before, after = SchemaVersion.parse(old), SchemaVersion.parse(new)
    drafts.rename_draft(workspace, settings, before, after)
    if as_json:
        emit_json({"ok": True, "renamed": str(before), "version": str(after)})
        return
    say(f"{before} is now {after}: see what that means with schema-service check {after} --quick")


def delete_draft(
    version: VersionArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete a draft, with its migrations. Asks first.

    What is published, or was begun to be, is refused. Nothing outside the draft's folder is touched.
    """
    workspace, settings = current_workspace()
    wanted = SchemaVersion.parse(version)
    drafts.check_deletable(workspace, settings, wanted)
    if not yes:
        if as_json or not can_ask():
            raise UsageError(_unconfirmed(wanted))
        if not confirmed(f"Delete schemas/{wanted} and everything in it?"):
            say("Nothing was deleted.")
            return
    drafts.delete_draft(workspace, settings, wanted)
    if as_json:
        emit_json({"ok": True, "deleted": str(wanted)})
        return
    say(f"Deleted {wanted}.")


def changelog(
    version: OptionalVersionArgument = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write it into the draft's CHANGELOG.md, to be edited.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show a version's changelog, as all four packages carry it.

    For a draft without one it is made from the changes: added, changed and removed, code before
    and after, and what the migrations lock. `--write` writes it down, and from then on it is yours.
    """
    workspace, settings = current_workspace()
    wanted = chosen_version(workspace, version)
    source = workspace.load(wanted)
    is_made = not source.changelog.strip() and not source.is_published
    if write and not is_made:
        raise WorkspaceError(_has_one(wanted, f"{source.folder}/CHANGELOG.md"))
    if is_made:
        if problems := script_problems(source.migrations):
            raise MigrationSyntaxError(*problems)
        below = sources_below(workspace, source)
        before = expected_predecessors(sources_on_line(source, workspace.load))
        with PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge:
            bridge.parse(source.schema_text, source.schema_path)  # a schema that isn't valid has no changes
            source = with_changelog(source, before, below, settings.packages.names(), bridge)
    if write:
        workspace.write_changelog(wanted, source.changelog)
    if as_json:
        document = {"version": str(wanted), "made_from_changes": is_made, "written": write}
        emit_json({"ok": True, **document, "changelog": source.changelog})
    elif write:
        say(f"Wrote {source.folder}/CHANGELOG.md: edit it until you publish.")
    else:
        emit_text(source.changelog)


def _unconfirmed(version: SchemaVersion) -> Problem:
    question = "standard input is not a terminal" if not sys.stdin.isatty() else "--json asks nothing"
    return Problem(
        code="confirmation-needed",
        message=f"deleting {version} has to be confirmed, and {question}",
        fix=f"schema-service delete-draft {version} --yes",
    )


def _has_one(version: SchemaVersion, file: str) -> Problem:
    return Problem(
        code="changelog-exists",
        message=f"{version} has a changelog already, which would be lost",
        fix="edit that one; delete its text to have it made from the changes again",
        file=file,
    )
