"""The commands, as functions of a manifest and a database's address. Each raises a RunnerError."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg

from .connection.clients import Users, connected_clients, is_broken_by
from .connection.connection import Connection, connect, refusals
from .connection.lock import lock_connection, runner_lock
from .connection.session import Session, step_session
from .errors import RefusedError, RunnerError, TryAgainError
from .events import Listener, silent
from .execution.run import RunRequest, run
from .manifest import Manifest
from .options import Address, Options
from .planning.drafts import refuse_draft, refuse_other_draft
from .planning.history_checks import refuse_unknown
from .planning.next_commands import add_next_commands
from .planning.planning import NOTHING, Plan, plan_downgrade, plan_upgrade, version_index
from .planning.state import State
from .prechecks.data_checks import Answers, has_checks, run_checks
from .prechecks.dependents import dependents, has_altered
from .prechecks.existing_indexes import changed_indexes, has_indexes, indexes_in_the_way
from .prechecks.taken_names import taken_names
from .report import Forecast, Report, Status, forecast, status_of
from .semver import precedence
from .tracking.journal import begin_run, end_run, record_baseline, record_resolved
from .tracking.tracking import read_history, read_state
from .tracking.tracking_tables import make_tables
from .verification.baseline import find_baseline
from .verification.resolution import find_resolution
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
        return _allowed(request, plan_upgrade(manifest, state, to))

    request = RunRequest(manifest, address, options or Options(), listener, is_upgrade=True)
    with _naming_next_commands(manifest, address, request.options):
        return run(request, plan_for)


def downgrade(
    manifest: Manifest,
    address: Address,
    *,
    to: str,
    allow_data_loss: bool = False,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Undo every migration above version ``to``, newest first; ``"none"`` undoes all.

    Refuses before anything is changed if a migration has no down.sql, if the older version can't hold data
    that is in use, or if data would be lost and ``allow_data_loss`` is not given.
    """

    def plan_for(state: State) -> Plan:
        return _allowed(request, plan_downgrade(manifest, state, to))

    request = RunRequest(manifest, address, options or Options(), listener, allow_data_loss)
    with _naming_next_commands(manifest, address, request.options):
        return run(request, plan_for)


