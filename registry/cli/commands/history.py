"""``log`` and ``amend``: what happened to versions, and correcting what was published about one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.files import MAX_BYTES

from ...catalogue import What
from ...catalogue.opening import open_catalogue
from ...errors import CorrectionError, UsageError
from ...os_user import user_name
from ...versions.amend import amend as amend_version
from ...versions.log import version_log
from ..output import JsonFlag, emit_json, say
from ..session import VersionArgument, current_workspace


def log(as_json: JsonFlag = False) -> None:
    """Show what happened to the versions: when, and by whom. The newest first."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        events = version_log(workspace, catalogue)
        published = {event.version for event in events}
    drafts = [str(each) for each in workspace.versions() if each not in published]
    if as_json:
        emit_json({"ok": True, "events": [event.to_json() for event in events], "drafts": drafts})
        return
    for event in events:
        at = f"{event.at:%Y-%m-%d %H:%M:%S} UTC" if event.at else "at an unknown time"
        by = f" by {event.by}" if event.by else ""
        text = f": {event.text}" if event.text else ""
        say(f"{at}  {event.version}  {event.what}{by}{text}")
    if not events:
        say("Nothing was published yet.")
    if drafts:
        say(f"Drafts: {', '.join(drafts)}")


def amend(
    version: VersionArgument,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="One line.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="The version's notes.")] = None,
    changelog: Annotated[
        Path | None, typer.Option("--changelog", metavar="FILE", help="Markdown in UTF-8.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Correct the description, the notes or the changelog of a published version.

    The correction is kept beside what was published: `show`, `log` and the API give the corrected
    text and say so. The packages never change; they carry what they were published with.
    """
    given: dict[What, str | None] = {
        "description": description,
        "notes": note,
        "changelog": None if changelog is None else _read(changelog),
    }
    texts = {what: text for what, text in given.items() if text is not None}
    if not texts:
        raise UsageError(_nothing())
    workspace, settings = current_workspace()
    wanted = SchemaVersion.parse(version)
    with open_catalogue(workspace, settings) as catalogue:
        result = amend_version(catalogue, wanted, texts, by=user_name())
    if as_json:
        original = {what: result.original[what] for what in texts}
        emit_json({"ok": True, "version": str(wanted), "corrected": sorted(texts), "original": original})
        return
    say(f"Corrected of {wanted}: {', '.join(sorted(texts))}. What was published is kept beside it.")


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
        if len(content) > MAX_BYTES:
            raise CorrectionError(_unreadable(file, f"has more than {MAX_BYTES} bytes"))
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise CorrectionError(_unreadable(file, f"can't be read: {error.strerror or error}")) from None
    except UnicodeDecodeError:
        raise CorrectionError(_unreadable(file, "is not UTF-8")) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(file: Path, why: str) -> Problem:
    return Problem(
        code="invalid-correction",
        message=f"{file} {why}",
        fix="give a text file in UTF-8 that you may read",
    )


def _nothing() -> Problem:
    return Problem(
        code="nothing-to-correct",
        message="amend was told a version, and no text for it",
        fix="give --description TEXT, --note TEXT or --changelog FILE",
    )
