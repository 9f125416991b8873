"""A run: plan, lock, plan again, then one migration after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..connection.connection import Connection, refusals
from ..connection.lock import lock_connection, runner_lock
from ..connection.monitor import Monitor
from ..connection.session import Session, step_session
from ..errors import CommitUnknownError
from ..events import Listener
from ..manifest import Direction, Manifest
from ..options import Address, Options
from ..planning.planning import Action, Plan
from ..planning.state import State
from ..prechecks.prechecks import find, refuse_in_use, refuse_loss
from ..prechecks.privileges import refuse_unprivileged
from ..report import Report
from ..tracking.journal import Journal, begin_run, end_run
from ..tracking.tracking import read_state
from ..tracking.tracking_tables import make_tables
from .execution import run_migration
from .run_context import Task, Workplace

_RECONNECTIONS = 3
_Ran: TypeAlias = tuple[str, Direction]


@dataclass(frozen=True, slots=True)
class Errand:
    """What is wanted of a run, where, how patiently, and who listens. ``allow_data_loss``: it may do what
    can't be taken back."""

    manifest: Manifest
    address: Address
    options: Options
    listener: Listener
    allow_data_loss: bool = False


def run(errand: Errand, plan_for: Callable[[State], Plan]) -> Report:
    """Do what ``plan_for`` makes of the database's state, under the lock. Raises a RunnerError."""
    started, listener = time.monotonic(), errand.listener
    with contextlib.closing(_connect(errand)) as connection:
        with refusals():
            before = read_state(connection, errand.manifest.schema_name)
        plan = plan_for(before)
        if plan.is_settled:
            listener("ahead" if plan.is_ahead else "up_to_date", version=plan.version)
            return _report(before, plan, (), started)
        done: list[_Ran] = []
        for attempt in range(_RECONNECTIONS + 1):
            try:
                plan = _run_locked(errand, connection if attempt == 0 else _connect(errand), plan_for, done)
                break
            except CommitUnknownError:
                if attempt == _RECONNECTIONS:
                    raise
                listener("commit_unknown")
    report = _report(before, plan, tuple(name for name, _ in dict.fromkeys(done)), started)
    listener(
        "finished",
        version=report.version,
        migrations=len(report.migrations),
        duration_ms=report.duration_ms,
    )
    return report


def _connect(errand: Errand) -> Connection:
    return lock_connection(errand.address, errand.options, errand.listener)


def _run_locked(
    errand: Errand, connection: Connection, plan_for: Callable[[State], Plan], done: list[_Ran]
) -> Plan:
    manifest = errand.manifest
    how = (errand.options, manifest.schema_name, errand.listener)
    with (
        refusals(),
        runner_lock(connection, *how) as lock,
        step_session(errand.address, *how) as session,
    ):
        # Another runner may have done some of it, or all, while this one waited for the lock.
        state = read_state(session.connection, manifest.schema_name)
        plan = plan_for(state)
        if plan.is_settled:
            return plan
        if plan.actions:
            _refuse_early(errand, session, plan)
        if not state.initialised:
            make_tables(session)
        session.write(begin_run(session.connection, manifest, state.version, plan.version))
        if plan.actions:
            with Monitor(
                errand.address, errand.options, session.application_name, errand.listener
            ) as monitor:
                place = Workplace(
                    session=session,
                    lock=lock,
                    options=errand.options,
                    listener=errand.listener,
                    monitor=monitor,
                )
                _run_actions(errand, place, state, plan.actions, done)
        session.write(end_run(session.connection, manifest, plan.version))
    return plan


def _run_actions(
    errand: Errand,
    place: Workplace,
    state: State,
    actions: Iterable[Action],
    done: list[_Ran],
) -> None:
    for action in actions:
        done.append(
            (action.migration.id, action.direction)
        )  # before it runs: the answer to COMMIT may be lost
        if action.direction == "down":
            # Rows that came in since, and what the ways back before this one have written.
            _refuse_by_data(errand, place.session, [action])
        run_migration(place, _task(errand.manifest, state, action))


def _task(manifest: Manifest, state: State, action: Action) -> Task:
    record = state.records.get(action.migration.id)
    was_tried = record is not None and record.status in ("running", "retried", "failed")
    attempt = record.attempt + 1 if record and was_tried else 1
    journal = Journal(
        manifest=manifest, action=action, attempt=attempt, was_tried=was_tried or action.resumes
    )
    return Task(action=action, journal=journal)


def _refuse_early(errand: Errand, session: Session, plan: Plan) -> None:
    refuse_unprivileged(session, plan.actions)
    _refuse_by_data(errand, session, plan.actions)


def _refuse_by_data(errand: Errand, session: Session, actions: Sequence[Action]) -> None:
    found = find(session, actions)
    refuse_in_use(found)
    refuse_loss(found, allowed=errand.allow_data_loss)


def _report(state: State, plan: Plan, migrations: tuple[str, ...], started: float) -> Report:
    return Report(
        version_before=state.version,
        version=plan.version,
        migrations=migrations,
        duration_ms=round((time.monotonic() - started) * 1000, 1),
    )
