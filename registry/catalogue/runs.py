"""Migration runs: asked for, worked on by one process at a time, and kept with every event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import uuid4

import sqlalchemy as sa

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import RunStateError, UnknownRunError
from . import tables
from .access import Writer, add_audit
from .deliveries import Announcement, Deliveries, in_utc
from .engine import catalog_errors
from .last_known import keep, keep_run_end
from .process_lock import held_alone
from .run_events import RunEvent, add_event, events_after

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Direction = Literal["up", "down"]
ACTIVE: Final[tuple[RunState, ...]] = ("queued", "running")
_ENDED_BADLY: Final[tuple[RunState, ...]] = ("failed", "cancelled")
_WAITING: Final = {"state": "queued", "worker": None}
_TABLE = tables.runs


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is asked for. ``database`` is a registered one's name."""

    database: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    fleet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``attempt`` counts how often it was begun; ``outcome`` is a result, or has ``problems``; ``fleet`` is
    the fleet run that it belongs to."""

    id: str
    database: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    state: RunState
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    attempt: int
    cancel_asked: bool
    outcome: Mapping[str, Any] | None
    fleet: str | None

    @property
    def is_over(self) -> bool:
        return self.state not in ACTIVE


class Runs:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str, deliveries: Deliveries) -> None:
        self._engine = engine
        self._name = schema_name
        self._deliveries = deliveries

    def add(self, new: NewRun, by: Writer) -> Run:
        """Queue a run."""
        with catalog_errors(), self._engine.begin() as connection:
            run_id = self.add_in(connection, new, by)
        return self.find(run_id)

    def add_in(self, connection: sa.Connection, new: NewRun, by: Writer) -> str:
        """The same, in the transaction of ``connection``; returns the run's id."""
        run_id = uuid4().hex[:12]
        facts = {name: getattr(new, name) for name in NewRun.__slots__ if name != "target"}
        row = {
            "schema_name": self._name,
            "id": run_id,
            "target": str(new.target),
            "state": "queued",
            "created_at": datetime.now(UTC),
            "created_by": by.who,
            "attempt": 0,
            "cancel_asked": False,
        }
        connection.execute(_TABLE.insert().values(**facts, **row))
        if not new.dry_run:
            keep(connection, self._name, new.database, target=str(new.target), run=run_id)
        add_event(connection, self._name, run_id, {"event": "run_queued", "by": by.who})
        add_audit(connection, self._name, by, f"run {run_id}: {_words(new)}")
        return run_id

    def find(self, run_id: str) -> Run:
        """Raises UnknownRunError."""
        with catalog_errors(), self._engine.connect() as connection:
            row = connection.execute(sa.select(_TABLE).where(*self._one(run_id))).mappings().one_or_none()
        if row is None:
            raise UnknownRunError(_no_such_run(run_id))
        return _run(row)

    def newest(self, most: int, *, database: str | None = None) -> tuple[Run, ...]:
        """The last ``most`` of all databases or of one, newest first."""
        query = sa.select(_TABLE).where(self._mine)
        if database is not None:
            query = query.where(_TABLE.c.database == database)
        return self._read(query.order_by(_TABLE.c.created_at.desc(), _TABLE.c.id).limit(most))

    def active(self) -> tuple[Run, ...]:
        """Those that are queued or running, in the order in which they are to be done."""
        query = sa.select(_TABLE).where(self._mine, _TABLE.c.state.in_(ACTIVE))
        return self._read(query.order_by(_TABLE.c.created_at, _TABLE.c.id))

    @contextmanager
    def only_worker(self, database: str) -> Iterator[bool]:
        """Hold the right to work on a database's runs until the block ends; False if a process has it. One
        that dies has it no more."""
        with held_alone(self._engine.url, f"schema-service runs {self._name} {database}") as is_ours:
            yield is_ours

    def begin(self, run_id: str, worker: str) -> Run | None:
        """Take up a run, also one that somebody left; None if it is over by now. For its only
        worker."""
        now = sa.literal(datetime.now(UTC), _TABLE.c.started_at.type)
        values = {
            "state": "running",
            "worker": worker,
            "attempt": _TABLE.c.attempt + 1,
            "started_at": sa.func.coalesce(_TABLE.c.started_at, now),
        }
        with catalog_errors(), self._engine.begin() as connection:
            if not self._changed(connection, run_id, ACTIVE, values):
                return None
            row = connection.execute(sa.select(_TABLE).where(*self._one(run_id))).mappings().one()
            self._note(
                connection, run_id, {"event": "run_started", "attempt": row["attempt"], "worker": worker}
            )
        return _run(row)

    def give_back(self, run: Run, why: str) -> None:
        """Let another worker go on with a run, unless one has taken it over already."""
        with catalog_errors(), self._engine.begin() as connection:
            if self._changed(connection, run.id, ("running",), _WAITING, attempt=run.attempt):
                self._note(connection, run.id, {"event": "run_queued", "reason": why})

    def finish(
        self,
        run: Run,
        state: RunState,
        outcome: Mapping[str, Any],
        announcement: Announcement | None = None,
    ) -> None:
        """A run is over, and others are told of it, in one transaction. Nothing happens where another worker
        has taken it over: what that finds in the database decides."""
        values = {"state": state, "finished_at": datetime.now(UTC), "outcome": json.dumps(dict(outcome))}
        with catalog_errors(), self._engine.begin() as connection:
            if self._changed(connection, run.id, ("running",), values, attempt=run.attempt):
                self._note(connection, run.id, {"event": "run_finished", "state": state, **outcome})
                if not run.dry_run:
                    version = outcome["version"] if state == "succeeded" else None
                    keep_run_end(connection, self._name, run.database, version)
                if announcement is not None:
                    self._deliveries.add(connection, announcement)

    def cancel(self, run_id: str, by: Writer) -> Run:
        """End a run that waits; ask the process that works on another one to stop. Raises RunStateError for
        one that is over."""
        self.find(run_id)
        with catalog_errors(), self._engine.begin() as connection:
            if not self.cancel_in(connection, run_id, by):
                raise RunStateError(_is_over(run_id))
        return self.find(run_id)

    def cancel_in(self, connection: sa.Connection, run_id: str, by: Writer) -> bool:
        """The same, in the transaction of ``connection``; False for one that is over."""
        ended = {"state": "cancelled", "finished_at": datetime.now(UTC), "cancel_asked": True}
        if self._changed(connection, run_id, ("queued",), ended):
            self._note(connection, run_id, {"event": "run_finished", "state": "cancelled"})
        elif not self._changed(connection, run_id, ("running",), {"cancel_asked": True}):
            return False
        add_audit(connection, self._name, by, f"run {run_id}: cancel")
        return True

    def is_cancel_asked(self, run_id: str) -> bool:
        return self.find(run_id).cancel_asked

    def is_to_stop(self, run: Run) -> bool:
        """Whether who has begun ``run`` has to stop: somebody asks for it, or another worker has it now."""
        now = self.find(run.id)
        return now.cancel_asked or now.attempt != run.attempt

    def retry(self, run_id: str, by: Writer) -> Run:
        """Queue a run again that failed or was cancelled: it goes on where it stopped. Raises RunStateError
        for any other."""
        self.find(run_id)
        with catalog_errors(), self._engine.begin() as connection:
            if not self.retry_in(connection, run_id, by):
                raise RunStateError(_not_failed(run_id))
        return self.find(run_id)

    def retry_in(self, connection: sa.Connection, run_id: str, by: Writer) -> bool:
        """The same, in the transaction of ``connection``; False for any other."""
        begun_anew = {"cancel_asked": False, "attempt": 0, "started_at": None, "finished_at": None}
        values = {**_WAITING, **begun_anew, "outcome": None}
        if not self._changed(connection, run_id, _ENDED_BADLY, values):
            return False
        self._note(connection, run_id, {"event": "run_queued", "by": by.who})
        add_audit(connection, self._name, by, f"run {run_id}: retry")
        return True

    def note(self, run: Run, event: Mapping[str, Any]) -> bool:
        """Add an event, which has JSON values; False where another worker has taken the run over."""
        with catalog_errors(), self._engine.begin() as connection:
            is_ours = self._changed(
                connection, run.id, ("running",), {"worker": run.worker}, attempt=run.attempt
            )
            if is_ours:
                self._note(connection, run.id, event)
        return is_ours

    def events(self, run_id: str, *, after: int = 0) -> tuple[RunEvent, ...]:
        """The next events after the one with the number ``after``, in order: some hundreds at once."""
        with catalog_errors(), self._engine.connect() as connection:
            return events_after(connection, self._name, run_id, after)

    def _changed(
        self,
        connection: sa.Connection,
        run_id: str,
        states: tuple[RunState, ...],
        values: Mapping[str, Any],
        *,
        attempt: int | None = None,
    ) -> bool:
        """Whether the run was in one of ``states``, and in its ``attempt``; its row is locked then."""
        this = [*self._one(run_id), _TABLE.c.state.in_(states)]
        if attempt is not None:
            this.append(_TABLE.c.attempt == attempt)
        return connection.execute(_TABLE.update().where(*this).values(dict(values))).rowcount == 1

    def _note(self, connection: sa.Connection, run_id: str, event: Mapping[str, Any]) -> None:
        """For who has changed the run's row in this transaction, which locks it."""
        add_event(connection, self._name, run_id, event)

    def _read(self, query: sa.Select[Any]) -> tuple[Run, ...]:
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_run(row) for row in connection.execute(query).mappings())

    def _one(self, run_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        return self._mine, _TABLE.c.id == run_id

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name


def _run(row: Any) -> Run:
    facts: dict[str, Any] = {name: value for name, value in row.items() if name != "schema_name"}
    for name in ("created_at", "started_at", "finished_at"):
        facts[name] = in_utc(facts[name]) if facts[name] is not None else None
    facts["target"] = SchemaVersion.parse(facts["target"])
    facts["outcome"] = json.loads(facts["outcome"]) if facts["outcome"] is not None else None
    return Run(**facts)


def _words(new: NewRun) -> str:
    flags = ["--down"] * (new.direction == "down") + ["--dry-run"] * new.dry_run
    flags += ["--allow-data-loss"] * new.allow_data_loss
    return " ".join(["migrate", new.database, "--to", str(new.target), *flags])


def _no_such_run(run_id: str) -> Problem:
    return Problem(
        code="no-such-run",
        message=f"there is no run {run_id[:40]!r}",
        fix="`schema-service runs`, or GET /runs, lists them",
    )


def _is_over(run_id: str) -> Problem:
    return Problem(
        code="run-is-over",
        message=f"run {run_id} is over, so there is nothing to cancel",
        fix=f"see how it ended: schema-service run show {run_id}",
    )


def _not_failed(run_id: str) -> Problem:
    return Problem(
        code="run-not-failed",
        message=f"run {run_id} has neither failed nor been cancelled, so there is nothing to try again",
        fix=f"see how it is: schema-service run show {run_id}",
    )
