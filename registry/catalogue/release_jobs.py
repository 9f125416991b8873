"""Releases and changes of published versions that are asked for over the API, done by a worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from . import tables
from .access import Writer, add_audit
from .engine import catalog_errors
from .process_lock import held_alone
from .run_events import add_event
from .run_queue import AFRESH, ENDED_BADLY, Queued, RunQueue

Action = Literal["check", "publish", "push", "promote", "latest", "rollback", "withdraw", "restore"]
#: Those that work on what was uploaded; the others change what is published.
OF_DRAFTS: Final[tuple[Action, ...]] = ("check", "publish", "push", "promote")
#: Those that do nothing where they were done: the same asked for twice is one job.
_ONCE: Final[tuple[Action, ...]] = ("publish", "push", "promote")
_ID_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReleaseJob:
    """What is asked for. ``draft`` is the digest of an upload; ``options`` are JSON values."""

    action: Action
    version: SchemaVersion
    draft: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseJob(Queued):
    """One that was asked for, as :class:`NewReleaseJob` has it. ``is_publishing``: it has begun to change
    what consumers see."""

    action: Action
    version: SchemaVersion
    draft: str | None
    options: Mapping[str, Any]
    is_publishing: bool


class ReleaseJobs(RunQueue[ReleaseJob]):
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    _table = tables.release_jobs
    _noun = "release job"
    _listed = "GET /releases lists them"
    _shown = "GET /releases/"

    def add(self, new: NewReleaseJob, by: Writer) -> ReleaseJob:
        """Queue a job, unless the same one waits, is worked on or has succeeded; one that has failed or was
        cancelled is tried again."""
        job_id = self._id(new)
        row = {
            "schema_name": self._name,
            "id": job_id,
            "action": new.action,
            "version": str(new.version),
            "draft": new.draft,
            "options": json.dumps(dict(new.options), sort_keys=True),
            "created_at": datetime.now(UTC),
            "created_by": by.who,
            **AFRESH,
        }
        with catalog_errors():
            try:
                with self._engine.begin() as connection:
                    connection.execute(self._table.insert().values(**row))
                    self._queued(connection, job_id, new, by)
            except IntegrityError:
                with self._engine.begin() as connection:
                    if self._changed(connection, job_id, ENDED_BADLY, AFRESH):
                        self._queued(connection, job_id, new, by)
        return self.find(job_id)

    def newest(self, most: int, *, version: SchemaVersion | None = None) -> tuple[ReleaseJob, ...]:
        """The last ``most`` of all versions or of one, newest first."""
        query = sa.select(self._table).where(self._mine)
        if version is not None:
            query = query.where(self._table.c.version == str(version))
        return self._read(query.order_by(self._table.c.created_at.desc(), self._table.c.id).limit(most))

    def begin_publishing(self, job: ReleaseJob) -> bool:
        """Whether ``job`` may change what consumers see, from now on: False where it was cancelled, or
        another worker has taken it over. It can't be cancelled any more: what they can see in part has to be
        finished."""
        wanted = (sa.not_(self._table.c.cancel_asked),)
        values = {"is_publishing": True}
        with catalog_errors(), self._engine.begin() as connection:
            return self._changed(connection, job.id, ("running",), values, attempt=job.attempt, also=wanted)

    @contextmanager
    def only_worker(self) -> Iterator[bool]:
        """Hold the right to work on these jobs until the block ends; False if a process has it. One that dies
        has it no more."""
        with held_alone(self._engine.url, f"schema-service release jobs {self._name}") as is_ours:
            yield is_ours

    @property
    def _stoppable(self) -> Sequence[sa.ColumnElement[bool]]:
        return (sa.not_(self._table.c.is_publishing),)

    def _not_cancelled(self, run_id: str) -> Problem:
        if self.find(run_id).is_over:
            return super()._not_cancelled(run_id)
        return Problem(
            code="job-is-publishing",
            message=f"release job {run_id} has begun to publish, and has to be finished: consumers might see "
            "it in part",
            fix="wait until it is over, or try it again if it failed; then withdraw the version if nobody "
            "should use it",
        )

    def _queued(self, connection: sa.Connection, job_id: str, new: NewReleaseJob, by: Writer) -> None:
        add_event(connection, self._name, job_id, {"event": "run_queued", "by": by.who})
        add_audit(connection, self._name, by, f"{self._noun} {job_id}: {_words(new)}")

    def _id(self, new: NewReleaseJob) -> str:
        if new.action not in _ONCE:
            return uuid4().hex[:_ID_LENGTH]
        what = repr((self._name, new.action, str(new.version), new.draft, sorted(new.options.items())))
        return hashlib.sha256(what.encode()).hexdigest()[:_ID_LENGTH]

    @staticmethod
    def _record(facts: dict[str, Any]) -> ReleaseJob:
        version = SchemaVersion.parse(facts["version"])
        return ReleaseJob(**{**facts, "version": version, "options": json.loads(facts["options"])})


def _words(new: NewReleaseJob) -> str:
    draft = [f"of {new.draft[:12]}"] if new.draft else []
    options = [f"{name}={value}" for name, value in new.options.items() if value not in (None, False)]
    return " ".join([new.action, str(new.version), *draft, *options])
