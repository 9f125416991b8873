"""What the API answers about fleet runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from ...runs.fleet_request import CONCURRENCY, STOP_AFTER
from ..documents import ProblemItem, RequestBody, WholeNumber
from ..version_patterns import VERSION

_MOST = 1_000_000
_Name = Annotated[str, StringConstraints(max_length=60)]


class FleetRequest(RequestBody):
    """Which databases are to be brought to which version, and how carefully."""

    label: str = Field(description="of the databases", examples=["tenant"], max_length=200)
    to: str = Field(description="a published version", examples=["2.0.0"], max_length=80, **VERSION)
    canary: WholeNumber | list[_Name] = Field(
        default=1, description="the databases that come first: so many, or these", examples=[1, ["acme"]]
    )
    wave: WholeNumber | None = Field(
        default=None, description="how many follow together; null for all", examples=[20], ge=1, le=_MOST
    )
    concurrency: WholeNumber = Field(default=CONCURRENCY, description="how many at once", ge=1, le=1000)
    stop_after: WholeNumber = Field(
        default=STOP_AFTER, description="pause once so many have failed", ge=1, le=_MOST
    )
    pause_after_canary: bool = Field(default=False, description="wait to be resumed after the canary")
    skip: list[_Name] = Field(default=[], description="databases to leave out", max_length=1000)
    down: bool = Field(default=False, description="go back to it, as it was rehearsed")
    dry_run: bool = Field(default=False, description="only tell what would be done")
    allow_data_loss: bool = Field(default=False, description="go back even where that destroys data")


class FleetRunDocument(BaseModel):
    id: str
    label: str
    direction: str = Field(examples=["up", "down"])
    target: str
    dry_run: bool
    allow_data_loss: bool
    concurrency: int
    stop_after: int
    pause_after_canary: bool
    state: str = Field(examples=["running", "paused", "succeeded", "failed", "cancelled"])
    reason: str | None = Field(description="why it is paused")
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    cancel_asked: bool
    wave: int | None = Field(description="the one that was begun last; 0 is the canary")
    withdrawn: str | None = Field(
        description="why nobody should use the target, as was known when it was asked for or let go on"
    )
    waves: list[int]
    databases: int
    counts: dict[str, int] = Field(
        description="databases by state", examples=[{"succeeded": 197, "failed": 3}]
    )


class FleetRunList(BaseModel):
    fleet_runs: list[FleetRunDocument] = Field(description="newest first")


class FleetMemberDocument(BaseModel):
    database: str
    wave: int
    state: str = Field(
        examples=["waiting", "queued", "running", "succeeded", "failed", "cancelled", "skipped"]
    )
    run: str | None
    problems: list[ProblemItem] = Field(description="why it failed")


class FleetMemberList(BaseModel):
    databases: list[FleetMemberDocument] = Field(description="in the order in which they are to be done")
    next: str | None = Field(description="`after` of the next page; null on the last")
