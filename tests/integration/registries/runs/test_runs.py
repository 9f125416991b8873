"""Migration runs from the command line: recorded, shown as they go, and finished whoever dies."""

from __future__ import annotations

import pytest

from registry.catalogue.access import Writer
from registry.runs.request import run_request

from .conftest import ROWS, Place, children, kill, until

pytestmark = pytest.mark.usefixtures("at_first")


def test_a_run_is_shown_as_it_goes_and_kept(place: Place) -> None:
    dry = place.run("migrate", "main", "--to", "1.1.0", "--dry-run")
    assert dry.exit_code == 0, dry.output + dry.errors
    assert "main would go from 1.0.0 to 1.1.0: 1 migration" in dry.output
    assert place.filled() == 0
    done = place.run("migrate", "main", "--to", "1.1.0")
    assert done.exit_code == 0, done.output + done.errors
    for line in ("queued", "attempt 1, by", "up  002_note", "step 1 of 2", "rows", "done in", "succeeded"):
        assert line in done.output
    assert "main went from 1.0.0 to 1.1.0: 1 migration" in done.output
    assert place.filled() == ROWS
    newest, *_ = place.run("runs", "--database", "main", "--json").document["runs"]
    assert (newest["state"], newest["result"]["migrations"]) == ("succeeded", ["002_note"])
    shown = place.shown(newest["id"])
    assert any(event.get("rows", 0) for event in shown["events"])
    assert [event["seq"] for event in shown["events"]] == list(range(1, len(shown["events"]) + 1))
    refused = place.run("migrate", "main", "--to", "1.0.0", "--down")
    assert refused.exit_code == 1
    assert "error[database-data-loss]" in refused.output


def test_what_a_killed_worker_leaves_another_one_finishes(place: Place) -> None:
    worker, ready = place.started("worker")
    assert ready == {"ok": True, "databases": ["away", "main"]}
    run_id = _queued(place)
    until(lambda: 0 < place.filled() < ROWS)
    (child,) = children(worker.pid)
    kill(child)
    # The same worker takes it up again, and goes on after the last batch.
    until(lambda: place.event_names(run_id).count("run_started") == 2)
    until(lambda: "backfill_resumed" in place.event_names(run_id))
    kill(worker.pid)
    worker.wait()
    place.started("worker")
    until(lambda: place.shown(run_id)["run"]["state"] == "succeeded")
    assert place.shown(run_id)["run"]["attempt"] == 3
    assert place.filled() == ROWS
    assert place.rows("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schema-service'") == [
        (0,)
    ]


def test_a_worker_that_is_stopped_gives_its_run_back(place: Place) -> None:
    worker, _ = place.started("worker")
    run_id = _queued(place)
    until(lambda: 0 < place.filled() < ROWS)
    worker.terminate()
    assert worker.wait(60) == 143
    run = place.shown(run_id)["run"]
    assert (run["state"], run["worker"], run["attempt"]) == ("queued", None, 1)
    # `migrate` works on what waits for its database, before its own.
    done = place.run("migrate", "main", "--to", "1.1.0")
    assert done.exit_code == 0, done.output + done.errors
    assert place.shown(run_id)["run"]["state"] == "succeeded"
    assert "nothing to do" in done.output


def test_a_run_is_cancelled_and_tried_again(place: Place) -> None:
    place.started("worker")
    run_id = _queued(place)
    second = _queued(place)
    assert place.run("run", "cancel", second).output == f"{second} is cancelled.\n"
    assert place.run("run", "retry", run_id, "--json").document["problems"][0]["code"] == "run-not-failed"
    until(lambda: 0 < place.filled() < ROWS)
    assert "its worker is asked to stop it" in place.run("run", "cancel", run_id).output
    until(lambda: place.shown(run_id)["run"]["state"] == "cancelled")
    assert 0 < place.filled() < ROWS
    again = place.run("run", "retry", run_id)
    assert again.exit_code == 0, again.output + again.errors
    assert "continuing with the batch after" in again.output
    assert place.filled() == ROWS
    assert place.run("run", "cancel", run_id, "--json").document["problems"][0]["code"] == "run-is-over"


def test_a_run_that_fails_is_announced(place: Place) -> None:
    failed = place.run("migrate", "away", "--to", "1.1.0", "--dry-run", "--json")
    assert failed.exit_code == 1
    run = failed.document["run"]
    assert [problem["code"] for problem in run["problems"]] == ["database-database-away"]
    assert "127.0.0.1" not in failed.output
    assert "s3kret" not in failed.output
    (told,) = [
        each
        for each in place.run("deliveries", "--json").document["deliveries"]
        if each["event"] == "run.failed"
    ]
    assert told["channel"] == "ops"
    unknown = place.run("migrate", "nope", "--to", "1.1.0", "--json").document
    assert unknown["problems"][0]["code"] == "unknown-database"


def _queued(place: Place) -> str:
    """A run that the workers are to do."""
    with place.catalogue() as (settings, catalogue):
        new = run_request(catalogue, settings, "main", "1.1.0")
        return catalogue.runs.add(new, Writer(who="a test", origin="here")).id
