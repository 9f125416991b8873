"""The commands, as functions of a manifest and a database's address. Each raises a RunnerError."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .connection.connection import Connection, connect, refusals
from .connection.lock import lock_connection, runner_lock
from .connection.session import step_session
from .errors import RefusedError
from .events import Listener, silent
from .execution.run import Errand, run
from .manifest import Manifest
from .options import Address, Options
from .planning.planning import NOTHING, Plan, plan_downgrade, plan_upgrade
from .planning.state import State
from .prechecks.prechecks import find
from .report import Forecast, Report, Status, forecast, status_of
from .tracking.journal import adopt, begin_run, end_run
from .tracking.tracking import read_history, read_state
from .tracking.tracking_tables import make_tables
from .verification.baseline import adoption
from .verification.verify import Verification, verification
from .wait import wait_for_version

_READER = "schema-service-read"


def upgrade(
    manifest: Manifest,
    address: Address,
    *,
    to: str | None = None,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Apply what is missing up to version ``to`` (the package's own if None)."""

    def plan_for(state: State) -> Plan:
        return plan_upgrade(manifest, state, to)

    return run(Errand(manifest, address, options or Options(), listener), plan_for)


def downgrade(
    manifest: Manifest,
    address: Address,
    *,
    to: str,
    allow_data_loss: bool = False,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Take back every migration above version ``to``, newest first; ``"none"`` takes back all.

    Refuses before anything is changed where a migration has no way back, where the older version has no place
    for data that is in use, and where data would be lost and ``allow_data_loss`` is not given.
    """

    def plan_for(state: State) -> Plan:
        return plan_downgrade(manifest, state, to)

    errand = Errand(manifest, address, options or Options(), listener, allow_data_loss)
    return run(errand, plan_for)


def retry(
    manifest: Manifest,
    address: Address,
    *,
    allow_data_loss: bool = False,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Take up the last run, which failed or was cut short, and bring it to where it was going."""
    patience = options or Options()
    state = _read(manifest, address, patience, listener)
    unfinished = state.unfinished()
    if not unfinished and (state.digest is not None or not state.initialised):
        raise RefusedError(
            "nothing-failed",
            f"the last run ended well: the database is at {state.version or 'no version'}",
            "run upgrade or downgrade to change that",
        )
    back = any(state.records[name].direction == "down" or state.is_half_reverted(name) for name in unfinished)
    if back:
        return downgrade(
            manifest,
            address,
            to=state.target or NOTHING,
            allow_data_loss=allow_data_loss,
            options=options,
            listener=listener,
        )
    return upgrade(manifest, address, to=state.target, options=options, listener=listener)


def plan(
    manifest: Manifest,
    address: Address,
    *,
    to: str | None = None,
    down: bool = False,
    options: Options | None = None,
    listener: Listener = silent,
) -> Forecast:
    """What ``upgrade`` or, with ``down``, ``downgrade`` would do; nothing is changed, nor any lock taken."""
    patience = options or Options()
    state = _read(manifest, address, patience, listener)
    found = plan_downgrade(manifest, state, to or NOTHING) if down else plan_upgrade(manifest, state, to)
    findings = []
    if any(action.direction == "down" for action in found.actions):
        with (
            refusals(),
            step_session(address, patience, manifest.schema_name, listener, looks_only=True) as session,
        ):
            findings = find(session, found.actions)
    return forecast(state, found, findings)


def status(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> Status:
    """Compare the package with a database. Needs SELECT on the tracking tables and nothing else."""
    return status_of(manifest, _read(manifest, address, options or Options(), listener))


def history(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> list[dict[str, Any]]:
    """Everything that happened to this schema's migrations, oldest first, as JSON objects."""
    with _reading(address, options or Options(), listener) as connection:
        return read_history(connection, manifest.schema_name)


def verify(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> Verification:
    """Compare the live catalogue with the one that the rehearsal of the database's version recorded."""
    with _reading(address, options or Options(), listener) as connection:
        state = read_state(connection, manifest.schema_name)
        return verification(manifest, address, state, connection)


def baseline(
    manifest: Manifest,
    address: Address,
    *,
    to: str | None = None,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Adopt a database that something else has made: record its version, and run nothing.

    Without ``to`` the version is found: by Prisma Migrate's own table, or by what the database consists of.
    Refuses with every difference where it is none of the package's versions.
    """
    patience = options or Options()
    how = (patience, manifest.schema_name, listener)
    with (
        refusals(),
        runner_lock(lock_connection(address, patience, listener), *how),
        step_session(address, *how) as session,
    ):
        connection = session.connection
        state = read_state(connection, manifest.schema_name)
        adopted = adoption(manifest, address, state, connection, to)
        make_tables(session)
        entries = [
            adopt(connection, manifest, adopted.migrations),
            begin_run(connection, manifest, adopted.version, adopted.version),
        ]
        if len(adopted.migrations) == len(manifest.up_to(adopted.version)):
            entries.append(end_run(connection, manifest, adopted.version))
        session.write(*entries)
    names = tuple(migration.id for migration in adopted.migrations)
    listener("baselined", version=adopted.version, migrations=len(names))
    return Report(version_before=None, version=adopted.version, migrations=names, duration_ms=0)


def wait(
    manifest: Manifest,
    address: Address,
    *,
    seconds: float = 300,
    options: Options | None = None,
    listener: Listener = silent,
) -> str | None:
    """Return the database's version once it is at the package's, or at one that is compatible with it."""
    return wait_for_version(manifest, address, options or Options(), seconds, listener)


def _read(manifest: Manifest, address: Address, options: Options, listener: Listener) -> State:
    with _reading(address, options, listener) as connection:
        return read_state(connection, manifest.schema_name)


@contextlib.contextmanager
def _reading(address: Address, options: Options, listener: Listener) -> Iterator[Connection]:
    with contextlib.closing(connect(address, options, _READER, listener)) as connection, refusals():
        yield connection
