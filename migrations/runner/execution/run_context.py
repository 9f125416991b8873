"""What is needed to run migrations, and the state of the one that is running."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ..connection.connection import Connection
from ..connection.monitor import Monitor
from ..connection.session import Session
from ..events import Listener
from ..manifest import Step
from ..options import Options
from ..planning.action import Action
from ..tracking.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What all migrations of a run share."""

    #: Runs the steps.
    session: Session
    #: Holds the runner's lock.
    lock: Connection
    options: Options
    listener: Listener
    monitor: Monitor


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationAttempt:
    """One attempt at one migration."""

    action: Action
    journal: Journal
    #: The how-manieth migration of the run this is, of how many.
    number: int = 1
    migrations: int = 1
    started: float = field(default_factory=time.monotonic)
    #: The position that this attempt's backfills have reached, by step.
    progress: dict[int, str] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the attempt's direction."""
        return self.action.steps

    @property
    def milliseconds(self) -> float:
        """Since the attempt began."""
        return round((time.monotonic() - self.started) * 1000, 1)

    def place(self, position: int) -> dict[str, Any]:
        """For events: which migration, and the how-manieth step of how many."""
        kind = self.steps[position].kind
        return {
            "migration": self.action.migration.id,
            "kind": kind,
            "step": position + 1,
            "steps": len(self.steps),
        }

    def is_partly_done(self, position: int) -> bool:
        """Whether batches of a backfill are committed."""
        left = self.action.left if self.resumes(position) else None
        return position in self.progress or (left is not None and left.position is not None)

    def resumes(self, position: int) -> bool:
        """Whether an earlier run started this step and may not have finished it."""
        return position == self.action.first_step and self.action.left is not None


def message(error: psycopg.Error) -> str:
    """What Postgres says, with its detail, on one line."""
    primary = error.diag.message_primary or str(error).strip() or type(error).__name__
    detail = error.diag.message_detail
    return f"{primary} ({detail})" if detail else primary
