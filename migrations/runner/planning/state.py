"""The state that a database's tracking tables record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..manifest import Direction

#: The steps of an undo are journaled with the script that they undo, under numbers from this one on.
UNDO_STEPS = 1_000_000

#: ``running``: some steps are done and others are not, or a run was killed between two steps. ``retried``:
#: the same, after an attempt that failed. ``pending``: known from a package, but no run has started it.
RecordStatus = Literal["pending", "running", "retried", "success", "failed", "rolled_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One migration's row in the tracking table. ``applied_at`` is ISO 8601 with an offset.

    ``attempt`` counts from 1 over all runs (0: none yet, or adopted by baseline); ``applied_by`` is a role
    of Postgres; ``error`` is the last attempt's, if it failed.
    """

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
    """``done`` is False for a step that was started and may not have ended; ``position`` is how far a
    backfill has come, in its own format."""

    checksum: str
    done: bool
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a database records of one schema."""

    #: False where the tracking tables don't exist yet.
    initialised: bool = False
    #: The newest completely applied version, and the one that the last run was going to.
    version: str | None = None
    target: str | None = None
    #: Of the applied migrations (``Manifest.digest_at``); None during a run and after a failed one.
    digest: str | None = None
    #: The oldest version whose packages work on this database.
    compatible_from: str | None = None
    #: The versions whose changes the database has, where its package knew of several lines.
    contains: frozenset[str] = frozenset()
    records: Mapping[str, Record] = field(default_factory=dict)
    steps: Mapping[tuple[str, Direction], Mapping[int, StepRecord]] = field(default_factory=dict)
    #: The same for the undo of a script.
    undo_steps: Mapping[tuple[str, Direction], Mapping[int, StepRecord]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this schema ever ran on this database."""
        return self.version is None and not self.left_traces()

    def done_steps(self, migration: str, direction: Direction) -> int:
        """How many leading steps are committed."""
        return done_steps(self.steps.get((migration, direction), {}))

    def step(self, migration: str, direction: Direction, step: int) -> StepRecord | None:
        """What an earlier run recorded of a step."""
        return self.steps.get((migration, direction), {}).get(step)

    def is_applied(self, migration: str) -> bool:
        """Whether it is completely applied, and no step undone."""
        record = self.records.get(migration)
        # The steps of a script are forgotten when it is done.
        if record is None or self._is_begun(migration, "up") or self._is_begun(migration, "down"):
            return False
        return record.status == "success" or (record.direction == "down" and record.status != "rolled_back")

    def is_half_or_wholly_applied(self, migration: str) -> bool:
        """Whether it has left something: not where it was undone, or never ran."""
        return (
            self.is_applied(migration) or self.is_half_reverted(migration) or self.is_half_applied(migration)
        )

    def is_half_reverted(self, migration: str) -> bool:
        """Whether its downgrade was started and not finished."""
        return self._is_begun(migration, "down")

    def is_half_applied(self, migration: str) -> bool:
        """Whether it was started and not finished."""
        return self._is_begun(migration, "up")

    def is_being_undone(self, migration: str, direction: Direction) -> bool:
        """Whether the undo of its script was started and not finished."""
        return bool(self.undo_steps.get((migration, direction)))

    def left_traces(self) -> list[str]:
        """The names of migrations that are completely or partly applied."""
        return sorted(name for name in self.records if self.is_half_or_wholly_applied(name))

    def _is_begun(self, migration: str, direction: Direction) -> bool:
        # Also for a step outside transactions: it may have done its work before it was interrupted.
        return bool(self.steps.get((migration, direction)))

    def unfinished(self) -> list[str]:
        """The names of migrations that failed or were interrupted, sorted."""
        return sorted(
            name
            for name, record in self.records.items()
            if record.status in ("running", "retried", "failed") or self._is_half(name)
        )

    def harmless_failures(self) -> list[str]:
        """The names of migrations whose last run failed and left nothing of what it did."""
        return [name for name in self.unfinished() if not self._is_half(name)]

    def _is_half(self, migration: str) -> bool:
        return self.is_half_applied(migration) or self.is_half_reverted(migration)


def done_steps(journal: Mapping[int, StepRecord]) -> int:
    """How many leading steps are committed."""
    count = 0
    while count in journal and journal[count].done:
        count += 1
    return count


def state_from_json(data: Mapping[str, Any]) -> State:
    """From the single row that the tracking query returns."""
    steps: dict[tuple[str, Direction], dict[int, StepRecord]] = {}
    undo_steps: dict[tuple[str, Direction], dict[int, StepRecord]] = {}
    for row in data["steps"]:
        undoes, number = divmod(row["step"], UNDO_STEPS)
        journal = (undo_steps if undoes else steps).setdefault((row["migration"], row["direction"]), {})
        journal[number] = StepRecord(row["checksum"], row["done"], row["position"])
    versions = dict((data["versions"] or [{}])[0])
    known = versions.pop("contains", None) or {}
    if known and known["version"] == versions["version"]:  # else a package that knew of one line changed it
        versions["contains"] = frozenset(known["contains"])
    return State(
        initialised=True,
        records={row["migration"]: record_from_json(row) for row in data["migrations"]},
        steps=steps,
        undo_steps=undo_steps,
        **versions,
    )


def record_from_json(row: Mapping[str, Any]) -> Record:
    """From a row of ``schema_service.migrations`` as JSON."""
    return Record(**{name: row[name] for name in Record.__slots__})
