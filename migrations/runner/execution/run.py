"""A run: plan, lock, plan again, then one migration after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..connection.connection import Connection, refusals
from ..connection.lock import lock_connection, runner_lock
from ..connection.monitor import Monitor
from ..connection.session import Session, step_session
from ..errors import CommitUnknownError
from ..events import Listener
from ..manifest import Direction, Manifest
from ..options import Address, Options
from ..planning.action import Action
from ..planning.planning import Plan
from ..planning.state import State
from ..prechecks.data_checks import Answers, deferred_checks, put_off_checks, run_checks, run_put_off
from ..prechecks.dependents import dependents
from ..prechecks.existing_indexes import changed_indexes, indexes_in_the_way
from ..prechecks.privileges import refuse_unprivileged
from ..prechecks.refusals import refuse_by_data
from ..prechecks.taken_names import taken_names
from ..report import Report
from ..tracking.journal import Journal, begin_run, end_run, settle
from ..tracking.tracking import read_state
from ..tracking.tracking_tables import make_tables
from ..verification.baseline import refuse_made_by_prisma
from .execution import run_migration
from .run_context import MigrationAttempt, RunContext

_RECONNECTIONS = 3
_LATER = "what runs before it changes these rows: it is asked when its turn comes"
_Ran: TypeAlias = tuple[str, Direction]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, where, and with which options. ``allow_data_loss``: a downgrade may destroy data."""

    manifest: Manifest
    address: Address
    options: Options
    listener: Listener
    allow_data_loss: bool = False
    is_upgrade: bool = False


def run(request: RunRequest, plan_for: Callable[[State], Plan]) -> Report:
    """Do what ``plan_for`` makes of the database's state, under the lock. Raises a RunnerError."""
    started, listener = time.monotonic(), request.listener
    with contextlib.closing(_connect(request)) as connection:
        with refusals(request.address):
            before = read_state(connection, request.manifest.schema_name)
        plan = plan_for(before)
        if plan.is_settled:
            listener("ahead" if plan.is_ahead else "up_to_date", version=plan.version)
            return _report(before, plan, (), started)
        done: list[_Ran] = []
        for attempt in range(_RECONNECTIONS + 1):
            try:
                plan = _run_locked(request, connection if attempt == 0 else _connect(request), plan_for, done)
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


def _connect(request: RunRequest) -> Connection:
    return lock_connection(request.address, request.options, request.listener)


def _run_locked(
    request: RunRequest, connection: Connection, plan_for: Callable[[State], Plan], done: list[_Ran]
) -> Plan:
    manifest = request.manifest
    how = (request.options, manifest.schema_name, request.listener)
    with (
        refusals(request.address),
        runner_lock(connection, *how) as lock,
        step_session(request.address, *how) as session,
    ):
        # Another runner may have done some of it, or all, while this one waited for the lock.
        state = read_state(session.connection, manifest.schema_name)
        plan = plan_for(state)
        if plan.is_settled:
            return plan
        if plan.actions:
            if state.is_empty:
                refuse_made_by_prisma(manifest, request.address, session)
            _refuse_early(request, session, state, plan)
        if not state.initialised:
            make_tables(session)
        session.write(begin_run(session.connection, manifest, state.version, plan.version))
        if plan.actions:
            with Monitor(
                request.address, request.options, session.application_name, request.listener
            ) as monitor:
                context = RunContext(
                    session=session,
                    lock=lock,
                    options=request.options,
                    listener=request.listener,
                    monitor=monitor,
                )
                _run_actions(request, context, state, plan.actions, done)
        session.write(*_settled(session.connection, manifest, state, plan))
    return plan


def _settled(connection: Connection, manifest: Manifest, state: State, plan: Plan) -> list[str]:
    """SQL: the run has ended, and with it what earlier runs tried and left nothing of."""
    ran = {action.migration.id for action in plan.actions}
    tried = [m for m in manifest.migrations if m.id in state.harmless_failures() and m.id not in ran]
    applied = [m for m in tried if state.is_applied(m.id)]
    others = [m for m in tried if not state.is_applied(m.id)]
    statements = [settle(connection, manifest, applied, others), end_run(connection, manifest, plan.version)]
    return [statement for statement in statements if statement]


def _run_actions(
    request: RunRequest,
    context: RunContext,
    state: State,
    actions: Sequence[Action],
    done: list[_Ran],
) -> None:
    back = (action.migration for action in actions if action.direction == "down" and action.undoes is None)
    newest = next(back, None)
    waiting = put_off_checks(actions)
    for number, action in enumerate(actions, 1):
        if action.direction == "down":
            # Check again for rows that were inserted since, or written by the downgrades before this one.
            undone = [migration for migration, direction in done if direction == "down"]
            _refuse_by_data(request, run_checks(context.session, [action], newest), done=undone)
        elif number - 1 in waiting:
            # What could not be asked before the run, because migrations before this one change its tables.
            answers = run_put_off(context.session, action, waiting[number - 1])
            _refuse_by_data(request, answers, done=[each.migration.id for each in actions[: number - 1]])
            _tell_unchecked(request, answers)
        # Before it runs: the answer to COMMIT may be lost.
        done.append((action.migration.id, action.direction))
        attempt = _migration_attempt(request.manifest, state, action)
        run_migration(context, replace(attempt, number=number, migrations=len(actions)))


def _migration_attempt(manifest: Manifest, state: State, action: Action) -> MigrationAttempt:
    record = state.records.get(action.migration.id)
    was_tried = record is not None and record.status in ("running", "retried", "failed")
    attempt = record.attempt + 1 if record and was_tried else 1
    journal = Journal(
        manifest=manifest,
        action=action,
        attempt=attempt,
        was_tried=was_tried or action.resumes or action.undoes is not None,
    )
    return MigrationAttempt(action=action, journal=journal)


def _refuse_early(request: RunRequest, session: Session, state: State, plan: Plan) -> None:
    refuse_unprivileged(session, plan.actions)
    answers = run_checks(session, plan.actions)
    taken = [
        *taken_names(session, plan.actions),
        *indexes_in_the_way(session, request.manifest, state, plan.actions),
    ]
    changed = changed_indexes(session, request.manifest, state, plan.actions)
    others = dependents(session, request.manifest, state, plan.actions)
    answers.unchecked += others.unchecked
    is_down = plan.actions[0].direction == "down"
    _refuse_by_data(request, answers, taken=taken, changed=changed, dependent=others.refused, is_down=is_down)
    _tell_unchecked(request, answers)
    for migration, what in deferred_checks(plan.actions):
        request.listener("not_checked", migration=migration, what=what, reason=_LATER)


def _refuse_by_data(
    request: RunRequest,
    answers: Answers,
    *,
    taken: Sequence[str] = (),
    changed: Sequence[str] = (),
    dependent: Sequence[str] = (),
    done: Sequence[str] = (),
    is_down: bool = False,
) -> None:
    refuse_by_data(
        answers.findings,
        allow_data_loss=request.allow_data_loss,
        is_upgrade=request.is_upgrade,
        is_down=is_down,
        taken=taken,
        changed=changed,
        dependent=dependent,
        done=done,
    )


def _tell_unchecked(request: RunRequest, answers: Answers) -> None:
    for each in answers.unchecked:
        request.listener("not_checked", migration=each.migration, what=each.what, reason=each.reason)


def _report(state: State, plan: Plan, migrations: tuple[str, ...], started: float) -> Report:
    return Report(
        version_before=state.version,
        version=plan.version,
        migrations=migrations,
        duration_ms=round((time.monotonic() - started) * 1000, 1),
    )
