"""Long work that is asked for, done by one process at a time, and kept with every event."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

import sqlalchemy as sa

from schemas.errors import Problem

from ..errors import RunStateError, UnknownRunError
from .access import Writer, add_audit
from .deliveries import Announcement, Deliveries, in_utc
from .engine import catalog_errors
from .run_events import RunEvent, add_event, events_after

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ACTIVE: Final[tuple[RunState, ...]] = ("queued", "running")
ENDED_BADLY: Final[tuple[RunState, ...]] = ("failed", "cancelled")
_WAITING: Final = {"state": "queued", "worker": None}
_TIMES = ("created_at", "started_at", "finished_at")
#: What a run is given to be begun anew.
AFRESH: Final[Mapping[str, Any]] = {
    "state": "queued",
    "cancel_asked": False,
    "attempt": 0,
    "started_at": None,
    "finished_at": None,
    "worker": None,
    "outcome": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """What every kind of run has. ``attempt`` counts how often it was begun; ``outcome`` is a result, or has
    ``problems``."""

    id: str
    state: RunState
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    attempt: int
    cancel_asked: bool
    outcome: Mapping[str, Any] | None

    @property
    def is_over(self) -> bool:
        return self.state not in ACTIVE


R = TypeVar("R", bound=Queued)


class RunQueue(ABC, Generic[R]):
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    _table: ClassVar[sa.Table]
    #: How messages call one, and where it is shown.
    _noun: ClassVar[str] = "run"
    _listed: ClassVar[str] = "`schema-service runs`, or GET /runs, lists them"
    _shown: ClassVar[str] = "schema-service run show"

    def __init__(self, engine: sa.Engine, schema_name: str, deliveries: Deliveries) -> None:
        self._engine = engine
        self._name = schema_name
        self._deliveries = deliveries

    @staticmethod
    @abstractmethod
    def _record(facts: dict[str, Any]) -> R:
        """A row as a value. Times and the outcome are read already."""

    def find(self, run_id: str) -> R:
        """Raises UnknownRunError."""
        with catalog_errors(), self._engine.connect() as connection:
            row = (
                connection.execute(sa.select(self._table).where(*self._one(run_id))).mappings().one_or_none()
            )
        if row is None:
            raise UnknownRunError(self._no_such_run(run_id))
        return self._run(row)

    def active(self) -> tuple[R, ...]:
        """Those that are queued or running, in the order in which they are to be done."""
        query = sa.select(self._table).where(self._mine, self._table.c.state.in_(ACTIVE))
        return self._read(query.order_by(self._table.c.created_at, self._table.c.id))

    def begin(self, run_id: str, worker: str) -> R | None:
        """Take up a run, also one that somebody left; None if it is over by now. For its only
        worker."""
        now = sa.literal(datetime.now(UTC), self._table.c.started_at.type)
        values = {
            "state": "running",
            "worker": worker,
            "attempt": self._table.c.attempt + 1,
            "started_at": sa.func.coalesce(self._table.c.started_at, now),
        }
        with catalog_errors(), self._engine.begin() as connection:
            if not self._changed(connection, run_id, ACTIVE, values):
                return None
            row = connection.execute(sa.select(self._table).where(*self._one(run_id))).mappings().one()
            self._note(
                connection, run_id, {"event": "run_started", "attempt": row["attempt"], "worker": worker}
            )
        return self._run(row)

    def give_back(self, run: R, why: str) -> None:
        """Let another worker go on with a run, unless one has taken it over already."""
        with catalog_errors(), self._engine.begin() as connection:
            if self._changed(connection, run.id, ("running",), _WAITING, attempt=run.attempt):
                self._note(connection, run.id, {"event": "run_queued", "reason": why})

    def finish(
        self,
        run: R,
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
                self._ended(connection, run, state, outcome)
                if announcement is not None:
                    self._deliveries.add(connection, announcement)

    def cancel(self, run_id: str, by: Writer) -> R:
        """End a run that waits; ask the process that works on another one to stop. Raises RunStateError for
        one that is over."""
        self.find(run_id)
        with catalog_errors(), self._engine.begin() as connection:
            if not self.cancel_in(connection, run_id, by):
                raise RunStateError(self._not_cancelled(run_id))
        return self.find(run_id)

    def cancel_in(self, connection: sa.Connection, run_id: str, by: Writer) -> bool:
        """The same, in the transaction of ``connection``; False for one that is over."""
        ended = {"state": "cancelled", "finished_at": datetime.now(UTC), "cancel_asked": True}
        if self._changed(connection, run_id, ("queued",), ended):
            self._note(connection, run_id, {"event": "run_finished", "state": "cancelled"})
        elif not self._changed(
            connection, run_id, ("running",), {"cancel_asked": True}, also=self._stoppable
        ):
            return False
        add_audit(connection, self._name, by, f"{self._noun} {run_id}: cancel")
        return True

    def is_cancel_asked(self, run_id: str) -> bool:
        return self.find(run_id).cancel_asked

    def is_to_stop(self, run: R) -> bool:
        """Whether who has begun ``run`` has to stop: somebody asks for it, or another worker has it now."""
        now = self.find(run.id)
        return now.cancel_asked or now.attempt != run.attempt

    def retry(self, run_id: str, by: Writer) -> R:
        """Queue a run again that failed or was cancelled: it goes on where it stopped. Raises RunStateError
        for any other."""
        self.find(run_id)
        with catalog_errors(), self._engine.begin() as connection:
            if not self.retry_in(connection, run_id, by):
                raise RunStateError(self._not_failed(run_id))
        return self.find(run_id)

    def retry_in(self, connection: sa.Connection, run_id: str, by: Writer) -> bool:
        """The same, in the transaction of ``connection``; False for any other."""
        if not self._changed(connection, run_id, ENDED_BADLY, self._afresh(connection, run_id)):
            return False
        self._note(connection, run_id, {"event": "run_queued", "by": by.who})
        add_audit(connection, self._name, by, f"{self._noun} {run_id}: retry")
        return True

    def note(self, run: R, event: Mapping[str, Any]) -> bool:
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

    def _afresh(self, _connection: sa.Connection, _run_id: str, /) -> Mapping[str, Any]:
        """What a run is given to be begun anew."""
        return AFRESH

    def _ended(self, connection: sa.Connection, run: R, state: RunState, outcome: Mapping[str, Any]) -> None:
        """What else is kept of a run that is over."""

    def _changed(
        self,
        connection: sa.Connection,
        run_id: str,
        states: tuple[RunState, ...],
        values: Mapping[str, Any],
        *,
        attempt: int | None = None,
        also: Sequence[sa.ColumnElement[bool]] = (),
    ) -> bool:
        """Whether the run was in one of ``states``, in its ``attempt``, and as ``also`` says; its row is
        locked then."""
        this = [*self._one(run_id), self._table.c.state.in_(states), *also]
        if attempt is not None:
            this.append(self._table.c.attempt == attempt)
        return connection.execute(self._table.update().where(*this).values(dict(values))).rowcount == 1

    def _note(self, connection: sa.Connection, run_id: str, event: Mapping[str, Any]) -> None:
        """For who has changed the run's row in this transaction, which locks it."""
        add_event(connection, self._name, run_id, event)

    def _read(self, query: sa.Select[Any]) -> tuple[R, ...]:
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(self._run(row) for row in connection.execute(query).mappings())

    def _one(self, run_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        return self._mine, self._table.c.id == run_id

    @property
    def _stoppable(self) -> Sequence[sa.ColumnElement[bool]]:
        """What has to hold of one that is worked on, for it to be cancelled."""
        return ()

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return self._table.c.schema_name == self._name

    def _run(self, row: Any) -> R:
        facts: dict[str, Any] = {name: value for name, value in row.items() if name != "schema_name"}
        for name in _TIMES:
            facts[name] = in_utc(facts[name]) if facts[name] is not None else None
        facts["outcome"] = json.loads(facts["outcome"]) if facts["outcome"] is not None else None
        return self._record(facts)

    def _no_such_run(self, run_id: str) -> Problem:
        return Problem(
            code="no-such-run", message=f"there is no {self._noun} {run_id[:40]!r}", fix=self._listed
        )

    def _not_cancelled(self, run_id: str) -> Problem:
        """Why one that was found couldn't be cancelled."""
        return Problem(
            code="run-is-over",
            message=f"{self._noun} {run_id} is over, so there is nothing to cancel",
            fix=f"see how it ended: {self._shown} {run_id}",
        )

    def _not_failed(self, run_id: str) -> Problem:
        return Problem(
            code="run-not-failed",
            message=f"{self._noun} {run_id} has neither failed nor been cancelled, "
            "so there is nothing to try again",
            fix=f"see how it is: {self._shown} {run_id}",
        )
