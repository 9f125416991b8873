"""``databases``: where each registered database is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from schemas.errors import ExitCode, Problem

from ....artifacts.store import open_store
from ....catalogue.opening import open_catalogue
from ....databases.manifests import PublishedManifests
from ....databases.overview import DatabaseRow, overview
from ....databases.registered import fleet, registered_databases
from ....errors import NotPublishedError
from ....services import open_publishers
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace


def databases(
    label: Annotated[
        str | None,
        typer.Option("--fleet", metavar="LABEL", help="Only those with this label.", show_default=False),
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """List the registered databases: version, what is pending, drift.

    One that doesn't answer is a line with its error, and exit code 3.
    """
    workspace, settings = current_workspace()
    chosen = registered_databases(settings) if label is None else fleet(settings, label)
    rows: tuple[DatabaseRow, ...] = ()
    with open_catalogue(workspace, settings) as catalogue:
        latest = catalogue.latest()
        if chosen:
            if latest is None:
                raise NotPublishedError(_nothing_published())
            store = open_store(settings.artifacts, workspace.root)
            manifests = PublishedManifests(catalogue, dict(open_publishers(workspace, settings)), store)
            rows = overview(chosen, latest, manifests)
    failed = any(row.problems for row in rows)
    exit_code = ExitCode.SERVICE if failed else ExitCode.DONE
    if as_json:
        shown = str(latest) if latest else None
        emit_json({"ok": not failed, "latest": shown, "databases": [asdict(row) for row in rows]})
        return exit_code
    for row in rows:
        say(f"{row.name:<20} {row.version or '-':<16} {_status(row)}{_labels(row)}")
        for problem in row.problems:
            say(f"    fix: {problem.fix}")
    if rows:
        say(f"Latest is {latest}.")
    else:
        say('No database is registered: add [databases.NAME] with url_env = "…" to schema-service.toml.')
    return exit_code


def _status(row: DatabaseRow) -> str:
    if row.problems:
        problem = row.problems[0]
        return f"error[{problem.code}]: {problem.message}"
    parts = ["stopped between two versions"] * row.is_between
    parts += ["ahead of latest"] * row.is_ahead
    parts += [row.other_line] if row.other_line else []
    parts += [f"{len(row.pending)} pending"] * bool(row.pending)
    if row.drift is not None:
        parts.append(f"{len(row.drift)} differences" if row.drift else "no drift")
    return ", ".join(parts) or "empty"


def _labels(row: DatabaseRow) -> str:
    return f"  [{', '.join(row.labels)}]" if row.labels else ""


def _nothing_published() -> Problem:
    return Problem(
        code="not-published",
        message="nothing is published yet, so there is nothing to compare databases with",
        fix="publish a version first; where another machine did, run: schema-service repair",
    )
