"""How a run ends where something other than its migration decides that."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psycopg
import pytest
import sqlalchemy as sa

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue, tables
from registry.catalogue.access import Writer
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.facts.events import RESTORED, WITHDRAWN, NewEvent
from registry.catalogue.runs import Run
from registry.databases.manifests import PublishedManifests
from registry.errors import DatabaseBusyError
from registry.runs.execution import Execution, StoppedError
from registry.runs.request import run_request
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from .tenants import Tenants, many_tenants, until

_CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"""


class Hands:
    """The one worker of a database, in this process."""

    def __init__(self, tenants: Tenants, catalogue: Catalogue, execution: Execution) -> None:
        self.tenants = tenants
        self.runs = catalogue.runs
        self.execution = execution
        self.catalogue = catalogue

    def asked(self, database: str) -> Run:
        with self.tenants.catalogue() as (settings, _):
            new = run_request(self.catalogue, settings, database, "1.1.0")
        return self.runs.add(new, Writer(who="ops", origin="here"))

    def work_on(self, run: Run) -> Run:
        begun = self.runs.begin(run.id, "worker")
        assert begun is not None
        self.execution.work_on(begun)
        return self.runs.find(run.id)


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory, scratch_server: ScratchServer) -> Iterator[Hands]:
    root: Path = tmp_path_factory.mktemp("endings")
    with (
        many_tenants(root, scratch_server, ["a", "b", "c"], seconds=1.0) as tenants,
        mock.patch.dict(os.environ, tenants.environment),
        tenants.catalogue() as (settings, catalogue),
    ):
        yield Hands(tenants, catalogue, Execution(Workspace(root), settings, catalogue))


def _codes(run: Run) -> list[str]:
    return [problem["code"] for problem in (run.outcome or {})["problems"]]


def test_a_run_whose_process_ends_each_time_is_given_up_and_can_be_tried_again(hands: Hands) -> None:
    run = hands.asked("a")
    for _ in range(50):  # as often a worker took it up, and its process ended
        assert hands.runs.begin(run.id, "worker") is not None
    ended = hands.work_on(run)
    assert (ended.state, _codes(ended)) == ("failed", ["run-given-up"])
    assert f"schema-service run retry {run.id}" in (ended.outcome or {})["problems"][0]["fix"]
    hands.runs.retry(run.id, Writer(who="ops", origin="here"))
    assert (hands.work_on(run).state, hands.runs.find(run.id).attempt) == ("succeeded", 1)
    assert hands.tenants.times("1.1.0")["a"] == 1


def test_a_bug_ends_the_run_instead_of_repeating_it_for_ever(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("steps")

    monkeypatch.setattr(PublishedManifests, "of", broken)
    ended = hands.work_on(hands.asked("b"))
    assert (ended.state, _codes(ended)) == ("failed", ["run-bug"])
    assert "KeyError: 'steps'" in (ended.outcome or {})["problems"][0]["message"]
    monkeypatch.undo()
    hands.runs.retry(ended.id, Writer(who="ops", origin="here"))
    assert hands.work_on(ended).state == "succeeded"


def test_a_connection_that_is_cut_does_not_end_the_run(hands: Hands) -> None:
    run = hands.asked("c")

    def cut() -> None:
        with psycopg.connect(hands.tenants.urls["c"], autocommit=True) as connection:
            until(lambda: connection.execute(_CUT).fetchall())

    cutting = threading.Thread(target=cut)
    cutting.start()
    with pytest.raises(DatabaseBusyError):
        hands.work_on(run)
    cutting.join()
    assert (hands.runs.find(run.id).state, hands.runs.find(run.id).worker) == ("queued", None)
    assert hands.work_on(run).state == "succeeded"
    assert hands.tenants.times("1.1.0")["c"] == 1
    # One whose connection is cut each time is over some day.
    engine = open_engine(state_url("sqlite:///.schema-service/state.db", hands.tenants.root))
    with engine.begin() as connection:
        values = {"state": "queued", "attempt": 9}
        connection.execute(sa.update(tables.runs).where(tables.runs.c.id == run.id).values(**values))
    engine.dispose()
    with mock.patch("registry.runs.execution.one.upgrade", side_effect=_lost()):
        assert _codes(hands.work_on(run)) == ["database-lost"]


def test_a_run_that_waits_for_what_was_withdrawn_meanwhile_is_not_begun(hands: Hands) -> None:
    by = Writer(who="ops", origin="here")
    target = SchemaVersion(1, 1, 0)
    run, begun = hands.asked("b"), hands.asked("c")
    assert hands.runs.begin(begun.id, "a worker that dies") is not None
    new = NewEvent(event=WITHDRAWN, version=target, details={"reason": "loses rows"})
    hands.catalogue.events.adopt([new], latest=None, by="ops")
    ended = hands.work_on(run)
    assert (ended.state, _codes(ended)) == ("failed", ["target-withdrawn"])
    problem = (ended.outcome or {})["problems"][0]
    for said in ("1.1.0", "ops", "loses rows", f"schema-service run retry {run.id}"):
        assert said in problem["message"] + problem["fix"]
    assert hands.work_on(begun).state == "succeeded", "one that was begun goes on"
    hands.runs.retry(run.id, by)
    assert (hands.work_on(run).state, hands.runs.find(run.id).withdrawn) == ("succeeded", "loses rows")
    code, said = hands.tenants.run("migrate", "b", "--to", "1.1.0")
    assert (code, "warning[target-withdrawn]" in said) == (0, True), said
    code, said = hands.tenants.run("migrate", "--label", "tenant", "--to", "1.1.0", "--dry-run")
    assert (code, said.count("warning[target-withdrawn]")) == (0, 1), said
    hands.catalogue.events.adopt([NewEvent(event=RESTORED, version=target)], latest=None, by="ops")
    assert hands.asked("b").withdrawn is None


def test_a_process_that_is_stopped_ends_and_leaves_the_run(hands: Hands) -> None:
    run = hands.asked("b")
    stopped = mock.patch("registry.runs.execution.one.upgrade", side_effect=StoppedError)
    with stopped, pytest.raises(StoppedError):
        hands.work_on(run)
    assert (hands.runs.find(run.id).state, hands.runs.find(run.id).attempt) == ("queued", 1)
    hands.runs.cancel(run.id, Writer(who="ops", origin="here"))


def _lost() -> DatabaseBusyError:
    return DatabaseBusyError(Problem(code="database-lost", message="c: lost", fix="again"))
