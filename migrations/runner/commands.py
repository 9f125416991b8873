"""The commands, as functions of a manifest and a database's address."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from .connection import connect, refusals
from .events import Listener, silent
from .execution import Workplace, run_migration
from .journal import Journal, set_version
from .lock import runner_lock
from .manifest import Manifest
from .options import Address, Options
from .planning import Plan, plan_downgrade, plan_upgrade
from .report import Report, Status, status_of
from .session import step_session
from .state import State
from .tracking import make_tables, read_history, read_state

_READER = "schema-service-read"


def upgrade(
    manifest: Manifest,
    address: Address,
    *,
    to: str | None = None,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Apply what is missing up to version ``to`` (the package's own if None).

    Raises a RunnerError: UsageError, RefusedError, MigrationFailedError or TryAgainError.
    """

    def plan(state: State) -> Plan:
        return plan_upgrade(manifest, state, to)

    return _run(manifest, address, plan, options or Options(), listener)


def downgrade(
    manifest: Manifest,
    address: Address,
    *,
    to: str,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Take back every migration above version ``to``, newest first; ``"none"`` takes back all.

    Refuses before anything is changed where a migration has no way back. Raises a RunnerError.
    """

    def plan(state: State) -> Plan:
        return plan_downgrade(manifest, state, to)

    return _run(manifest, address, plan, options or Options(), listener)


def status(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> Status:
    """Compare the package with a database. Needs SELECT on the tracking tables and nothing else."""
    return status_of(manifest, _read(manifest, address, options or Options(), listener))


def history(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> list[dict[str, Any]]:
    """Everything that happened to this schema's migrations, oldest first, as JSON objects."""
    patience = options or Options()
    with contextlib.closing(connect(address, patience, _READER, listener)) as connection, refusals():
        return read_history(connection, manifest.schema_name)


def _read(manifest: Manifest, address: Address, options: Options, listener: Listener) -> State:
    with contextlib.closing(connect(address, options, _READER, listener)) as connection, refusals():
        return read_state(connection, manifest.schema_name)


def _run(
    manifest: Manifest,
    address: Address,
    plan_for: Callable[[State], Plan],
    options: Options,
    listener: Listener,
) -> Report:
    started = time.monotonic()
    state = _read(manifest, address, options, listener)
    plan = plan_for(state)
    if not plan.actions and state.initialised and state.version == plan.version:
        listener("up_to_date", version=plan.version)
        return _report(state, plan, started)
    with (
        refusals(),
        runner_lock(address, options, manifest.schema_name, listener) as lock,
        step_session(address, options, manifest.schema_name, listener) as session,
    ):
        # Another runner may have done some of it, or all, while this one waited for the lock.
        state = read_state(session.connection, manifest.schema_name)
        if not state.initialised:
            make_tables(session.connection)
        plan = plan_for(state)
        if plan.actions:
            set_version(session.connection, manifest, state.version, plan.version)
        place = Workplace(session=session, lock=lock, options=options, listener=listener)
        for action in plan.actions:
            record = state.records.get(action.migration.id)
            attempt = record.attempt + 1 if record else 1
            run_migration(
                place, Journal(manifest=manifest, action=action, attempt=attempt, target=plan.version)
            )
        set_version(session.connection, manifest, plan.version, plan.version)
    report = _report(state, plan, started)
    listener(
        "finished",
        version=report.version,
        migrations=len(report.migrations),
        duration_ms=report.duration_ms,
    )
    return report


def _report(state: State, plan: Plan, started: float) -> Report:
    return Report(
        version_before=state.version,
        version=plan.version,
        migrations=tuple(action.migration.id for action in plan.actions),
        duration_ms=round((time.monotonic() - started) * 1000, 1),
    )
