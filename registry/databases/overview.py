"""All registered databases: several are asked at once, and one that doesn't answer is a row, too."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from migrations.runner.manifest import Manifest
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion

from . import database as one
from .manifests import PublishedManifests
from .registered import RegisteredDatabase

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRow:
    """What is known of a database. ``drift`` is None where it can't be told, as between two versions and at a
    draft; ``other_line`` says why no upgrade leads from there to latest; where there are ``problems``,
    nothing else is known."""

    name: str
    labels: tuple[str, ...]
    version: str | None = None
    pending: tuple[str, ...] = ()
    is_between: bool = False
    is_ahead: bool = False
    other_line: str | None = None
    drift: tuple[str, ...] | None = None
    problems: tuple[Problem, ...] = ()


def overview(
    databases: Sequence[RegisteredDatabase], latest: SchemaVersion, manifests: PublishedManifests
) -> tuple[DatabaseRow, ...]:
    """One row for each of ``databases``, compared with ``latest``. Raises what reading its package raises."""
    manifest = manifests.of(latest)

    def row(database: RegisteredDatabase) -> DatabaseRow:
        try:
            return _row(database, manifest, manifests)
        except ServiceError as error:
            return DatabaseRow(name=database.name, labels=database.labels, problems=error.problems)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="database") as pool:
        return tuple(pool.map(row, databases))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseDetail:
    """``target`` is where the last run was going to; ``history`` has JSON objects, oldest first."""

    row: DatabaseRow
    target: str | None
    history: tuple[dict[str, Any], ...]


def detail(
    database: RegisteredDatabase, latest: SchemaVersion, manifests: PublishedManifests
) -> DatabaseDetail:
    """One database, compared with ``latest``. Raises DatabaseError and DatabaseBusyError."""
    manifest = manifests.of(latest)
    return DatabaseDetail(
        row=_row(database, manifest, manifests),
        target=one.state(database, manifest, one.LOOKING).target,
        history=one.history(database, manifest, one.LOOKING),
    )


def _row(database: RegisteredDatabase, latest: Manifest, manifests: PublishedManifests) -> DatabaseRow:
    state = one.state(database, latest, one.LOOKING)
    return DatabaseRow(
        name=database.name,
        labels=database.labels,
        version=state.version,
        pending=state.pending,
        is_between=state.is_between,
        is_ahead=bool(state.unknown) and state.other_line is None,
        other_line=state.other_line,
        drift=_drift(database, state, latest, manifests),
    )


def _drift(
    database: RegisteredDatabase, state: one.DatabaseState, latest: Manifest, manifests: PublishedManifests
) -> tuple[str, ...] | None:
    if state.version is None or state.is_between:
        return None
    known = latest
    if state.version not in latest.versions:
        version = SchemaVersion.parse(state.version, drafts=True)
        if version.is_draft:
            return None
        known = manifests.of(version)
    return one.drift(database, known, one.LOOKING)
