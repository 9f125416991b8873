"""``users``: who is connected to registered databases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from schemas.errors import ExitCode
from schemas.versions import SchemaVersion

from ....artifacts.store import open_store
from ....catalogue.opening import open_catalogue
from ....databases.manifests import PublishedManifests
from ....databases.registered import database_named, fleet, registered_databases
from ....databases.users import DatabaseUsers
from ....databases.users import users as connected
from ....publishers.opening import open_publishers
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace
from .databases import LabelOption, latest_published


def users(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One database; all of them without it.")
    ] = None,
    label: LabelOption = None,
    below: Annotated[
        str | None,
        typer.Option("--below", metavar="VERSION", help="Only clients before it.", show_default=False),
    ] = None,
    broken_by: Annotated[
        str | None,
        typer.Option(
            "--broken-by",
            metavar="VERSION",
            help="Only clients that work no more on a database at this version.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """List which versions of the schema's clients are connected to registered databases now.

    With --below or --broken-by the exit code is 1 if there are any: what to ask before a column is dropped.
    A database that doesn't answer is a line with its error, and exit code 3.
    """
    oldest = None if below is None else SchemaVersion.parse(below)
    breaking = None if broken_by is None else SchemaVersion.parse(broken_by)
    workspace, settings = current_workspace()
    chosen = registered_databases(settings) if label is None else fleet(settings, label)
    if name is not None:
        database = database_named(settings, name)
        chosen = tuple(each for each in chosen if each == database)
    with open_catalogue(workspace, settings) as catalogue:
        publishers = dict(open_publishers(workspace, settings))
        manifests = PublishedManifests(catalogue, publishers, open_store(settings.artifacts, workspace.root))
        latest = latest_published(catalogue)
        found = connected(chosen, manifests, latest, below=oldest, broken_by=breaking)
    exit_code = _exit_code(found, is_asked=oldest is not None or breaking is not None)
    if as_json:
        emit_json({"ok": exit_code == ExitCode.DONE, "databases": [asdict(each) for each in found]})
        return exit_code
    for each in found:
        _print(each)
    return exit_code


def _exit_code(found: tuple[DatabaseUsers, ...], *, is_asked: bool) -> int:
    if any(each.problems for each in found):
        return ExitCode.SERVICE
    is_any = any(each.users is not None and each.users.clients for each in found)
    return ExitCode.USER if is_asked and is_any else ExitCode.DONE


def _print(found: DatabaseUsers) -> None:
    if found.users is None:
        for problem in found.problems:
            say(f"{found.name:<20} error[{problem.code}]: {problem.message}")
            say(f"    fix: {problem.fix}")
        return
    for each in found.users.clients:
        who = " ".join(filter(None, [each.role, each.address, each.application]))
        count = f"{each.package}  {each.connections} connections"
        since = f"  since {each.since}" if each.since else ""
        say(f"{found.name:<20} {each.version:<16} {count}  {who}{since}")
    others = sum(found.users.others.values())
    said = f"{others} others" if found.users.clients else f"no such client, {others} others"
    say(f"{found.name:<20} {said}")
    if found.users.unseen:
        hidden = f"address and time of {found.users.unseen} connections are hidden from its role"
        say(f"{found.name:<20} {hidden}; GRANT pg_read_all_stats to it")
