"""``feed``: the releases as an Atom feed, in a file for a web server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from schemas.errors import Problem
from schemas.workspace.files import write_atomically

from ...catalogue.opening import open_catalogue
from ...errors import OutputFolderError
from ...notify.feed import MOST_ENTRIES, feed_id, releases_feed
from ..output import JsonFlag, emit_json, say
from ..session import current_workspace


def _web_address(text: str) -> str:
    """``text``, if readers may follow it: a link with another scheme could run something."""
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        is_usable = False
    if not is_usable:
        raise typer.BadParameter(f"{text!r} is not an http:// or https:// address")
    return text


def feed(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The file to write.")] = Path("feed.atom"),
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the file will be served, for its link to itself.",
            parser=_web_address,
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write an Atom feed of the releases, which corrects and withdraws what it told before.

    The Schema API serves the same feed at /feed.atom. The file is replaced, if it is a feed of
    this schema; any other file is left alone.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        releases = catalogue.release_log.newest(MOST_ENTRIES)
    _refuse_other_files(file, settings.name)
    text = releases_feed(settings.name, releases, url=url).decode()
    try:
        write_atomically(file, text)
    except OSError as error:
        raise OutputFolderError(_unwritable(file, error)) from None
    if as_json:
        emit_json({"ok": True, "file": str(file), "entries": len(releases)})
    else:
        say(f"Wrote {file}: {len(releases)} release{'' if len(releases) == 1 else 's'}.")


def _refuse_other_files(file: Path, schema_name: str) -> None:
    try:
        is_ours = feed_id(schema_name) in file.read_text("utf-8")
    except FileNotFoundError:
        return
    except UnicodeDecodeError:
        is_ours = False
    except OSError as error:
        raise OutputFolderError(_unwritable(file, error)) from None
    if not is_ours:
        problem = Problem(
            code="not-a-feed",
            message=f"{file} exists and is no feed of {schema_name}",
            fix="name another file, or remove that one; it was not changed",
        )
        raise OutputFolderError(problem)


def _unwritable(file: Path, error: OSError) -> Problem:
    return Problem(
        code="unwritable-folder",
        message=f"{file} can't be written: {error.strerror or error}",
        fix="free disk space, make it writable, or name another file; nothing was written",
    )
