"""Migration runs from the command line: recorded, shown as they go, and finished whoever dies."""

from __future__ import annotations

import pytest

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
