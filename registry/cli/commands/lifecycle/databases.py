"""``databases``: where each registered database is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from schemas.errors import ExitCode, Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ....artifacts.store import open_store
from ....catalogue import Catalogue
from ....catalogue.opening import open_catalogue
from ....config.settings import Settings
from ....databases.asking import ask_all
from ....databases.manifests import PublishedManifests
from ....databases.registered import RegisteredDatabase, fleet, registered_databases
from ....databases.whereabouts import Status, Whereabouts, versions_count, whereabouts
from ....errors import NotPublishedError
from ....lifecycle.rollback import rollback_left
from ....publishers.opening import open_publishers
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace

LabelOption = Annotated[
    str | None,
    typer.Option(
        "--label", "--fleet", metavar="LABEL", help="Only those with this label.", show_default=False
    ),
]


def databases(
    label: LabelOption = None,
    status: Annotated[
        Status | None,
        typer.Option("--status", metavar="STATUS", help="Only those in this state.", show_default=False),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask each of them now.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """List the registered databases: version, what is pending, drift.

    What is shown is what workers and runs have seen last; only those that nobody has asked yet are
    asked now. One that didn't answer is a line with its error, and exit code 3.
    """
    workspace, settings = current_workspace()
    chosen = registered_databases(settings) if label is None else fleet(settings, label)
    with open_catalogue(workspace, settings) as catalogue:
        latest, left = catalogue.latest(), rollback_left(catalogue)
        if chosen and latest is None:
            raise NotPublishedError(_nothing_published())
        found = whereabouts(catalogue, chosen)
        unknown = {row.name for row in found if row.seen_at is None}
        to_ask = [each for each in chosen if ask or each.name in unknown]
        if to_ask:
            _ask(workspace, settings, catalogue, to_ask)
            found = whereabouts(catalogue, chosen)
    rows = [row for row in found if status in (None, row.status)]
    failed = any(bool(row.problems) for row in rows)
    exit_code = ExitCode.SERVICE if failed else ExitCode.DONE
    if as_json:
        emit_json(
            {
                "ok": not failed,
                "latest": str(latest) if latest else None,
                "versions": versions_count(rows),
                "databases": [_document(row) for row in rows],
                "unfinished_rollback": left.command if left else None,
            }
        )
        return exit_code
    _print(rows)
    if left:
        names = ", ".join(left.databases)
        say(f"The rollback to {left.version} has left {names}. To finish it: {left.command}")
    if not chosen:
        say('No database is registered: add [databases.NAME] with url_env = "…" to schema-service.toml.')
    else:
        counted = ", ".join(f"{number} at {version}" for version, number in versions_count(rows).items())
        say(f"Latest is {latest}. {counted or f'None is {status}'}.")
    return exit_code


def _ask(
    workspace: Workspace, settings: Settings, catalogue: Catalogue, databases: list[RegisteredDatabase]
) -> None:
    latest = catalogue.latest()
    if latest is not None:
        publishers = dict(open_publishers(workspace, settings))
        store = open_store(settings.artifacts, workspace.root)
        ask_all(catalogue, databases, latest, PublishedManifests(catalogue, publishers, store))


def _print(rows: list[Whereabouts]) -> None:
    for row in rows:
        say(f"{row.name:<20} {row.version or '-':<16} {_status(row)}{_labels(row)}{_age(row)}")
        for problem in row.problems:
            say(f"    fix: {problem['fix']}")


def _status(row: Whereabouts) -> str:
    if row.problems:
        problem = row.problems[0]
        return f"error[{problem['code']}]: {problem['message']}"
    parts = [f"{row.status} to {row.target}"] * (row.status in ("queued", "migrating", "failed"))
    parts += ["stopped between two versions"] * row.is_between
    parts += ["ahead of latest"] * (row.status == "ahead")
    parts += [row.other_line] if row.other_line else []
    parts += [f"{len(row.pending)} pending"] if row.pending else []
    if row.drift is not None:
        parts.append(f"{len(row.drift)} differences" if row.drift else "no drift")
    return ", ".join(parts) or row.status


def _labels(row: Whereabouts) -> str:
    return f"  [{', '.join(row.labels)}]" if row.labels else ""


def _age(row: Whereabouts) -> str:
    minutes = int((datetime.now(UTC) - row.seen_at).total_seconds() // 60) if row.seen_at else 0
    if minutes < 10:
        return ""
    return f"  seen {minutes} min ago" if minutes < 120 else f"  seen {minutes // 60} h ago"


def _document(row: Whereabouts) -> dict[str, object]:
    return {**asdict(row), "seen_at": row.seen_at.isoformat() if row.seen_at else None}


def latest_published(catalogue: Catalogue) -> SchemaVersion:
    """What databases are compared with. Raises NotPublishedError."""
    latest = catalogue.latest()
    if latest is None:
        raise NotPublishedError(_nothing_published())
    return latest


def _nothing_published() -> Problem:
    return Problem(
        code="not-published",
        message="nothing is published yet, so there is nothing to compare databases with",
        fix="publish a version first; where another machine did, run: schema-service repair",
    )
