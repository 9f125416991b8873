"""What every version consists of, read without rehearsing any: for builds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from schemas.migration import Migration
from schemas.versions import SchemaVersion

from .errors import RehearsalError
from .lineage import store_state, stored_state
from .released import Release, ReleasedState
from .shadow import ScratchServer
from .stage import Stage, StageError, objects_of


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
    migrations: Sequence[Migration],
    releases: Sequence[Release],
    open_server: Callable[[], AbstractContextManager[ScratchServer]],
    cache: Path | None,
) -> tuple[ReleasedState, ...]:
    """The states of ``releases``: what an earlier rehearsal stored in ``cache``, or found on a server.

    It is the same, byte for byte, as a rehearsal finds. Raises RehearsalError for a migration that fails.
    """
    stage = Stage(migrations)
    versions = stage.versions
    states: dict[SchemaVersion, dict[str, str]] = {}
    for count, version in enumerate(versions, start=1):
        stored = stored_state(cache, stage, versions[:count]) if cache else None
        if stored is None:
            return history_of(releases, _made(stage, open_server, cache))
        states[version] = stored
    return history_of(releases, states)


def _made(
    stage: Stage, open_server: Callable[[], AbstractContextManager[ScratchServer]], cache: Path | None
) -> dict[SchemaVersion, dict[str, str]]:
    states = {}
    with open_server() as server, server.new_database() as database:
        for count, version in enumerate(stage.versions, start=1):
            try:
                stage.up(database, version)
            except StageError as error:
                raise RehearsalError(error.problem) from None
            states[version] = objects_of(database)
            if cache:
                store_state(cache, stage, stage.versions[:count], states[version])
    return states
