"""Migration runs: asked for, worked on by one process at a time, and kept with every event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, TypeGuard
from uuid import uuid4

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from . import tables
from .access import Writer, add_audit
from .engine import catalog_errors
from .facts.events import Event, withdrawal_of
from .last_known import keep, keep_run_end
from .process_lock import held_alone
from .run_events import add_event
from .run_queue import AFRESH, Queued, RunQueue, RunState

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is asked for. ``database`` is a registered one's name. ``withdrawn`` is why nobody should use the
    target, as whoever asks has been told."""

    database: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    fleet: str | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Queued):
    """Of one database. ``fleet`` is the fleet run that it belongs to."""

    database: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    fleet: str | None
    withdrawn: str | None


class _Asked(Protocol):
    @property
    def dry_run(self) -> bool: ...
    @property
    def withdrawn(self) -> str | None: ...


def is_news(withdrawal: Event | None, asked: _Asked) -> TypeGuard[Event]:
    """Whether a target was withdrawn, and nobody has said since that it is meant all the same. A dry run
    changes nothing."""
    return withdrawal is not None and not asked.dry_run and withdrawal.reason != asked.withdrawn


class Runs(RunQueue[Run]):
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    _table = tables.runs

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
        connection.execute(self._table.insert().values(**facts, **row))
        if not new.dry_run:
            keep(connection, self._name, new.database, target=str(new.target), run=run_id)
        add_event(connection, self._name, run_id, {"event": "run_queued", "by": by.who})
        add_audit(connection, self._name, by, f"run {run_id}: {_words(new)}")
        return run_id

    def take_back_in(self, connection: sa.Connection, run_id: str) -> bool:
        """End a run that no worker has begun yet, in the transaction of ``connection``; False for another."""
        ended = {"state": "cancelled", "finished_at": datetime.now(UTC)}
        if not self._changed(connection, run_id, ("queued",), ended, attempt=0):
            return False
        self._note(connection, run_id, {"event": "run_finished", "state": "cancelled"})
        return True

    def newest(self, most: int, *, database: str | None = None) -> tuple[Run, ...]:
        """The last ``most`` of all databases or of one, newest first."""
        query = sa.select(self._table).where(self._mine)
        if database is not None:
            query = query.where(self._table.c.database == database)
        return self._read(query.order_by(self._table.c.created_at.desc(), self._table.c.id).limit(most))

    @contextmanager
    def only_worker(self, database: str) -> Iterator[bool]:
        """Hold the right to work on a database's runs until the block ends; False if a process has it. One
        that dies has it no more."""
        with held_alone(self._engine.url, f"schema-service runs {self._name} {database}") as is_ours:
            yield is_ours

    def _afresh(self, connection: sa.Connection, run_id: str, /) -> Mapping[str, Any]:
        target = connection.scalar(sa.select(self._table.c.target).where(*self._one(run_id)))
        if target is None:
            return AFRESH
        withdrawal = withdrawal_of(connection, self._name, SchemaVersion.parse(target))
        return {**AFRESH, "withdrawn": withdrawal.reason if withdrawal else None}

    def _ended(
        self, connection: sa.Connection, run: Run, state: RunState, outcome: Mapping[str, Any]
    ) -> None:
        if not run.dry_run:
            version = outcome["version"] if state == "succeeded" else None
            keep_run_end(connection, self._name, run.database, version)

    @staticmethod
    def _record(facts: dict[str, Any]) -> Run:
        return Run(**{**facts, "target": SchemaVersion.parse(facts["target"])})


def _words(new: NewRun) -> str:
    flags = ["--down"] * (new.direction == "down") + ["--dry-run"] * new.dry_run
    flags += ["--allow-data-loss"] * new.allow_data_loss
    return " ".join(["migrate", new.database, "--to", str(new.target), *flags])
