"""What a database says about its migrations, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .manifest import Direction

#: ``running``: some steps are done and others not yet, or a run was killed between two steps.
RecordStatus = Literal["running", "success", "failed", "rolled_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One migration as the tracking table has it. ``applied_at`` is ISO 8601 with its offset."""

    migration: str
    version: str
    status: RecordStatus
    direction: Direction
    checksum: str
    attempt: int
    applied_at: str | None
    applied_by: str
    duration_ms: float | None
    error: str | None
    package_version: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """``done`` is False for a step outside transactions that was begun and not known to have ended."""

    checksum: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``initialised`` is False where the tracking tables don't exist yet."""

    initialised: bool = False
    version: str | None = None
    target: str | None = None
    records: Mapping[str, Record] = field(default_factory=dict)
    steps: Mapping[tuple[str, Direction], Mapping[int, StepRecord]] = field(default_factory=dict)

    def done_steps(self, migration: str, direction: Direction) -> int:
        """How many leading steps are committed."""
        journal = self.steps.get((migration, direction), {})
        count = 0
        while count in journal and journal[count].done:
            count += 1
        return count

    def was_started(self, migration: str, direction: Direction, step: int) -> bool:
        """Whether an earlier run began this step."""
        return step in self.steps.get((migration, direction), {})

    def is_applied(self, migration: str) -> bool:
        """Wholly applied, and no step of it undone."""
        record = self.records.get(migration)
        if record is None or self.is_half_reverted(migration):
            return False
        return record.status == "success" or (record.direction == "down" and record.status != "rolled_back")

    def is_half_reverted(self, migration: str) -> bool:
        """Some steps of its way back are committed, and not all."""
        return self.done_steps(migration, "down") > 0

    def is_half_applied(self, migration: str) -> bool:
        """Some steps are committed, and not all."""
        return not self.is_applied(migration) and self.done_steps(migration, "up") > 0

    def left_traces(self) -> list[str]:
        """Migrations of which anything is in the database, by name."""
        return sorted(
            name for name in self.records if self.is_applied(name) or self.done_steps(name, "up") > 0
        )


def state_from_json(data: Mapping[str, Any]) -> State:
    """From the one row that the tracking query returns."""
    steps: dict[tuple[str, Direction], dict[int, StepRecord]] = {}
    for row in data["steps"]:
        journal = steps.setdefault((row["migration"], row["direction"]), {})
        journal[row["step"]] = StepRecord(row["checksum"], row["done"])
    return State(
        initialised=True,
        version=data["version"],
        target=data["target"],
        records={row["migration"]: record_from_json(row) for row in data["migrations"]},
        steps=steps,
    )


def record_from_json(row: Mapping[str, Any]) -> Record:
    """From a row of ``schema_service.migrations`` or ``schema_service.history`` as JSON."""
    return Record(**{name: row[name] for name in Record.__slots__})
