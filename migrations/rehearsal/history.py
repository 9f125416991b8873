"""What every version consists of, read without rehearsing any: for builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..errors import RehearsalError
from ..package.release_state import Release, ReleasedState
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import store_state, stored_state
from .history_runner import Stage, StageError, objects_of
from .server import on_rehearsal_server


def history_of(
    releases: Sequence[Release], states: Mapping[SchemaVersion, Mapping[str, str]]
) -> tuple[ReleasedState, ...]:
    """One state a release, oldest first. ``states`` are of the versions that have migrations; a release
    without any consists of what the one before it does, and one before all migrations of nothing."""
    history = []
    for release in sorted(releases, key=lambda release: release.version):
        reached = [version for version in states if version <= release.version]
        if reached:
            history.append(
                ReleasedState(
                    version=release.version,
                    schema_digest=release.schema_digest,
                    objects=states[max(reached)],
                )
            )
    return tuple(history)


def read_history(
    migrations: Sequence[Migration], releases: Sequence[Release], url: str | None, folder: Path
) -> tuple[ReleasedState, ...]:
    """The states of ``releases``, the same that a rehearsal of the last one finds.

    They are read from what earlier rehearsals stored in ``folder``, or else found by applying the migrations
    on the server at ``url`` or the embedded one. Raises RehearsalError for a migration that fails,
    MigrationSyntaxError, and ScratchServerError for the server.
    """
    stage = Stage(migrations)
    states: dict[SchemaVersion, dict[str, str]] = {}
    for version in stage.versions:
        stored = stored_state(folder, stage, version) if url is None else None
        if stored is None:
            found = on_rehearsal_server(url, folder, lambda server, cache: _apply(stage, server, cache))
            return history_of(releases, found)
        states[version] = stored
    return history_of(releases, states)


def _apply(stage: Stage, server: ScratchServer, cache: Path | None) -> dict[SchemaVersion, dict[str, str]]:
    states = {}
    with server.new_database() as database:
        for version in stage.versions:
            try:
                stage.up(database, version)
            except StageError as error:
                raise RehearsalError(error.problem) from None
            states[version] = objects_of(database)
            if cache:
                store_state(cache, stage, version, states[version])
    return states
