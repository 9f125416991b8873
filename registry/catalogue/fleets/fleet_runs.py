"""Fleet runs: kept, and taken further by whoever looks, one at a time. Each database has a run of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ...errors import RunStateError, UnknownRunError
from .. import tables
from ..access import Writer, add_audit
from ..deliveries import Announcement, Deliveries, in_utc
from ..engine import catalog_errors
from ..facts.events import withdrawal_of
from ..run_events import RunEvent, add_event, events_after
from ..runs import NewRun, Runs
from .records import AT_WORK, ENDED_BADLY, OPEN, FleetRun, Member, MemberState, NewFleetRun
from .schedule import Step, counts, next_step

_FLEETS, _MEMBERS, _RUNS = tables.fleet_runs, tables.fleet_members, tables.runs
_STARTED = "started"
#: What others are told where a fleet run stops or ends: ``fleet.paused`` or ``fleet.finished``.
Announce = Callable[[str, FleetRun, Mapping[str, Any]], Announcement]


class FleetRuns:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str, runs: Runs, deliveries: Deliveries) -> None:
        self._engine = engine
        self._name = schema_name
        self._runs = runs
        self._deliveries = deliveries

    def add(self, new: NewFleetRun, by: Writer) -> FleetRun:
        """Begin a fleet run. Raises RunStateError where one with the label isn't over."""
        facts = {
            name: getattr(new, name) for name in NewFleetRun.__slots__ if name not in ("waves", "target")
        }
        row = {
            "schema_name": self._name,
            "id": uuid4().hex[:12],
            "target": str(new.target),
            "state": "running",
            "created_at": datetime.now(UTC),
            "created_by": by.who,
            "cancel_asked": False,
        }
        fleet_id = str(row["id"])
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_FLEETS.insert().values(**facts, **row))
            self._refuse_second(connection, fleet_id, new.label)
            members = [
                {"schema_name": self._name, "fleet": fleet_id, "database": name, "wave": wave}
                | {"state": "waiting", "told": False, "accepted": False}
                for wave, names in enumerate(new.waves)
                for name in names
            ]
            connection.execute(_MEMBERS.insert(), members)
            self._note(connection, fleet_id, "fleet_started", by=by.who, databases=len(members))
            add_audit(connection, self._name, by, f"fleet run {fleet_id}: {_words(new)}")
        return self.find(fleet_id)

    def find(self, fleet_id: str) -> FleetRun:
        """Raises UnknownRunError."""
        with catalog_errors(), self._engine.connect() as connection:
            return self._find(connection, fleet_id)

    def newest(self, most: int, *, label: str | None = None) -> tuple[FleetRun, ...]:
        """The last ``most``, of all labels or of one, newest first."""
        query = sa.select(_FLEETS).where(_FLEETS.c.schema_name == self._name)
        if label is not None:
            query = query.where(_FLEETS.c.label == label)
        query = query.order_by(_FLEETS.c.created_at.desc(), _FLEETS.c.id).limit(most)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_fleet(row) for row in connection.execute(query).mappings())

    def members(self, fleet_id: str, *, after: str | None = None) -> tuple[Member, ...]:
        """Its databases, in the order in which they are to be done; those that follow the one called
        ``after``. Raises UnknownRunError where that is none of them."""
        with catalog_errors(), self._engine.connect() as connection:
            found = self._members(connection, fleet_id)
        if after is None:
            return found
        names = [member.database for member in found]
        if after not in names:
            raise UnknownRunError(_not_a_member(fleet_id, after))
        return found[names.index(after) + 1 :]

    def counts(self, fleet_id: str) -> dict[str, int]:
        """How many of its databases are in each state."""
        return counts(self.members(fleet_id))

    def events(self, fleet_id: str, *, after: int = 0) -> tuple[RunEvent, ...]:
        """The next events after the one with the number ``after``, in order: some hundreds at once."""
        with catalog_errors(), self._engine.connect() as connection:
            return events_after(connection, self._name, fleet_id, after)

    def advance(self, announce: Announce) -> None:
        """Take each fleet run that isn't over as far as its databases let it: what ended is noted, and what
        may start is queued. Any number of processes may do this at once."""
        for fleet in self._open():
            with catalog_errors(), self._engine.connect() as connection:
                is_idle = self._next_step(connection, fleet, self._members(connection, fleet.id)).is_nothing
            if not is_idle:  # only then a lock is worth it
                with self._changing(fleet.id) as (connection, now):
                    if not now.is_over:
                        members = self._members(connection, fleet.id)
                        step = self._next_step(connection, now, members)
                        self._do(connection, now, members, step, announce)

    def pause(self, fleet_id: str, by: Writer) -> FleetRun:
        """Start no further database; those that are at work go on. Raises RunStateError unless it runs."""
        with self._changing(fleet_id) as (connection, fleet):
            if fleet.state != "running" or fleet.cancel_asked:
                raise RunStateError(_other_state(fleet, "paused", "one that is running"))
            reason = f"{by.who} has paused it"
            self._set(connection, fleet_id, state="paused", reason=reason)
            self._note(connection, fleet_id, "fleet_paused", reason=reason)
            add_audit(connection, self._name, by, f"fleet run {fleet_id}: pause")
        return self.find(fleet_id)

    def resume(self, fleet_id: str, by: Writer) -> FleetRun:
        """Go on. Failures so far don't count any more, nor that the target is withdrawn. Raises RunStateError
        unless it is paused."""
        with self._changing(fleet_id) as (connection, fleet):
            if fleet.state != "paused" or fleet.cancel_asked:
                raise RunStateError(_other_state(fleet, "resumed", "one that is paused"))
            failed = self._in_states(connection, fleet_id, ENDED_BADLY)
            self._set_members(connection, fleet_id, failed, accepted=True)
            self._go_on(connection, fleet, by, "resume")
        return self.find(fleet_id)

    def skip(self, fleet_id: str, database: str, by: Writer) -> FleetRun:
        """Leave out a database that waits, or that failed. Raises RunStateError for any other."""
        with self._changing(fleet_id) as (connection, fleet):
            member = next(
                (each for each in self._members(connection, fleet_id) if each.database == database), None
            )
            if member is None:
                raise UnknownRunError(_not_a_member(fleet_id, database))
            if fleet.is_over or member.state not in ("waiting", *ENDED_BADLY):
                raise RunStateError(_not_to_skip(fleet, member))
            self._set_members(connection, fleet_id, [member], state="skipped", told=True)
            self._note(connection, fleet_id, "database_skipped", database=database, by=by.who)
            add_audit(connection, self._name, by, f"fleet run {fleet_id}: skip {database}")
        return self.find(fleet_id)

    def retry(self, fleet_id: str, by: Writer) -> FleetRun:
        """Let those wait again that failed or were cancelled, and go on, also where it was over. Raises
        RunStateError where there are none."""
        with self._changing(fleet_id) as (connection, fleet):
            again = self._in_states(connection, fleet_id, ENDED_BADLY)
            if not again:
                raise RunStateError(_nothing_failed(fleet_id))
            if fleet.is_over:
                self._refuse_second(connection, fleet_id, fleet.label)
            self._set_members(connection, fleet_id, again, state="waiting", told=False, accepted=False)
            self._go_on(connection, fleet, by, "retry", databases=[each.database for each in again])
        return self.find(fleet_id)

    def cancel(self, fleet_id: str, by: Writer) -> FleetRun:
        """End it: what waits is left out, what is at work is cancelled. Raises RunStateError where it is
        over."""
        with self._changing(fleet_id) as (connection, fleet):
            if fleet.is_over:
                raise RunStateError(_other_state(fleet, "cancelled", "one that isn't over"))
            waiting = self._in_states(connection, fleet_id, ("waiting",))
            self._set_members(connection, fleet_id, waiting, state="cancelled", told=True)
            for member in self._in_states(connection, fleet_id, AT_WORK):
                self._runs.cancel_in(connection, str(member.run), by)
            self._set(connection, fleet_id, cancel_asked=True)
            self._note(connection, fleet_id, "fleet_cancel_asked", by=by.who)
            add_audit(connection, self._name, by, f"fleet run {fleet_id}: cancel")
        return self.find(fleet_id)

    def _next_step(self, connection: sa.Connection, fleet: FleetRun, members: Sequence[Member]) -> Step:
        return next_step(fleet, members, withdrawal_of(connection, self._name, fleet.target))

    def _do(
        self,
        connection: sa.Connection,
        fleet: FleetRun,
        members: Sequence[Member],
        step: Step,
        announce: Announce,
    ) -> None:
        for member in step.ended:
            facts = {"state": member.state, "run": member.run, "problems": list(member.problems)}
            self._note(connection, fleet.id, "database_finished", database=member.database, **facts)
        self._set_members(connection, fleet.id, step.ended, told=True)
        if step.wave is not None and step.wave != fleet.wave:
            size = sum(each.wave == step.wave for each in members)
            self._set(connection, fleet.id, wave=step.wave)
            self._note(connection, fleet.id, "wave_started", wave=step.wave, databases=size)
        for member in step.start:
            self._start(connection, fleet, member)
        for member in step.wait:
            if self._runs.take_back_in(connection, str(member.run)):
                self._set_members(connection, fleet.id, [member], state="waiting")
                self._note(connection, fleet.id, "database_waits", database=member.database)
        numbers = counts(self._members(connection, fleet.id) if step.wait else members)
        if step.pause is not None:
            self._set(connection, fleet.id, state="paused", reason=step.pause)
            self._note(connection, fleet.id, "fleet_paused", reason=step.pause, counts=numbers)
            self._tell(connection, announce("fleet.paused", fleet, {"reason": step.pause, "counts": numbers}))
        if step.over is not None:
            ended = {"state": step.over, "reason": None, "finished_at": datetime.now(UTC)}
            self._set(connection, fleet.id, **ended)
            self._note(connection, fleet.id, "fleet_finished", state=step.over, counts=numbers)
            self._tell(connection, announce("fleet.finished", fleet, {"state": step.over, "counts": numbers}))

    def _start(self, connection: sa.Connection, fleet: FleetRun, member: Member) -> None:
        """A run for the database: the one that it had, where that is tried again."""
        by = Writer(who=fleet.created_by, origin=f"fleet run {fleet.id}")
        run_id = member.run
        if run_id is None:
            new = NewRun(
                database=member.database,
                direction=fleet.direction,
                target=fleet.target,
                dry_run=fleet.dry_run,
                allow_data_loss=fleet.allow_data_loss,
                fleet=fleet.id,
                withdrawn=fleet.withdrawn,
            )
            run_id = self._runs.add_in(connection, new, by)
        else:
            self._runs.retry_in(connection, run_id, by)  # unless somebody has by hand
        self._set_members(connection, fleet.id, [member], state=_STARTED, run=run_id)
        self._note(connection, fleet.id, "database_started", database=member.database, run=run_id)

    def _go_on(self, connection: sa.Connection, fleet: FleetRun, by: Writer, how: str, **facts: Any) -> None:
        withdrawal = withdrawal_of(connection, self._name, fleet.target)
        on = {"state": "running", "reason": None, "finished_at": None, "cancel_asked": False}
        on |= {"pause_after_canary": False, "withdrawn": withdrawal.reason if withdrawal else None}
        self._set(connection, fleet.id, **on)
        self._note(connection, fleet.id, "fleet_resumed", by=by.who, how=how, **facts)
        add_audit(connection, self._name, by, f"fleet run {fleet.id}: {how}")

    @contextmanager
    def _changing(self, fleet_id: str) -> Iterator[tuple[sa.Connection, FleetRun]]:
        """A transaction in which nobody else changes it. Raises UnknownRunError."""
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_FLEETS.update().where(*self._one(fleet_id)).values(label=_FLEETS.c.label))
            yield connection, self._find(connection, fleet_id)

    def _open(self) -> tuple[FleetRun, ...]:
        query = sa.select(_FLEETS).where(_FLEETS.c.schema_name == self._name, _FLEETS.c.state.in_(OPEN))
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_FLEETS.c.created_at)).mappings().all()
        return tuple(_fleet(row) for row in rows)

    def _find(self, connection: sa.Connection, fleet_id: str) -> FleetRun:
        row = connection.execute(sa.select(_FLEETS).where(*self._one(fleet_id))).mappings().one_or_none()
        if row is None:
            raise UnknownRunError(_no_such_fleet_run(fleet_id))
        return _fleet(row)

    def _members(self, connection: sa.Connection, fleet_id: str) -> tuple[Member, ...]:
        joined = sa.and_(_RUNS.c.schema_name == _MEMBERS.c.schema_name, _RUNS.c.id == _MEMBERS.c.run)
        query = (
            sa.select(_MEMBERS, _RUNS.c.state.label("run_state"), _RUNS.c.outcome)
            .join_from(_MEMBERS, _RUNS, joined, isouter=True)
            .where(_MEMBERS.c.schema_name == self._name, _MEMBERS.c.fleet == fleet_id)
            .order_by(_MEMBERS.c.wave, _MEMBERS.c.database)
        )
        return tuple(_member(row) for row in connection.execute(query).mappings())

    def _in_states(
        self, connection: sa.Connection, fleet_id: str, states: Sequence[MemberState]
    ) -> list[Member]:
        return [each for each in self._members(connection, fleet_id) if each.state in states]

    def _refuse_second(self, connection: sa.Connection, fleet_id: str, label: str) -> None:
        """Two for one label would wait for each other, or bring its databases to two versions."""
        others = (
            _FLEETS.c.schema_name == self._name,
            _FLEETS.c.label == label,
            _FLEETS.c.id != fleet_id,
            _FLEETS.c.state.in_(OPEN),
        )
        other = connection.scalar(sa.select(_FLEETS.c.id).where(*others).limit(1))
        if other is not None:
            raise RunStateError(_another(label, other))

    def _set(self, connection: sa.Connection, fleet_id: str, **values: Any) -> None:
        connection.execute(_FLEETS.update().where(*self._one(fleet_id)).values(**values))

    def _set_members(
        self, connection: sa.Connection, fleet_id: str, members: Sequence[Member], **values: Any
    ) -> None:
        these = (
            _MEMBERS.c.schema_name == self._name,
            _MEMBERS.c.fleet == fleet_id,
            _MEMBERS.c.database.in_([each.database for each in members]),
        )
        if members:
            connection.execute(_MEMBERS.update().where(*these).values(**values))

    def _note(self, connection: sa.Connection, fleet_id: str, name: str, **facts: Any) -> None:
        add_event(connection, self._name, fleet_id, {"event": name, **facts})

    def _tell(self, connection: sa.Connection, announcement: Announcement) -> None:
        self._deliveries.add(connection, announcement)

    def _one(self, fleet_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        return _FLEETS.c.schema_name == self._name, _FLEETS.c.id == fleet_id


def _fleet(row: Any) -> FleetRun:
    facts: dict[str, Any] = {name: value for name, value in row.items() if name != "schema_name"}
    for name in ("created_at", "finished_at"):
        facts[name] = in_utc(facts[name]) if facts[name] is not None else None
    facts["target"] = SchemaVersion.parse(facts["target"])
    return FleetRun(**facts)


def _member(row: Any) -> Member:
    state = row["run_state"] if row["state"] == _STARTED else row["state"]
    outcome = json.loads(row["outcome"]) if row["outcome"] is not None and state == "failed" else {}
    return Member(
        database=row["database"],
        wave=row["wave"],
        state=state,
        run=row["run"],
        told=row["told"],
        accepted=row["accepted"],
        problems=tuple(outcome.get("problems", ())),
    )


def _words(new: NewFleetRun) -> str:
    flags = ["--down"] * (new.direction == "down") + ["--dry-run"] * new.dry_run
    flags += ["--allow-data-loss"] * new.allow_data_loss
    return " ".join(["migrate", "--label", new.label, "--to", str(new.target), *flags])


def _no_such_fleet_run(fleet_id: str) -> Problem:
    return Problem(
        code="no-such-fleet-run",
        message=f"there is no fleet run {fleet_id[:40]!r}",
        fix="`schema-service fleets`, or GET /fleet-runs, lists them",
    )


def _not_a_member(fleet_id: str, database: str) -> Problem:
    return Problem(
        code="not-in-fleet-run",
        message=f"{database[:60]!r} is not one of the databases of fleet run {fleet_id}",
        fix=f"see which are: schema-service fleet show {fleet_id}",
    )


def _other_state(fleet: FleetRun, word: str, which: str) -> Problem:
    state = "being cancelled" if fleet.cancel_asked and not fleet.is_over else fleet.state
    return Problem(
        code="fleet-run-state",
        message=f"fleet run {fleet.id} is {state}, and only {which} can be {word}",
        fix=f"see how it is: schema-service fleet show {fleet.id}",
    )


def _not_to_skip(fleet: FleetRun, member: Member) -> Problem:
    what = (
        f"fleet run {fleet.id} is {fleet.state}" if fleet.is_over else f"{member.database} is {member.state}"
    )
    return Problem(
        code="fleet-run-state",
        message=f"{what}, and only a database that waits or has failed can be skipped, before the end",
        fix=f"to stop one that runs: schema-service run cancel {member.run or 'ID'}",
    )


def _nothing_failed(fleet_id: str) -> Problem:
    return Problem(
        code="fleet-run-state",
        message=f"no database of fleet run {fleet_id} has failed or been cancelled",
        fix=f"see how each is: schema-service fleet show {fleet_id}",
    )


def _another(label: str, other: str) -> Problem:
    return Problem(
        code="fleet-run-exists",
        message=f"fleet run {other} of the databases with the label {label} isn't over",
        fix=f"wait for it, or end it: schema-service fleet cancel {other}",
    )