def retry(
    manifest: Manifest,
    address: Address,
    *,
    allow_data_loss: bool = False,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Continue the last run, which failed or was interrupted, to the version it was going to."""
    options = options or Options()
    state = _read(manifest, address, options, listener)
    unfinished = state.unfinished()
    if not unfinished and (state.digest is not None or not state.initialised):
        raise RefusedError(
            "nothing-failed",
            f"the last run succeeded: the database is at {state.version or 'no version'}",
            "run upgrade or downgrade to change that",
        )
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    if state.target not in (None, *manifest.versions):
        raise RefusedError(
            "ahead",
            f"the last run was going to {state.target}, which this package ({manifest.version}) doesn't know",
            f"install {manifest.package} of version {state.target}, then run retry; or stay, with: upgrade",
        )
    if any(_was_going_back(state, name) for name in unfinished):
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
    """What ``upgrade`` or, with ``down``, ``downgrade`` would do; nothing is changed and no lock taken."""
    options = options or Options()
    state = _read(manifest, address, options, listener)
    with _naming_next_commands(manifest, address, options):
        found = plan_downgrade(manifest, state, to or NOTHING) if down else plan_upgrade(manifest, state, to)
    answers, taken = Answers(), list[str]()
    if any(asks(found.actions) for asks in (has_checks, has_indexes, has_altered)):
        with (
            refusals(address),
            step_session(address, options, manifest.schema_name, listener, read_only=True) as session,
        ):
            answers = run_checks(session, found.actions)
            others = dependents(session, manifest, state, found.actions)
            answers.unchecked += others.unchecked
            taken = [
                *taken_names(session, found.actions),
                *indexes_in_the_way(session, manifest, state, found.actions),
                *changed_indexes(session, manifest, state, found.actions),
                *others.refused,
            ]
    return forecast(state, found, answers, taken)


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


def users(
    manifest: Manifest,
    address: Address,
    *,
    below: str | None = None,
    broken_by: str | None = None,
    options: Options | None = None,
    listener: Listener = silent,
) -> Users:
    """Who is connected now: of the clients those older than ``below``, and those that work no more on a
    database at ``broken_by``, one of the package's versions."""
    if broken_by is not None:
        version_index(manifest, broken_by)

    def is_wanted(version: str) -> bool:
        return (below is None or precedence(version) < precedence(below)) and (
            broken_by is None or is_broken_by(manifest, broken_by, version)
        )

    with _reading(address, options or Options(), listener) as connection:
        return connected_clients(connection, manifest, is_wanted)


def verify(
    manifest: Manifest, address: Address, *, options: Options | None = None, listener: Listener = silent
) -> Verification:
    """Compare the database's objects with those that the rehearsal of its version recorded."""
    options = options or Options()
    with (
        _naming_next_commands(manifest, address, options),
        _reading(address, options, listener) as connection,
    ):
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
    """Adopt a database that was created by other means: record its version, and run nothing.

    Without ``to`` the version is detected: from Prisma Migrate's own table, or from the database's objects.
    Refuses, with every difference, if the database matches none of the package's versions.
    """
    with _locked_session(manifest, address, options or Options(), listener) as session:
        connection = session.connection
        state = read_state(connection, manifest.schema_name)
        found = find_baseline(manifest, address, state, connection, to)
        make_tables(session)
        entries = [
            record_baseline(connection, manifest, found.migrations),
            begin_run(connection, manifest, found.version, found.version),
        ]
        if len(found.migrations) == len(manifest.up_to(found.version)):
            entries.append(end_run(connection, manifest, found.version))
        session.write(*entries)
    names = tuple(migration.id for migration in found.migrations)
    listener("baselined", version=found.version, migrations=len(names))
    return Report(version_before=None, version=found.version, migrations=names, duration_ms=0)


def resolve(
    manifest: Manifest,
    address: Address,
    *,
    to: str,
    options: Options | None = None,
    listener: Listener = silent,
) -> Report:
    """Record that a tracked database is at version ``to``, where it was brought by other means; run nothing.

    Refuses, with every difference, unless the database's objects are those of that version as rehearsed.
    """
    with _locked_session(manifest, address, options or Options(), listener) as session:
        connection = session.connection
        state = read_state(connection, manifest.schema_name)
        found = find_resolution(manifest, address, state, connection, to)
        session.write(
            record_resolved(connection, manifest, found.applied, found.undone),
            end_run(connection, manifest, to),
        )
    for migration, what in found.rows_written:
        listener("not_checked", migration=migration, what=what, reason="objects are compared, not rows")
    listener("resolved", version=to)
    names = tuple(migration.id for migration in (*found.applied, *found.undone))
    return Report(version_before=state.version, version=to, migrations=names, duration_ms=0)


def wait(
    manifest: Manifest,
    address: Address,
    *,
    seconds: float = 300,
    options: Options | None = None,
    listener: Listener = silent,
) -> str | None:
    """Wait until the database is at the package's version or a compatible one, and return it."""
    return wait_for_version(manifest, address, options or Options(), seconds, listener)


@contextlib.contextmanager
def _locked_session(
    manifest: Manifest, address: Address, options: Options, listener: Listener
) -> Iterator[Session]:
    """A session for what is recorded without running anything, under the lock."""
    refuse_draft(manifest, is_allowed=options.allow_draft)
    how = (options, manifest.schema_name, listener)
    with (
        _naming_next_commands(manifest, address, options),
        refusals(address),
        runner_lock(lock_connection(address, options, listener), *how),
        step_session(address, *how) as session,
    ):
        yield session


@contextlib.contextmanager
def _naming_next_commands(manifest: Manifest, address: Address, options: Options) -> Iterator[None]:
    """Whatever stops a command: if it leaves the database between versions, say how to go on from there."""
    try:
        yield
    except (RefusedError, TryAgainError) as error:
        with contextlib.suppress(RunnerError, psycopg.Error):
            add_next_commands(
                error, manifest, _read(manifest, address, replace(options, database_wait=0), silent)
            )
        raise


def _allowed(request: RunRequest, plan: Plan) -> Plan:
    """The plan, unless it is a draft's that changes a database where that isn't allowed."""
    if not plan.is_settled:
        refuse_draft(request.manifest, is_allowed=request.options.allow_draft)
    return plan


def _was_going_back(state: State, migration: str) -> bool:
    record = state.records[migration]
    # The first batches of a backfill are only in the journal.
    return record.direction == "down" or (record.status == "success" and state.is_half_reverted(migration))


def _read(manifest: Manifest, address: Address, options: Options, listener: Listener) -> State:
    with _reading(address, options, listener) as connection:
        return read_state(connection, manifest.schema_name)


@contextlib.contextmanager
def _reading(address: Address, options: Options, listener: Listener) -> Iterator[Connection]:
    with contextlib.closing(connect(address, options, _READER, listener)) as connection, refusals(address):
        yield connection
