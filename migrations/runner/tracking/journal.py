"""Records what happened to a migration, in the same transaction wherever there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ..connection.connection import Connection
from ..manifest import Direction, Manifest, Migration, Step
from ..planning.action import Action
from ..planning.state import UNDO_STEPS, RecordStatus

_STEP = """
INSERT INTO schema_service.steps (schema_name, migration, direction, step, checksum, done, position)
VALUES (%(schema_name)s, %(migration)s, %(direction)s, %(step)s, %(step_checksum)s, %(done)s, %(position)s)
ON CONFLICT (schema_name, migration, direction, step)
DO UPDATE SET checksum = excluded.checksum, done = excluded.done, position = excluded.position, at = now()
"""
# Both tables that record what happened, in one round trip.
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
INSERT INTO schema_service.migrations AS m (schema_name, migration, version, status, direction, checksum,
    attempt, applied_at, applied_by, duration_ms, error, package_version)
SELECT * FROM happened
ON CONFLICT (schema_name, migration) DO UPDATE SET
    version = excluded.version, status = excluded.status, direction = excluded.direction,
    checksum = excluded.checksum, attempt = excluded.attempt, applied_at = excluded.applied_at,
    applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, error = excluded.error,
    package_version = excluded.package_version
"""
# Waits for a commit that is under way: of a statement whose run was cut off.
_RECORDED = """
SELECT status FROM schema_service.migrations
WHERE schema_name = %(schema_name)s AND migration = %(migration)s FOR UPDATE
"""
_FORGET_STEPS = """
DELETE FROM schema_service.steps WHERE schema_name = %(schema_name)s AND migration = %(migration)s
"""
_FORGET_ALL_STEPS = """
DELETE FROM schema_service.steps WHERE schema_name = %(schema_name)s
"""
_UNDONE = """
DELETE FROM schema_service.steps
WHERE schema_name = %(schema_name)s AND migration = %(migration)s AND direction = %(direction)s
  AND step = %(step)s AND NOT done
"""
_REACHED = """
UPDATE schema_service.versions SET version = %(version_after)s, updated_at = now()
WHERE schema_name = %(schema_name)s AND version IS DISTINCT FROM %(version_after)s
"""
_EXPECT = """
INSERT INTO schema_service.migrations (schema_name, migration, version, status, direction, checksum, attempt,
    package_version)
SELECT %(schema_name)s, migration, version, 'pending', 'up', checksum, 0, %(package_version)s
FROM unnest(%(migrations)s::text[], %(versions)s::text[], %(checksums)s::text[])
    AS expected (migration, version, checksum)
ON CONFLICT (schema_name, migration) DO NOTHING
"""
_VERSION = """
INSERT INTO schema_service.versions
    (schema_name, version, target, digest, compatible_from, package_version, objects)
VALUES (%(schema_name)s, %(version)s, %(target)s, %(digest)s, %(compatible_from)s, %(package_version)s,
    %(objects)s)
ON CONFLICT (schema_name) DO UPDATE SET
    version = excluded.version, target = excluded.target, digest = excluded.digest,
    compatible_from = excluded.compatible_from, package_version = excluded.package_version,
    objects = excluded.objects, updated_at = now()
"""
# Older runners made the table without this column, and only its owner may add it.
_ADD_CONTAINS = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'schema_service.versions'::regclass
                   AND attname = 'contains' AND NOT attisdropped) THEN
        ALTER TABLE schema_service.versions ADD COLUMN contains jsonb;
    END IF;
END $$
"""
_CONTAINS = """
UPDATE schema_service.versions SET contains = %(contains)s WHERE schema_name = %(schema_name)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What one attempt at one migration records. ``attempt`` counts from 1 over all runs; ``was_tried``: an
    earlier attempt has left rows behind."""

    manifest: Manifest
    action: Action
    attempt: int
    was_tried: bool

    @property
    def _steps(self) -> tuple[Step, ...]:
        return self.action.steps

    def retried(self, connection: Connection) -> None:
        """An attempt starts after one that failed or was interrupted."""
        with connection.transaction():
            connection.execute(self._record(connection, "retried", None, None).encode())

    def started(self, connection: Connection, step: int) -> None:
        """A step outside transactions starts; if the run is killed, this row shows that."""
        entry = [
            self._step(connection, step, done=False),
            self._record(connection, "running", None, None),
        ]
        with connection.transaction():
            connection.execute("; ".join(entry).encode())

    def undone(self, connection: Connection, step: int) -> None:
        """Nothing is left of a step outside transactions that was started."""
        with connection.transaction():
            connection.execute(_UNDONE, self._values(**self._place(step)))

    def advanced(self, connection: Connection, step: int, position: str) -> str:
        """SQL: a backfill has reached ``position``; for the batch's transaction."""
        return self._step(connection, step, done=False, position=position)

    def done(self, connection: Connection, step: int, duration_ms: float) -> str:
        """SQL: a step ended; for the step's own transaction where it has one."""
        if step < len(self._steps) - 1:
            running = self._record(connection, "running", duration_ms, None)
            return "; ".join([self._step(connection, step, done=True), running])
        return self._ended(connection, duration_ms)

    def ended(self, connection: Connection, duration_ms: float) -> None:
        """Nothing is left to run: a corrected script ends where the last run stopped."""
        with connection.transaction():
            connection.execute(self._ended(connection, duration_ms).encode())

    @property
    def _ended_status(self) -> RecordStatus:
        return "success" if self.action.direction == "up" else "rolled_back"

    def _ended(self, connection: Connection, duration_ms: float) -> str:
        values = self._values(version_after=self.action.version_after)
        entry = [self._record(connection, self._ended_status, duration_ms, None)]
        is_single = len(self._steps) == 1 and self._steps[0].kind in ("transaction", "enum_value")
        if self.was_tried or not is_single:
            entry.append(_composed(connection, _FORGET_STEPS, values))
        if self.action.version_after != self.action.version_before:
            entry.append(_composed(connection, _REACHED, values))
        return "; ".join(entry)

    def done_alone(self, connection: Connection, step: int, duration_ms: float) -> None:
        """The same, in a transaction of its own, for a step outside transactions."""
        with connection.transaction():
            connection.execute(self.done(connection, step, duration_ms).encode())

    def failed(self, connection: Connection, duration_ms: float, error: str) -> bool:
        """The attempt ended in an error. False, and nothing is recorded, if the script is recorded as done:
        the error came after its commit, or with it."""
        with connection.transaction():
            row = connection.execute(_RECORDED, self._values()).fetchone()
            if row is not None and row[0] == self._ended_status:
                return False
            connection.execute(self._record(connection, "failed", duration_ms, error).encode())
        return True

    def _step(self, connection: Connection, step: int, *, done: bool, position: str | None = None) -> str:
        checksum = self._steps[step].checksum
        values = self._values(**self._place(step), step_checksum=checksum, done=done, position=position)
        return _composed(connection, _STEP, values)

    def _place(self, step: int) -> dict[str, Any]:
        """Where a step is journaled: those of an undo with the script that they undo."""
        if self.action.undoes is None:
            return {"step": step}
        return {"step": UNDO_STEPS + step, "direction": self.action.undoes}

    def _record(
        self, connection: Connection, status: str, duration_ms: float | None, error: str | None
    ) -> str:
        values = self._values(status=status, duration_ms=duration_ms, error=error)
        return _composed(connection, _RECORD, values)

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


