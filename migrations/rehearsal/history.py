"""What the database of each version consists of, found without a rehearsal: for builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

from ..errors import RehearsalError
from ..package.release_state import Release, ReleaseState
from ..scratch.scratch_server import ScratchServer
from .baseline_databases import store_state, stored_state
from .extensions import provide
from .history_runner import HistoryRunError, HistoryRunner, objects_of
from .server import on_rehearsal_server


def history_of(
    releases: Sequence[Release],
    states: Mapping[SchemaVersion, Mapping[str, str]],
    lines: Sequence[VersionLine] = (),
) -> tuple[ReleaseState, ...]:
    """One state for each release, oldest first.

    ``states`` are those of the versions that have migrations. A release without migrations has the state of
    the one before it on its line; a release before the first migration is left out.
    """
    contained = {line.version: line.contains for line in lines}
    history = []
    for release in sorted(releases, key=lambda release: release.version):
        on_line = contained.get(release.version, states)
        reached = [version for version in states if version <= release.version and version in on_line]
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
    migrations: Sequence[Migration],
    releases: Sequence[Release],
    url: str | None,
    folder: Path,
    lines: Sequence[VersionLine] = (),
) -> tuple[ReleaseState, ...]:
    """The states of ``releases``, the same ones that a rehearsal of the last one finds.

    They are read from what earlier rehearsals stored in ``folder``, or else found by applying the migrations
    on the server at ``url`` or on the embedded one. Raises RehearsalError for a migration that fails,
    MigrationSyntaxError, and ScratchServerError for the server.
    """
    runner = HistoryRunner(migrations, lines)
    newest = max([*runner.versions, *(line.version for line in lines)], default=None)
    chains = [] if newest is None else [runner.chain(newest), *runner.taken_chains(newest)]
    states: dict[SchemaVersion, dict[str, str]] = {}
    for version in (version for chain in chains for version in chain):
        stored = stored_state(folder, runner, version) if url is None else None
        if stored is None:
            provide(migrations, url)
            states = on_rehearsal_server(
                url, folder, lambda server, cache: _apply(runner, chains, server, cache)
            )
            break
        states[version] = stored
    return history_of(releases, states, lines)


def _apply(
    runner: HistoryRunner,
    chains: Sequence[Sequence[SchemaVersion]],
    server: ScratchServer,
    cache: Path | None,
) -> dict[SchemaVersion, dict[str, str]]:
    states = {}
    for chain in chains:
        with server.new_database() as database:
            for version in chain:
                try:
                    runner.up(database, version)
                except HistoryRunError as error:
                    raise RehearsalError(error.problem) from None
                states[version] = objects_of(database)
                if cache:
                    store_state(cache, runner, version, states[version])
    return states
