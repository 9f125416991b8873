"""One migration to run in one direction, or one that stopped between two steps to undo."""

from __future__ import annotations

from dataclasses import dataclass

from ..fit_checks import Check, FitChecks
from ..manifest import Direction, Migration, Step
from .state import StepRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``direction`` is where the database goes: what an upgrade has done is undone by an action down."""

    migration: Migration
    direction: Direction
    steps: tuple[Step, ...]
    #: The step to start from.
    first_step: int = 0
    #: What an earlier run recorded of that step, if it started it.
    left: StepRecord | None = None
    #: The newest completely applied version before and after this action.
    version_before: str | None = None
    version_after: str | None = None
    #: Whether an earlier run started this action.
    resumes: bool = False
    #: The script that stopped between two steps, if this undoes what it has done.
    undoes: Direction | None = None
    #: What such an undo would destroy.
    undo_checks: tuple[Check, ...] = ()

    @property
    def fit_checks(self) -> FitChecks:
        """Whether the rows fit. An undo has no such checks, and touches what the whole migration does."""
        up, down = self.migration.up_checks, self.migration.down_checks
        if self.undoes is None:
            return up if self.direction == "up" else down
        if up.touches is None or down.touches is None:
            return FitChecks(touches=None)
        return FitChecks(touches=up.touches | down.touches)
