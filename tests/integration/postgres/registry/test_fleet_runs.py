"""Fleet runs as the state database has them, on SQLite and on Postgres: canary, waves, limits, and what
people do to them. The workers are played by the tests."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import PendingRollbackError

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Announcement, Catalogue
from registry.catalogue.access import Writer
from registry.catalogue.engine import catalog_errors
from registry.catalogue.facts.events import RESTORED, WITHDRAWN, NewEvent
from registry.catalogue.fleets.fleet_runs import FleetRuns
from registry.catalogue.fleets.records import FleetRun, NewFleetRun
from registry.catalogue.runs import Run
from registry.databases.registered import RegisteredDatabase
from registry.databases.whereabouts import whereabouts
from registry.errors import CatalogueError, RunStateError, UnknownRunError
from schemas.versions import SchemaVersion

_BY = Writer(who="ops", origin="here")
_TARGET = SchemaVersion(1, 1, 0)
_LABELS = (f"label-{number}" for number in itertools.count())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def catalogue(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    root: Path = tmp_path_factory.mktemp("fleets")
    if request.param == "sqlite":
        opened = Catalogue.open("sqlite:///state.db", root=root, schema_name="reviews")
        yield opened
        opened.close()
        return
    server: ScratchServer = request.getfixturevalue("scratch_server")
    with server.new_database() as dsn:
        opened = Catalogue.open(dsn, root=root, schema_name="reviews")
        yield opened
        opened.close()


class Fleet:
    """A fleet run of a label of its own, and the hands of its workers."""

    def __init__(self, catalogue: Catalogue, *waves: str, **options: Any) -> None:
        """``waves`` are names separated by blanks, those of the canary first."""
        self.catalogue = catalogue
        self.fleets: FleetRuns = catalogue.fleets
        self.label = next(_LABELS)
        self.told: list[tuple[str, Any]] = []
        asked: dict[str, Any] = {
            "concurrency": 2,
            "stop_after": 1,
            "pause_after_canary": False,
            "dry_run": False,
        }
        asked |= options
        self.new = NewFleetRun(
            label=self.label,
            direction="up",
            target=_TARGET,
            allow_data_loss=False,
            waves=tuple(tuple(self.name(each) for each in wave.split()) for wave in waves),
            **asked,
        )
        self.id = self.fleets.add(self.new, _BY).id

    def name(self, database: str) -> str:
        return f"{self.label}-{database}"

    def _announce(self, event: str, fleet: FleetRun, facts: Any) -> Announcement:
        if fleet.id == self.id:
            self.told.append((event, facts.get("reason") or facts.get("state")))
        return Announcement(event="run.failed", version=_TARGET, body={}, channels=())

    def look(self) -> None:
        self.fleets.advance(self._announce)

    @property
    def now(self) -> FleetRun:
        return self.fleets.find(self.id)

    def states(self) -> dict[str, str]:
        """Of each database, by the rest of its name."""
        return {
            each.database.removeprefix(f"{self.label}-"): each.state for each in self.fleets.members(self.id)
        }

    def are(self, state: str) -> str:
        return " ".join(name for name, found in self.states().items() if found == state)

    def run_of(self, database: str) -> Run:
        member = next(each for each in self.fleets.members(self.id) if each.database == self.name(database))
        return self.catalogue.runs.find(str(member.run))

    def end(self, databases: str, state: Any = "succeeded") -> None:
        """Do the runs of these databases, and look."""
        for database in databases.split():
            begun = self.catalogue.runs.begin(self.run_of(database).id, "worker")
            assert begun is not None
            problem = {"code": "x", "message": f"{database} is poisoned", "fix": "-"}
            outcome = {"version": "1.1.0"} if state == "succeeded" else {"problems": [problem]}
            self.catalogue.runs.finish(begun, state, outcome)
        self.look()

    def events(self) -> list[str]:
        return [each.event["event"] for each in self.fleets.events(self.id)]


def test_the_canary_comes_first_and_then_wave_after_wave(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "a", "b c d", "e")
    fleet.look()
    fleet.look()
    assert (fleet.are("queued"), fleet.now.wave) == ("a", 0)
    fleet.end("a")
    assert (fleet.are("queued"), fleet.now.wave) == ("b c", 1)
    fleet.end("b")
    assert fleet.are("queued") == "c d"
    fleet.end("d")
    assert fleet.are("queued") == "c", "the next wave waits for all of this one"
    fleet.end("c")
    fleet.end("e")
    assert (fleet.now.state, fleet.now.is_over) == ("succeeded", True)
    assert fleet.told == [("fleet.finished", "succeeded")]
    assert fleet.events().count("database_started") == fleet.events().count("database_finished") == 5
    assert fleet.events()[-1] == "fleet_finished"
    runs = [run for run in catalogue.runs.newest(1000) if run.fleet == fleet.id]
    assert len(runs) == len({run.database for run in runs}) == 5


def test_a_canary_that_fails_stops_the_others_and_is_tried_again(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "a", "b", stop_after=9)
    fleet.look()
    fleet.end("a", "failed")
    assert fleet.now.state == "paused"
    assert fleet.now.reason == f"the canary did not succeed: {fleet.name('a')}"
    assert fleet.told == [("fleet.paused", fleet.now.reason)]
    assert fleet.fleets.members(fleet.id)[0].problems[0]["message"] == "a is poisoned"
    first = fleet.run_of("a").id
    fleet.fleets.retry(fleet.id, _BY)
    assert fleet.states() == {"a": "waiting", "b": "waiting"}
    fleet.look()
    assert fleet.run_of("a").id == first
    fleet.end("a")
    fleet.end("b")
    assert fleet.now.state == "succeeded"


def test_so_many_failures_stop_it_and_resume_lets_them_be(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "", "a b c d e", stop_after=2)
    fleet.look()
    fleet.end("a", "failed")
    assert fleet.now.state == "running"
    fleet.end("b", "failed")
    assert fleet.now.state == "paused"
    assert fleet.name("b") in str(fleet.now.reason)
    fleet.end("c")  # what was at work goes on
    assert fleet.are("waiting") == "d e"
    fleet.fleets.resume(fleet.id, _BY)
    fleet.look()
    assert fleet.are("queued") == "d e"
    fleet.end("d", "failed")
    assert fleet.now.state == "running", "one of two, since it was resumed"
    fleet.fleets.skip(fleet.id, fleet.name("a"), _BY)
    fleet.end("e")
    assert fleet.now.state == "failed"
    assert fleet.states() == {
        "a": "skipped",
        "b": "failed",
        "c": "succeeded",
        "d": "failed",
        "e": "succeeded",
    }
    fleet.fleets.retry(fleet.id, _BY)
    fleet.look()
    fleet.end("b d")
    assert (fleet.now.state, fleet.are("succeeded")) == ("succeeded", "b c d e")


def test_it_pauses_after_the_canary_where_that_is_asked_for(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "a", "b", pause_after_canary=True)
    fleet.look()
    fleet.end("a")
    assert fleet.now.state == "paused"
    fleet.look()
    assert fleet.are("waiting") == "b"
    fleet.fleets.resume(fleet.id, _BY)
    fleet.look()
    assert fleet.are("queued") == "b"
    fleet.end("b")
    assert fleet.now.state == "succeeded"


def test_people_pause_skip_and_cancel(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "", "a b c d")
    fleet.look()
    fleet.fleets.pause(fleet.id, _BY)
    fleet.end("a")
    assert (fleet.are("queued"), fleet.are("waiting")) == ("b", "c d")
    for refused in (
        lambda: fleet.fleets.pause(fleet.id, _BY),
        lambda: fleet.fleets.retry(fleet.id, _BY),
        lambda: fleet.fleets.skip(fleet.id, fleet.name("a"), _BY),
        lambda: fleet.fleets.skip(fleet.id, fleet.name("b"), _BY),
        lambda: fleet.fleets.add(fleet.new, _BY),
    ):
        with pytest.raises(RunStateError):
            refused()
    with pytest.raises(UnknownRunError):
        fleet.fleets.skip(fleet.id, "stranger", _BY)
    fleet.fleets.skip(fleet.id, fleet.name("c"), _BY)
    fleet.fleets.resume(fleet.id, _BY)
    fleet.look()
    begun = catalogue.runs.begin(fleet.run_of("b").id, "worker")
    assert begun is not None
    fleet.fleets.cancel(fleet.id, _BY)
    fleet.look()
    assert fleet.now.state == "running", "b is at work"
    assert catalogue.runs.is_to_stop(begun)
    catalogue.runs.finish(begun, "cancelled", {"problems": []})
    fleet.look()
    assert fleet.now.state == "cancelled"
    assert fleet.states() == {"a": "succeeded", "b": "cancelled", "c": "skipped", "d": "cancelled"}
    with pytest.raises(RunStateError):
        fleet.fleets.cancel(fleet.id, _BY)
    fleet.fleets.retry(fleet.id, _BY)
    fleet.look()
    fleet.end("b d")
    assert fleet.now.state == "succeeded"
    entries = reversed(catalogue.access.audit(1000))
    log = [entry.what for entry in entries if f"fleet run {fleet.id}" in entry.what]
    assert [what.split(": ")[1].split()[0] for what in log] == [
        "migrate",
        "pause",
        "skip",
        "resume",
        "cancel",
        "retry",
    ]
    assert {entry.who for entry in catalogue.access.audit(1000)} == {"ops"}


def test_workers_that_look_at_once_start_each_database_once(catalogue: Catalogue) -> None:
    names = [f"d{number:02}" for number in range(12)]
    fleet = Fleet(catalogue, "", " ".join(names), concurrency=5)
    with ThreadPoolExecutor(8) as pool:
        while not fleet.now.is_over:
            list(pool.map(lambda _: fleet.look(), range(8)))
            at_work = fleet.are("queued").split()
            assert len(at_work) <= 5
            for each in at_work[:3]:
                fleet.end(each)
    runs = [run for run in catalogue.runs.newest(1000) if run.fleet == fleet.id]
    assert sorted(run.database for run in runs) == [fleet.name(name) for name in names]
    assert [fleet.events().count(each) for each in ("database_started", "database_finished")] == [12, 12]
    assert fleet.events().count("fleet_finished") == 1


def test_a_target_that_is_withdrawn_pauses_the_fleet_run_until_somebody_decides(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "a b", "c", concurrency=2)
    other = Fleet(catalogue, "a", dry_run=True)
    fleet.look()
    begun = catalogue.runs.begin(fleet.run_of("a").id, "worker")
    assert begun is not None
    withdrawn(catalogue, "loses rows")
    fleet.look()
    reason = fleet.now.reason or ""
    assert (fleet.now.state, other.now.state) == ("paused", "running"), "a dry run changes nothing"
    for said in ("1.1.0", "ops", "loses rows", f"fleet resume {fleet.id}", f"fleet cancel {fleet.id}"):
        assert said in reason
    assert fleet.told == [("fleet.paused", reason)]
    assert (fleet.are("running"), fleet.are("waiting")) == ("a", "b c"), (
        "what no worker has begun waits again"
    )
    assert catalogue.runs.begin(fleet.run_of("b").id, "worker") is None
    catalogue.runs.finish(begun, "succeeded", {"version": "1.1.0"})
    fleet.look()
    assert (fleet.now.state, fleet.now.withdrawn) == ("paused", None)
    fleet.fleets.resume(fleet.id, _BY)
    fleet.end("")
    assert (fleet.are("queued"), fleet.now.withdrawn) == ("b", "loses rows")
    withdrawn(catalogue, "loses columns, too")
    fleet.look()
    assert "loses columns, too" in (fleet.now.reason or "")
    restored(catalogue)
    fleet.fleets.resume(fleet.id, _BY)
    fleet.look()
    fleet.end("b")
    fleet.end("c")
    assert (fleet.now.state, fleet.now.withdrawn) == ("succeeded", None)
    other.fleets.cancel(other.id, _BY)


def withdrawn(catalogue: Catalogue, reason: str) -> None:
    new = NewEvent(event=WITHDRAWN, version=_TARGET, details={"reason": reason})
    catalogue.events.adopt([new], latest=None, by="ops")


def restored(catalogue: Catalogue) -> None:
    catalogue.events.adopt([NewEvent(event=RESTORED, version=_TARGET)], latest=None, by="ops")


def test_what_a_worker_that_lost_its_run_says_does_not_count(catalogue: Catalogue) -> None:
    """Postgres was restarted, and with it went the lock: a second worker has begun the run again."""
    fleet = Fleet(catalogue, "", "a")
    fleet.look()
    runs = catalogue.runs
    first = runs.begin(fleet.run_of("a").id, "one")
    second = runs.begin(fleet.run_of("a").id, "two")
    assert first is not None
    assert second is not None
    assert (runs.is_to_stop(first), runs.is_to_stop(second)) == (True, False)
    assert not runs.note(first, {"event": "progress"})
    runs.give_back(first, "-")
    runs.finish(first, "failed", {"problems": []})
    assert (runs.find(first.id).state, runs.find(first.id).worker) == ("running", "two")
    assert runs.note(second, {"event": "progress"})
    runs.finish(second, "succeeded", {"version": "1.1.0"})
    fleet.look()
    assert fleet.now.state == "succeeded"


def test_where_databases_are_is_told_without_asking_them(catalogue: Catalogue) -> None:
    fleet = Fleet(catalogue, "", "a b c", stop_after=9)

    def rows() -> dict[str, Any]:
        chosen = [
            RegisteredDatabase(name=fleet.name(each), labels=(), url_env="X", _url=None) for each in "abc"
        ]
        return {row.name[-1]: row for row in whereabouts(catalogue, chosen)}

    assert {row.status for row in rows().values()} == {"unknown"}
    asks = catalogue.databases.ask([fleet.name(each) for each in "abc"])
    fleet.look()
    assert {name: row.status for name, row in rows().items()} == {
        "a": "queued",
        "b": "queued",
        "c": "unknown",
    }
    assert rows()["a"].target == "1.1.0"
    fleet.end("a")
    # An answer from before the run is none any more; one of another database is.
    facts = {"is_between": False, "problems": [], "latest": "1.1.0", "pending": [], "drift": []}
    catalogue.databases.answered([(ask, "1.0.0", facts) for ask in asks])
    found = rows()
    assert [(each, found[each].version) for each in "abc"] == [("a", "1.1.0"), ("b", "1.0.0"), ("c", "1.0.0")]
    assert found["a"].seen_at is not None
    fleet.end("b", "failed")
    assert rows()["b"].status == "failed"


def test_a_second_machine_is_told_that_a_file_is_for_one(catalogue: Catalogue) -> None:
    catalogue.workers.beat("one:1", "one")
    catalogue.workers.check_may_join("one")
    if catalogue.workers.is_on_one_machine:
        with pytest.raises(CatalogueError) as refused:
            catalogue.workers.check_may_join("two")
        assert refused.value.problems[0].code == "state-not-shared"
    else:
        catalogue.workers.check_may_join("two")
        catalogue.workers.beat("two:1", "two")
    assert f"one:{os.getpid()}" not in {each.name for each in catalogue.workers.alive()}
    catalogue.workers.leave("one:1")
    assert "one:1" not in {each.name for each in catalogue.workers.alive()}
    catalogue.workers.check_may_join("three" if not catalogue.workers.is_on_one_machine else "two")


def test_a_signal_is_no_fault_of_the_state_database() -> None:
    """The connection that it left can't be used any more, which SQLAlchemy says while it cleans up."""

    def interrupted() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise PendingRollbackError("can't reconnect until invalid transaction is rolled back")

    with pytest.raises(KeyboardInterrupt), catalog_errors():
        interrupted()
    with pytest.raises(CatalogueError), catalog_errors():
        raise PendingRollbackError("and nobody has interrupted anything")
