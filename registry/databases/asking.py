"""Asking registered databases where they are, and keeping the answers for whoever wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from threading import Event
from typing import Any

from schemas.errors import ServiceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..artifacts.store import open_store
from ..catalogue import Catalogue
from ..catalogue.last_known import Ask
from ..config.settings import Settings
from ..publishers.opening import open_publishers
from .database import placeless
from .manifests import PublishedManifests
from .overview import DatabaseRow, overview
from .registered import RegisteredDatabase, registered_databases

#: How old an answer may be before a worker asks again.
_OLD = timedelta(minutes=5)
_LOOK_SECONDS = 5.0
_MOST_AT_ONCE = 40


def ask_all(
    catalogue: Catalogue,
    databases: Sequence[RegisteredDatabase],
    latest: SchemaVersion,
    manifests: PublishedManifests,
) -> tuple[DatabaseRow, ...]:
    """Ask each of ``databases`` now, compared with ``latest``, and keep what they say."""
    asks = catalogue.databases.ask([each.name for each in databases])
    return _asked(catalogue, databases, asks, latest, manifests)


def keep_asking(workspace: Workspace, settings: Settings, catalogue: Catalogue, is_over: Event) -> None:
    """Ask those that nobody has asked for some minutes, until ``is_over`` is set. Of several that do this,
    one asks each database."""
    while not is_over.is_set():
        with suppress(ServiceError, OSError):  # a registry or the state database is away: later, then
            ask_some(workspace, settings, catalogue)
        is_over.wait(_LOOK_SECONDS)


def ask_some(workspace: Workspace, settings: Settings, catalogue: Catalogue) -> None:
    """Ask those that were asked longest ago, if that is long ago."""
    latest = catalogue.latest()
    if latest is None:
        return
    databases = registered_databases(settings)
    names = [each.name for each in databases]
    asks = catalogue.databases.ask(names, older_than=_OLD, most=_MOST_AT_ONCE)
    if asks:
        chosen = [each for each in databases if each.name in {ask.database for ask in asks}]
        publishers = dict(open_publishers(workspace, settings))
        manifests = PublishedManifests(catalogue, publishers, open_store(settings.artifacts, workspace.root))
        _asked(catalogue, chosen, asks, latest, manifests)


def _asked(
    catalogue: Catalogue,
    databases: Sequence[RegisteredDatabase],
    asks: Sequence[Ask],
    latest: SchemaVersion,
    manifests: PublishedManifests,
) -> tuple[DatabaseRow, ...]:
    rows = overview(databases, latest, manifests)
    by_name = {ask.database: ask for ask in asks}
    kept = [
        (by_name[row.name], row.version, _facts(database, row, latest))
        for database, row in zip(databases, rows, strict=True)
        if row.name in by_name
    ]
    catalogue.databases.answered(kept)
    return rows


def _facts(database: RegisteredDatabase, row: DatabaseRow, latest: SchemaVersion) -> Mapping[str, Any]:
    """What isn't kept is where the database is."""
    facts = {name: value for name, value in asdict(row).items() if name not in ("name", "labels", "version")}
    problems = [asdict(placeless(database, problem)) for problem in row.problems]
    return {**facts, "latest": str(latest), "problems": problems}
