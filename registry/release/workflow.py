"""The release as a DBOS workflow: after a kill at any moment it resumes at the step that was interrupted."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID, WorkflowHandle

from schemas.errors import ExitCode, ServiceError

from ..catalogue.engine import catalog_errors, unavailable
from ..errors import CatalogueError, SystemRefusalError
from ..os_errors import refusal
from .context import ReleaseContext
from .dbos.json_serializer import JsonSerializer
from .dbos.old_sqlite import engine_arguments
from .snapshots.snapshot import Snapshot
from .step import ReleaseStep, StepResult, StepResults
from .steps import PARTS, STEPS

# Part of a stored release's identity: change it when a step's result changes its shape.
_WORKFLOW_VERSION = "2"
_FIRST_STEP = 1

# A resumed workflow waits in a queue in the database until DBOS polls that.
_BEGIN_POLL_SECONDS = 1.0
# DBOS waits for its listener to wake up before it stops. Nothing is ever sent to a release, so a wake-up
# costs no query.
_LISTENER_POLL_SECONDS = 0.02
_STORE_POLL_SECONDS = 0.02
_STOP_SECONDS = 60.0
_STORE_SECONDS = 5.0
_WAITING = ("ENQUEUED", "PENDING", "DELAYED")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """A step began or ended. ``duration_seconds``, ``summary`` and ``lines`` (further lines for people) are
    known once it ended."""

    name: str
    status: Literal["started", "finished", "failed"]
    duration_seconds: float = 0.0
    summary: str = ""
    lines: tuple[str, ...] = ()


Observer = Callable[[StepEvent], None]


@dataclass(frozen=True, slots=True)
class _Run:
    """What the workflow's thread works with, and its progress as seen in this process. None in ``events``
    marks the end."""

    context: ReleaseContext
    events: queue.SimpleQueue[StepEvent | None] = field(default_factory=queue.SimpleQueue)
    began: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def tell(self, event: StepEvent) -> None:
        """Pass the event to the thread that follows the release."""
        self.events.put(event)


_runs: list[_Run] = []


@DBOS.workflow(name="publish")
def _publish(stored: dict[str, Any]) -> dict[str, StepResult]:
    run = _runs[-1]
    run.began.set()
    try:
        return _all_steps(run, Snapshot.from_json(stored))
    finally:
        run.ended.set()
        run.events.put(None)


def _all_steps(run: _Run, snapshot: Snapshot) -> dict[str, StepResult]:
    """Every step's result; DBOS returns the stored one of a step that was finished before."""
    results: dict[str, StepResult] = {}
    for step in STEPS if snapshot.mode == "publish" else PARTS[snapshot.mode]:
        if step.publishes:
            run.context.before_publishing()
        run.tell(StepEvent(name=step.name, status="started"))
        began = time.monotonic()
        try:
            result = DBOS.run_step({"name": step.name}, _run_step, step, run.context, snapshot, results)
        except Exception:
            seconds = time.monotonic() - began
            run.tell(StepEvent(name=step.name, status="failed", duration_seconds=seconds))
            raise
        run.tell(_finished(step, result))
        results[step.name] = result
    return results


def _run_step(
    step: ReleaseStep, context: ReleaseContext, snapshot: Snapshot, results: StepResults
) -> StepResult:
    began = time.monotonic()
    try:
        result = step.run(context, snapshot, results)
    except OSError as error:
        if (problem := refusal(error)) is None:
            raise
        raise SystemRefusalError(problem) from error
    return {**result, "duration_seconds": round(time.monotonic() - began, 3)}


def _finished(step: ReleaseStep, result: StepResult) -> StepEvent:
    return StepEvent(
        name=step.name,
        status="finished",
        duration_seconds=result.get("duration_seconds", 0.0),
        summary=result["summary"],
        lines=tuple(result.get("lines", ())),
    )