def _composed(connection: Connection, query: str, values: dict[str, Any]) -> str:
    """The query with its values as constants, so that several statements can go in one round trip."""
    return psycopg.ClientCursor(connection).mogrify(query, values)


def begin_run(connection: Connection, manifest: Manifest, version: str | None, target: str | None) -> str:
    """SQL: a run has started from ``version`` to ``target``; what is not applied yet is pending.

    What is compatible with the target is compatible with every version before it.
    """
    beside = manifest.beside(target)
    expected = [m for m in manifest.migrations if m.id not in beside]
    values = {
        "schema_name": manifest.schema_name,
        "package_version": manifest.package_version,
        "migrations": [m.id for m in expected],
        "versions": [m.version for m in expected],
        "checksums": [m.checksum for m in expected],
    }
    row = _version(manifest, version, target, digest=None)
    row["compatible_from"] = _compatible_from(manifest, target)
    added = [_ADD_CONTAINS] if manifest.lines else []
    return "; ".join([*added, _composed(connection, _EXPECT, values), _composed(connection, _VERSION, row)])


def settle(
    connection: Connection, manifest: Manifest, applied: Iterable[Migration], others: Iterable[Migration]
) -> str:
    """SQL: earlier runs of these migrations have failed and left nothing; ``applied`` are applied, and the
    others are not."""
    return "; ".join(
        [
            *(_settled(connection, manifest, each, "up", "success") for each in applied),
            *(_settled(connection, manifest, each, "down", "rolled_back") for each in others),
        ]
    )


def end_run(connection: Connection, manifest: Manifest, version: str | None) -> str:
    """SQL: the run has ended, and the database is completely at ``version``."""
    known = None if version is None else manifest.objects_at(version)
    values = _version(manifest, version, version, digest=manifest.digest_at(version))
    values["objects"] = None if known is None else Jsonb(sorted(known))
    ended = _composed(connection, _VERSION, values)
    line = None if version is None else manifest.lines.get(version)
    if line is None:
        return ended
    values["contains"] = Jsonb({"version": version, "contains": sorted(line.contains)})
    return "; ".join([_ADD_CONTAINS, ended, _composed(connection, _CONTAINS, values)])


def record_baseline(connection: Connection, manifest: Manifest, migrations: Iterable[Migration]) -> str:
    """SQL: these migrations were applied by other means."""
    return "; ".join(_settled(connection, manifest, each, "up", "success") for each in migrations)


def record_resolved(
    connection: Connection, manifest: Manifest, applied: Iterable[Migration], others: Iterable[Migration]
) -> str:
    """SQL: by other means these migrations were applied, and the others undone; no step is half done."""
    forget = _composed(connection, _FORGET_ALL_STEPS, {"schema_name": manifest.schema_name})
    return "; ".join(filter(None, [forget, settle(connection, manifest, applied, others)]))


def _settled(
    connection: Connection,
    manifest: Manifest,
    migration: Migration,
    direction: Direction,
    status: RecordStatus,
) -> str:
    values = {
        "schema_name": manifest.schema_name,
        "migration": migration.id,
        "version": migration.version,
        "direction": direction,
        "checksum": migration.checksum,
        "attempt": 0,
        "package_version": manifest.package_version,
        "status": status,
        "duration_ms": None,
        "error": None,
    }
    return _composed(connection, _RECORD, values)


def _version(
    manifest: Manifest, version: str | None, target: str | None, *, digest: str | None
) -> dict[str, Any]:
    return {
        "schema_name": manifest.schema_name,
        "version": version,
        "target": target,
        "digest": digest,
        "compatible_from": _compatible_from(manifest, version),
        "package_version": manifest.package_version,
        "objects": None,
    }


def _compatible_from(manifest: Manifest, version: str | None) -> str | None:
    return None if version is None else manifest.compatible_from.get(version)
