"""How releases went: each step's state, time and error, as the workflow stored them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from dbos import DBOSClient

from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue.engine import catalog_errors, open_engine, state_url
from ..config.settings import Settings
from ..errors import ReleaseBusyError
from ..release.dbos.json_serializer import JsonSerializer
from ..release.publish_lock import only_publisher
from ..release.steps import STEPS

_SCHEMA = "dbos"  # where DBOS keeps its tables on Postgres
_UNFINISHED = ("PENDING", "ENQUEUED", "DELAYED", "CANCELLED")

StepState = Literal["finished", "failed", "running", "interrupted", "not begun"]
RunState = Literal["finished", "failed", "running", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step. Times are None where it has not begun, or was not stored before a kill."""

    name: str
    state: StepState
    started_at: datetime | None = None
    ended_at: datetime | None = None
    summary: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def seconds(self) -> float | None:
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRun:
    """One release of a version. The same content is continued, other content is another one."""

    version: SchemaVersion
    id: str
    state: RunState
    began_at: datetime
    changed_at: datetime
    steps: tuple[StepRun, ...]

    @property
    def stopped_at(self) -> StepRun | None:
        """The step that failed, was interrupted, or runs."""
        return next((step for step in self.steps if step.state not in ("finished", "not begun")), None)


def release_runs(
    workspace: Workspace, settings: Settings, version: SchemaVersion | None = None
) -> tuple[ReleaseRun, ...]:
    """Those of ``version``, or all; the last begun comes last. Raises CatalogueError."""
    state = state_url(settings.state.url, workspace.root)
    engine = open_engine(state, to_read=True)
    try:
        with catalog_errors():
            stored = _stored(engine, settings.name)
            runs = [
                (found, release, client_steps)
                for found, release, client_steps in stored
                if version is None or found == version
            ]
    finally:
        engine.dispose()
    is_busy = any(release.status in _UNFINISHED for _, release, _ in runs) and _is_busy(state, settings.name)
    return tuple(_run(found, release, steps, is_busy=is_busy) for found, release, steps in runs)


def _stored(
    engine: sa.Engine, schema_name: str
) -> list[tuple[SchemaVersion, Any, Sequence[Mapping[str, Any]]]]:
    schema = None if engine.dialect.name == "sqlite" else _SCHEMA
    if not sa.inspect(engine).has_table("workflow_status", schema=schema):
        return []
    client = DBOSClient(
        system_database_engine=engine, serializer=JsonSerializer(), lazy=True, retry_connection_errors=False
    )
    prefix = f"publish:{schema_name}:"
    found = []
    try:
        for release in client.list_workflows(name="publish", load_input=False, load_output=False):
            if release.workflow_id.startswith(prefix):
                text = release.workflow_id.removeprefix(prefix).partition(":")[0]
                steps = client.list_workflow_steps(release.workflow_id)
                found.append((SchemaVersion.parse(text), release, steps))
    finally:
        client.destroy()
    return sorted(found, key=lambda each: (each[1].created_at, each[0]))


def _is_busy(state: sa.URL, schema_name: str) -> bool:
    try:
        with only_publisher(state, schema_name):
            return False
    except ReleaseBusyError:
        return True


def _run(
    version: SchemaVersion, release: Any, stored: Sequence[Mapping[str, Any]], *, is_busy: bool
) -> ReleaseRun:
    state = _state_of(release.status, is_busy=is_busy)
    return ReleaseRun(
        version=version,
        id=release.workflow_id,
        state=state,
        began_at=_moment(release.created_at) or datetime.now(UTC),
        changed_at=_moment(release.updated_at) or datetime.now(UTC),
        steps=tuple(_steps({step["function_name"]: step for step in stored}, state)),
    )


def _state_of(status: str, *, is_busy: bool) -> RunState:
    if status == "SUCCESS":
        return "finished"
    if status in _UNFINISHED:
        return "running" if is_busy else "interrupted"
    return "failed"


def _steps(stored: Mapping[str, Mapping[str, Any]], state: RunState) -> Iterator[StepRun]:
    """The first step without a record is the one that a kill, or this moment, found at work."""
    is_stopped = False
    for step in STEPS:
        record = stored.get(step.name)
        if record is not None:
            is_stopped = is_stopped or record["error"] is not None
            yield _stored_step(step.name, record)
        elif is_stopped or state not in ("running", "interrupted"):
            yield StepRun(name=step.name, state="not begun")
        else:
            is_stopped = True
            yield StepRun(name=step.name, state="running" if state == "running" else "interrupted")


def _stored_step(name: str, record: Mapping[str, Any]) -> StepRun:
    error, output = record["error"], record["output"]
    return StepRun(
        name=name,
        state="finished" if error is None else "failed",
        started_at=_moment(record["started_at_epoch_ms"]),
        ended_at=_moment(record["completed_at_epoch_ms"]),
        summary=str(output["summary"]) if isinstance(output, Mapping) and "summary" in output else "",
        problems=error.problems if isinstance(error, ServiceError) else _bug(error),
    )


def _bug(error: object) -> tuple[Problem, ...]:
    if error is None:
        return ()
    fix = "please report it with what SCHEMA_SERVICE_DEBUG=1 prints for the same command"
    return (Problem(code="bug", message=f"this is a bug in schema-service: {error}", fix=fix),)


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
