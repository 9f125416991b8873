"""Writes what happened to a migration, in the transaction in which it happened wherever there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .connection import Connection
from .manifest import Manifest, Step
from .planning import Action

_STEP = """
INSERT INTO schema_service.steps (schema_name, migration, direction, step, checksum, done)
VALUES (%(schema_name)s, %(migration)s, %(direction)s, %(step)s, %(step_checksum)s, %(done)s)
ON CONFLICT (schema_name, migration, direction, step)
DO UPDATE SET checksum = excluded.checksum, done = excluded.done, at = now()
"""
_RECORD = """
WITH happened AS (
    SELECT %(schema_name)s AS schema_name, %(migration)s AS migration, %(version)s AS version,
           %(status)s AS status, %(direction)s AS direction, %(checksum)s AS checksum,
           %(attempt)s::integer AS attempt, clock_timestamp() AS applied_at, session_user AS applied_by,
           %(duration_ms)s::double precision AS duration_ms, %(error)s AS error,
           %(package_version)s AS package_version
), remembered AS (
    INSERT INTO schema_service.history (schema_name, migration, version, status, direction, checksum,
        attempt, applied_at, applied_by, duration_ms, error, package_version)
    SELECT * FROM happened WHERE status <> 'running'
)
INSERT INTO schema_service.migrations (schema_name, migration, version, status, direction, checksum,
    attempt, applied_at, applied_by, duration_ms, error, package_version)
SELECT * FROM happened
ON CONFLICT (schema_name, migration) DO UPDATE SET
    version = excluded.version, status = excluded.status, direction = excluded.direction,
    checksum = excluded.checksum, attempt = excluded.attempt, applied_at = excluded.applied_at,
    applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, error = excluded.error,
    package_version = excluded.package_version
"""
_FORGET_STEPS = """
DELETE FROM schema_service.steps
WHERE schema_name = %(schema_name)s AND migration = %(migration)s
  AND (%(direction)s = 'down' OR direction = 'down')
"""
_VERSION = """
INSERT INTO schema_service.versions (schema_name, version, target, package_version)
VALUES (%(schema_name)s, %(version)s, %(target)s, %(package_version)s)
ON CONFLICT (schema_name) DO UPDATE SET
    version = excluded.version, target = excluded.target, package_version = excluded.package_version,
    updated_at = now()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What one attempt at one migration writes. ``attempt`` counts from 1 over all runs; ``target`` is the
    version that the run is on its way to."""

    manifest: Manifest
    action: Action
    attempt: int
    target: str | None

    @property
    def _steps(self) -> tuple[Step, ...]:
        return self.action.migration.steps(self.action.direction)

    def started(self, connection: Connection, step: int) -> None:
        """A step outside transactions begins: a killed run leaves at least this behind."""
        with connection.transaction():
            self._write_step(connection, step, done=False)
            self._write_record(connection, "running", None, None)

    def done(self, connection: Connection, step: int, duration_ms: float) -> None:
        """A step ended; inside the step's own transaction where it has one."""
        is_last = step == len(self._steps) - 1
        is_up = self.action.direction == "up"
        if is_up or not is_last:
            self._write_step(connection, step, done=True)
        if not is_last:
            self._write_record(connection, "running", duration_ms, None)
            return
        connection.execute(_FORGET_STEPS, self._values())
        self._write_record(connection, "success" if is_up else "rolled_back", duration_ms, None)
        set_version(connection, self.manifest, self.action.version_after, self.target)

    def done_alone(self, connection: Connection, step: int, duration_ms: float) -> None:
        """The same for a step that had no transaction of its own."""
        with connection.transaction():
            self.done(connection, step, duration_ms)

    def failed(self, connection: Connection, duration_ms: float, error: str) -> None:
        """The attempt ended in an error."""
        self._write_record(connection, "failed", duration_ms, error)

    def _write_step(self, connection: Connection, step: int, *, done: bool) -> None:
        values = self._values(step=step, step_checksum=self._steps[step].checksum, done=done)
        connection.execute(_STEP, values)

    def _write_record(
        self, connection: Connection, status: str, duration_ms: float | None, error: str | None
    ) -> None:
        values = self._values(status=status, duration_ms=duration_ms, error=error)
        connection.execute(_RECORD, values)

    def _values(self, **more: object) -> dict[str, Any]:
        return {
            "schema_name": self.manifest.schema_name,
            "migration": self.action.migration.id,
            "version": self.action.migration.version,
            "direction": self.action.direction,
            "checksum": self.action.migration.checksum,
            "attempt": self.attempt,
            "package_version": self.manifest.package_version,
            **more,
        }


def set_version(connection: Connection, manifest: Manifest, version: str | None, target: str | None) -> None:
    """The version that the database now has as a whole, and the one a run is on its way to."""
    values = {
        "schema_name": manifest.schema_name,
        "version": version,
        "target": target,
        "package_version": manifest.package_version,
    }
    connection.execute(_VERSION, values)
