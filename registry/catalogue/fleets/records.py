"""A fleet run and its databases, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from schemas.versions import SchemaVersion

from ..runs import Direction

FleetState = Literal["running", "paused", "succeeded", "failed", "cancelled"]
#: A database that waits or was skipped has no run that counts; the others are as their runs are.
MemberState = Literal["waiting", "queued", "running", "succeeded", "failed", "cancelled", "skipped"]
#: The wave of the canary; the others follow from 1.
CANARY: Final = 0
OPEN: Final[tuple[FleetState, ...]] = ("running", "paused")
AT_WORK: Final[tuple[MemberState, ...]] = ("queued", "running")
ENDED_BADLY: Final[tuple[MemberState, ...]] = ("failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFleetRun:
    """What is asked for. ``waves`` are the databases' names, those of the canary first; that wave may be
    empty. ``withdrawn`` is as for a run."""

    label: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    concurrency: int
    stop_after: int
    pause_after_canary: bool
    waves: tuple[tuple[str, ...], ...]
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRun:
    """``reason`` says why it is paused. ``pause_after_canary`` is false once it went on after that."""

    id: str
    label: str
    direction: Direction
    target: SchemaVersion
    dry_run: bool
    allow_data_loss: bool
    concurrency: int
    stop_after: int
    pause_after_canary: bool
    state: FleetState
    reason: str | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    cancel_asked: bool
    wave: int | None
    withdrawn: str | None

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One database of a fleet run. ``told``: its end is among the events; ``accepted``: its failure doesn't
    count any more, since somebody has let the fleet run go on."""

    database: str
    wave: int
    state: MemberState
    run: str | None
    told: bool
    accepted: bool
    problems: tuple[dict[str, Any], ...] = ()
