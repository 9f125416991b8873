"""What is told of a release while it runs, and where that comes from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from registry.errors import RegistryUnreachableError
from registry.release import workflow
from registry.release.context import ReleaseContext
from registry.release.snapshots.snapshot import Snapshot
from registry.release.step import ReleaseStep, StepResult, StepResults
from schemas.errors import Problem

from ....command_line import CommandLine


def test_the_database_is_asked_only_once_the_workflow_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    run = workflow._Run(cast(Any, None))
    monkeypatch.setattr(workflow, "_runs", [run])
    told = [workflow.StepEvent(name="check", status=status) for status in ("started", "finished")]

    def work() -> None:
        run.began.set()
        for event in told:
            run.tell(event)
            seen.acquire(timeout=30)
        run.ended.set()
        run.events.put(None)

    def hear(event: workflow.StepEvent) -> None:
        heard.append(event)
        seen.release()

    def status() -> SimpleNamespace:
        assert run.ended.is_set(), "asked while the workflow ran"
        return SimpleNamespace(status=next(statuses))

    statuses: Iterator[str] = iter(("PENDING", "SUCCESS"))
    seen, heard = threading.Semaphore(0), list[workflow.StepEvent]()
    thread = threading.Thread(target=work)
    thread.start()
    handle = cast(Any, SimpleNamespace(get_status=status))
    workflow._follow(handle, hear)
    thread.join()
    assert heard == told
    assert next(statuses, None) is None


def test_a_step_that_was_finished_before_is_told_again_and_not_done_again(cli: CommandLine) -> None:
    cli.with_workspace()
    done: list[str] = []

    def first(_context: ReleaseContext, _snapshot: Snapshot, _results: StepResults) -> StepResult:
        done.append("check")
        return {"summary": "all is well", "lines": ["by the way"]}

    def second(_context: ReleaseContext, _snapshot: Snapshot, results: StepResults) -> StepResult:
        done.append(f"upload after: {results['check']['summary']}")
        raise RegistryUnreachableError(Problem(code="down", message="it is down", fix="wait"))

    cli.monkeypatch.setattr(workflow, "STEPS", (ReleaseStep("check", first), ReleaseStep("upload", second)))
    for _attempt in range(2):
        finished = cli.run("publish", "1.0.0")
        assert finished.exit_code == 3
        lines = [line.split() for line in finished.output.splitlines()]
        assert [line[:2] for line in lines] == [["✓", "check"], ["by", "the"], ["✗", "upload"]]
        assert lines[0][4:] == ["all", "is", "well"]
    assert done == ["check", *["upload after: all is well"] * 2]
