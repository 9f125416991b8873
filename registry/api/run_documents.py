"""What the API answers about registered databases and their runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from ..databases.whereabouts import STATUSES
from .documents import ProblemItem, RequestBody
from .version_patterns import VERSION


class RunRequest(RequestBody):
    """Which version a database is to be brought to."""

    to: str = Field(description="a published version", examples=["2.0.0"], max_length=80, **VERSION)
    down: bool = Field(default=False, description="go back to it, as it was rehearsed")
    dry_run: bool = Field(default=False, description="only tell what would be done")
    allow_data_loss: bool = Field(default=False, description="go back even where that destroys data")


class RunDocument(BaseModel):
    id: str
    database: str
    direction: str = Field(examples=["up", "down"])
    target: str
    dry_run: bool
    allow_data_loss: bool
    state: str = Field(examples=["queued", "running", "succeeded", "failed", "cancelled"])
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    attempt: int = Field(description="how often it was begun: again where a worker ended")
    cancel_asked: bool
    fleet: str | None = Field(description="the fleet run that it belongs to")
    withdrawn: str | None = Field(
        description="why nobody should use the target, as was known when it was asked for or let go on"
    )
    result: dict[str, Any] | None = Field(description="of one that succeeded: what was done, or would be")
    problems: list[ProblemItem] = Field(description="of one that failed")


class RunList(BaseModel):
    runs: list[RunDocument] = Field(description="newest first")


class DatabaseFacts(BaseModel):
    name: str
    labels: list[str]
    version: str | None = Field(description="null for an empty database")
    pending: list[str] | None = Field(
        description="migrations of the latest version that it lacks; null if not asked since a run"
    )
    is_between: bool = Field(description="whether a run stopped between two versions")
    is_ahead: bool
    drift: list[str] | None = Field(
        description="differences from its version as rehearsed; null if it can't be told"
    )
    problems: list[ProblemItem] = Field(description="why nothing else is known")


class DatabaseDocument(DatabaseFacts):
    status: str = Field(examples=list(STATUSES))
    target: str | None = Field(description="where its last run was going to")
    run: str | None = Field(description="its last run")
    run_state: str | None
    seen_at: datetime | None = Field(description="when it was asked or migrated last")


class DatabaseList(BaseModel):
    latest: str | None
    versions: dict[str, int] = Field(description="how many are at each version, of all pages")
    databases: list[DatabaseDocument] = Field(description="by name")
    next: str | None = Field(description="`after` of the next page; null on the last")


class DatabaseDetailDocument(DatabaseFacts):
    latest: str
    target: str | None = Field(description="where the last run was going to")
    history: list[dict[str, Any]] = Field(description="what happened to its migrations, oldest first")


class ClientDocument(BaseModel):
    package: str = Field(examples=["schema-client"])
    version: str = Field(examples=["2.0.0"])
    application: str | None = Field(description="what the application calls itself")
    connections: int
    since: datetime | None = Field(description="of the oldest connection; null if the role may not see it")


class DatabaseUsersDocument(BaseModel):
    name: str
    clients: list[ClientDocument] = Field(description="that are connected now, oldest version first")
    others: int = Field(description="connections of whatever is no client of this schema")
