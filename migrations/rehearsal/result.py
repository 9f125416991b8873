"""The result of a rehearsal, for the release's record and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.errors import Problem

from ..package.release_state import ReleaseState
from .history_runner import RehearsedMigration
from .round_trips import RoundTrip
from .snapshots.data_snapshot import LostData

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A rehearsal that succeeded."""

    migrations: tuple[RehearsedMigration, ...]
    #: Whether the version has migrations of its own: those above may all be of earlier ones.
    is_new: bool
    #: Of the migrated database (sha256, hex).
    fingerprint: str
    #: Whether the version was also downgraded and applied again: each of its migrations has a down.sql.
    round_trip: bool
    warnings: tuple[Problem, ...]
    #: With rows, from the newest earlier version to the oldest.
    trips: tuple[RoundTrip, ...]
    #: What each version up to this one consists of.
    history: tuple[ReleaseState, ...]

    @property
    def duration_ms(self) -> float:
        """How long the migrations took, up and once."""
        return round(sum(migration.duration_ms for migration in self.migrations), 1)

    @property
    def statements(self) -> int:
        """How many statements ran, up and once."""
        return sum(migration.statements for migration in self.migrations)

    @property
    def lost(self) -> tuple[LostData, ...]:
        """What this version's migrations remove from the version before."""
        return self.trips[0].lost if self.trips else ()

    @property
    def lost_down(self) -> tuple[LostData, ...]:
        """What its downgrade removes."""
        return self.trips[0].lost_down if self.trips else ()

    @property
    def summary(self) -> str:
        """In one line: what was run, and from where."""
        if not self.is_new:
            return "no migrations in this version; the earlier ones already match schema.prisma"
        route = "up, down and up" if self.round_trip else "up only (a down.sql is missing)"
        origins = [str(origin) for origin in sorted(trip.origin for trip in self.trips)]
        if not origins:
            return f"{route} from an empty database"
        if len(origins) > _MOST_NAMED:
            origins = [f"{len(origins)} versions ({origins[0]} to {origins[-1]})"]
        return f"{route} from an empty database, and with rows from {', '.join(origins)}"

    @property
    def losses(self) -> tuple[str, ...]:
        """What a person should also know, besides the warnings."""
        up = (f"going up loses {loss}" for loss in self.lost)
        down = (f"going down loses {loss}" for loss in self.lost_down)
        return (*up, *down)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for a release's record."""
        return {
            "migrations": [
                {"id": m.id, "version": m.version, "duration_ms": m.duration_ms, "statements": m.statements}
                for m in self.migrations
            ],
            "duration_ms": self.duration_ms,
            "statements": self.statements,
            "fingerprint": self.fingerprint,
            "round_trip": self.round_trip,
            "trips": [trip.to_json() for trip in self.trips],
            "lost": [loss.to_json() for loss in self.lost],
            "lost_down": [loss.to_json() for loss in self.lost_down],
            "warnings": [str(warning) for warning in self.warnings],
        }
