"""What a database says about its migrations, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..manifest import Direction

#: ``running``: some steps are done and others not yet, or a run was killed between two steps. ``retried``:
#: the same, after an attempt that failed. ``pending``: a package that came by has it, no run has got to it.
RecordStatus = Literal["pending", "running", "retried", "success", "failed", "rolled_back"]


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
    applied_by: str | None
    duration_ms: float | None
    error: str | None
    package_version: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """``done`` is False for a step that was begun and is not known to have ended; ``position`` is how far a
    backfill has come, as its own business."""

    checksum: str
    done: bool
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``initialised`` is False where the tracking tables don't exist yet. ``digest`` is that of the applied
    migrations (``Manifest.digest_at``) while no run is under way, None during one and after a failed one."""

    initialised: bool = False
    version: str | None = None
    target: str | None = None
    digest: str | None = None
    compatible_from: str | None = None
    records: Mapping[str, Record] = field(default_factory=dict)
    steps: Mapping[tuple[str, Direction], Mapping[int, StepRecord]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing of this schema was ever run here."""
        return self.version is None and not self.left_traces()

    def done_steps(self, migration: str, direction: Direction) -> int:
        """How many leading steps are committed."""
        journal = self.steps.get((migration, direction), {})
        count = 0
        while count in journal and journal[count].done:
            count += 1
        return count

    def step(self, migration: str, direction: Direction, step: int) -> StepRecord | None:
        """What an earlier run has left of a step."""
        return self.steps.get((migration, direction), {}).get(step)

    def is_applied(self, migration: str) -> bool:
        """Wholly applied, and no step of it undone."""
        record = self.records.get(migration)
        if record is None or self.is_half_reverted(migration):
            return False
        return record.status == "success" or (record.direction == "down" and record.status != "rolled_back")

    def is_half_reverted(self, migration: str) -> bool:
        """Something of its way back is done, or may be, and not all of it."""
        return self._is_begun(migration, "down")

    def is_half_applied(self, migration: str) -> bool:
        """Something of it is done, or may be, and not all of it."""
        return not self.is_applied(migration) and self._is_begun(migration, "up")

    def left_traces(self) -> list[str]:
        """Migrations of which anything is in the database, by name."""
        return sorted(
            name
            for name in self.records
            if self.is_applied(name) or self.is_half_reverted(name) or self.is_half_applied(name)
        )

    def _is_begun(self, migration: str, direction: Direction) -> bool:
        # Also a step that was begun outside transactions: it may have done its work before it was cut short.
        return bool(self.steps.get((migration, direction)))

    def unfinished(self) -> list[str]:
        """Migrations that failed or were cut short, by name, in the order of their names."""
        return sorted(
            name
            for name, record in self.records.items()
            if record.status in ("running", "retried", "failed") or self.is_half_reverted(name)
        )


def state_from_json(data: Mapping[str, Any]) -> State:
    """From the one row that the tracking query returns."""
    steps: dict[tuple[str, Direction], dict[int, StepRecord]] = {}
    for row in data["steps"]:
        journal = steps.setdefault((row["migration"], row["direction"]), {})
        journal[row["step"]] = StepRecord(row["checksum"], row["done"], row["position"])
    versions = (data["versions"] or [{}])[0]
    return State(
        initialised=True,
        records={row["migration"]: record_from_json(row) for row in data["migrations"]},
        steps=steps,
        **versions,
    )


def record_from_json(row: Mapping[str, Any]) -> Record:
    """From a row of ``schema_service.migrations`` as JSON."""
    return Record(**{name: row[name] for name in Record.__slots__})
