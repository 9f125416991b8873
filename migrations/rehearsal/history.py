"""What the database of each version consists of, found without a rehearsal: for builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..errors import RehearsalError
from ..package.release_state import Release, ReleaseState
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import store_state, stored_state
from .extensions import provide
from .history_runner import HistoryRunError, HistoryRunner, objects_of
from .server import on_rehearsal_server


def history_of(
    releases: Sequence[Release], states: Mapping[SchemaVersion, Mapping[str, str]]
) -> tuple[ReleaseState, ...]:
    """One state for each release, oldest first.

    ``states`` are those of the versions that have migrations. A release without migrations has the state of
    the one before it; a release before the first migration is left out.
    """
    history = []
    for release in sorted(releases, key=lambda release: release.version):
        reached = [version for version in states if version <= release.version]
        if reached:
            history.append(
                ReleaseState(
                    version=release.version,
                    schema_digest=release.schema_digest,
                    objects=states[max(reached)],
                )
            )
    return tuple(history)


def read_history(
    migrations: Sequence[Migration], releases: Sequence[Release], url: str | None, folder: Path
) -> tuple[ReleaseState, ...]:
    """The states of ``releases``, the same ones that a rehearsal of the last one finds.

    They are read from what earlier rehearsals stored in ``folder``, or else found by applying the migrations
    on the server at ``url`` or on the embedded one. Raises RehearsalError for a migration that fails,
    MigrationSyntaxError, and ScratchServerError for the server.
    """
    runner = HistoryRunner(migrations)
    states: dict[SchemaVersion, dict[str, str]] = {}
    for version in runner.versions:
        stored = stored_state(folder, runner, version) if url is None else None
        if stored is None:
            provide(migrations, url)
            found = on_rehearsal_server(url, folder, lambda server, cache: _apply(runner, server, cache))
            return history_of(releases, found)
        states[version] = stored
    return history_of(releases, states)


def _apply(
    runner: HistoryRunner, server: ScratchServer, cache: Path | None
) -> dict[SchemaVersion, dict[str, str]]:
    states = {}
    with server.new_database() as database:
        for version in runner.versions:
            try:
                runner.up(database, version)
            except HistoryRunError as error:
                raise RehearsalError(error.problem) from None
            states[version] = objects_of(database)
            if cache:
                store_state(cache, runner, version, states[version])
    return states
