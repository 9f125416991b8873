"""A release whose step meets a fault that can't be had otherwise: who has to act, and nothing hangs."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable

import pytest

from registry.release import workflow
from registry.release.context import ReleaseContext
from registry.release.snapshots.snapshot import Snapshot
from registry.release.step import ReleaseStep, StepResult, StepResults

from ....command_line import CommandLine

Fault = Callable[[ReleaseContext], None]


@pytest.fixture
def release(cli: CommandLine) -> CommandLine:
    return cli.with_workspace()


def with_step(cli: CommandLine, fault: Fault) -> None:
    """Make a release consist of one step, which meets ``fault``."""

    def run(context: ReleaseContext, _snapshot: Snapshot, _results: StepResults) -> StepResult:
        fault(context)
        return {"summary": "done"}

    cli.monkeypatch.setattr(workflow, "STEPS", (ReleaseStep("check", run),))


def full_disk(_context: ReleaseContext) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "artifacts/x")


def a_bug(_context: ReleaseContext) -> None:
    raise KeyError("x")


def state_that_takes_no_more(context: ReleaseContext) -> None:
    """From now on nothing can be written to the state database, though it can be read."""
    with sqlite3.connect(context.root / ".schema-service" / "state.db") as connection:
        for table, event in (("operation_outputs", "INSERT"), ("workflow_status", "UPDATE")):
            connection.execute(
                f"CREATE TRIGGER full_{table} BEFORE {event} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )


def test_a_disk_that_fills_in_a_step_is_the_users_to_fix(release: CommandLine) -> None:
    with_step(release, full_disk)
    assert release.refused("publish", "1.0.0").codes == ["refused-by-system"]
    told = release.run("publish", "1.0.0")
    assert "No space left on device" in told.errors


def test_a_state_database_that_can_only_be_read_ends_the_release(release: CommandLine) -> None:
    release.monkeypatch.setattr(workflow, "_STORE_SECONDS", 0.3)
    with_step(release, state_that_takes_no_more)
    assert release.refused("publish", "1.0.0", exit_code=3).codes == ["catalogue-unavailable"]


def test_a_bug_in_a_step_stays_a_bug(release: CommandLine) -> None:
    with_step(release, a_bug)
    finished = release.refused("publish", "1.0.0", exit_code=70)
    assert finished.codes == ["bug"]
    assert "KeyError: 'x'" in finished.document["problems"][0]["message"]