@contextmanager
def release_engine(state: sa.URL, context: ReleaseContext) -> Iterator[None]:
    """Run DBOS on the state database for as long as the block lasts.

    Raises CatalogueError if the database fails. The executor's id is new each time, so that DBOS never
    resumes by itself what another process may still be running; :func:`run_release` resumes it, because the
    publish lock proves that no other process does.
    """
    url = state.render_as_string(hide_password=False)
    DBOS(
        config={
            "name": "schema-service",
            "system_database_url": url,
            "serializer": JsonSerializer(),
            "application_version": _WORKFLOW_VERSION,
            "executor_id": uuid4().hex,
            "log_level": "CRITICAL",
            "db_engine_kwargs": engine_arguments(state),
            "notification_listener_polling_interval_sec": _LISTENER_POLL_SECONDS,
        }
    )
    _runs.append(_Run(context))
    try:
        with catalog_errors():
            DBOS.launch()
            yield
    finally:
        DBOS.destroy()
        _runs.pop()


def run_release(snapshot: Snapshot, observer: Observer) -> dict[str, StepResult]:
    """Publish ``snapshot``, or finish an earlier attempt at it; returns every step's result by name.

    Call it inside :func:`release_engine`, holding the publish lock. Raises what the failing step raised. An
    interrupt lets the running step finish and then stops: the next attempt resumes after it.
    """
    return _followed(_start_or_continue(snapshot), observer)


def finish_release(release_id: str, observer: Observer) -> None:
    """Finish an interrupted release on what is stored of it, as :func:`run_release` does with its snapshot.

    Raises what it failed with, unless that was a service: it would fail again.
    """
    status = DBOS.get_workflow_status(release_id)
    if status is None or status.status == "SUCCESS":
        return
    if status.status != "ERROR":
        _followed(DBOS.resume_workflow(release_id), observer)
    elif (step := _step_to_repeat(release_id)) == _FIRST_STEP:
        DBOS.retrieve_workflow(release_id).get_result()
    else:
        _followed(DBOS.rewind_workflow(release_id, start_step=step), observer)


def _followed(handle: WorkflowHandle[dict[str, StepResult]], observer: Observer) -> dict[str, StepResult]:
    try:
        _follow(handle, observer)
    except BaseException:
        _stop(handle)
        raise
    return handle.get_result()


def _stop(handle: WorkflowHandle[Any]) -> None:
    """End the workflow after the running step, which may be writing files that our caller will remove."""
    with suppress(Exception):  # an unreachable state database stops the workflow as well
        DBOS.cancel_workflow(handle.workflow_id)
    run = _runs[-1]
    if run.began.is_set():
        run.ended.wait(_STOP_SECONDS)


def _start_or_continue(snapshot: Snapshot) -> WorkflowHandle[dict[str, StepResult]]:
    name = snapshot.release_id
    status = DBOS.get_workflow_status(name)
    if status is None:
        with SetWorkflowID(name):
            return DBOS.start_workflow(_publish, snapshot.to_json())
    if status.status == "ERROR":
        return DBOS.rewind_workflow(name, start_step=_step_to_repeat(name))
    if status.status == "SUCCESS":
        # The catalogue was read first and has no such version, so its rows were lost: do it all again.
        return DBOS.rewind_workflow(name, start_step=_FIRST_STEP)
    return DBOS.resume_workflow(name)


def _step_to_repeat(name: str) -> int:
    """After a failed service the release resumes; after any other failure somebody has changed something,
    and results from before the change prove nothing."""
    for info in DBOS.list_workflow_steps(name):
        error = info["error"]
        if isinstance(error, ServiceError) and error.exit_code == ExitCode.SERVICE:
            return info["function_id"]
    return _FIRST_STEP


def _follow(handle: WorkflowHandle[Any], observer: Observer) -> None:
    """Report the events as they happen in the workflow's thread, until its end is stored.

    Raises CatalogueError if it can't be stored.
    """
    run = _runs[-1]
    while not run.began.wait(_BEGIN_POLL_SECONDS):
        if handle.get_status().status not in _WAITING:  # another process has run it
            return
    while (event := run.events.get()) is not None:
        observer(event)
    deadline = time.monotonic() + _STORE_SECONDS
    while handle.get_status().status in _WAITING:
        if time.monotonic() > deadline:
            raise CatalogueError(unavailable("the result of a step can't be stored; is its disk full?"))
        time.sleep(_STORE_POLL_SECONDS)
