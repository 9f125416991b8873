"""What a version changes, from its files: changes, migrations with their locks, the smallest number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pglast.parser import ParseError

from migrations.scripts.locks import TableLock, runs_code, script_locks
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.comparison.number import smallest_version
from schemas.errors import InvalidSchemaError, Problem, WorkspaceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..validation.predecessors import BaseVersion, Predecessors, expected_predecessors, sources_on_line
from ..validation.schema_loading import parsed_schema
from .consumers import effects


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationReview:
    """``locks``: of up.sql, on tables that were there before; None if it can't be read. ``runs_code``: it may
    lock more. ``duration_ms``: as it was rehearsed. ``findings``: how many problems its scripts have."""

    id: str
    locks: tuple[TableLock, ...] | None
    runs_code: bool
    duration_ms: float | None
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReview:
    """``smallest``: the smallest number that the changes allow after the last release. ``is_read``: False
    where the schema or a file can't be read, of this version or of one below; the rest is empty then."""

    version: SchemaVersion
    previous: SchemaVersion | None
    smallest: SchemaVersion | None
    changes: tuple[Change, ...]
    migrations: tuple[MigrationReview, ...]
    losses: tuple[str, ...]
    problems: tuple[Problem, ...]
    is_read: bool = True

    def to_json(self) -> dict[str, Any]:
        """As JSON values. The problems are left out: whoever has a review has them."""
        return {
            "previous": str(self.previous) if self.previous else None,
            "smallest_version": str(self.smallest) if self.smallest else None,
            "changes": [{**asdict(change), "effects": dict(effects(change))} for change in self.changes],
            "migrations": [
                {
                    "id": each.id,
                    "locks": None if each.locks is None else [asdict(lock) for lock in each.locks],
                    "runs_code": each.runs_code,
                    "duration_ms": each.duration_ms,
                }
                for each in self.migrations
            ],
            "losses": list(self.losses),
        }


def review_version(
    workspace: Workspace,
    version: SchemaVersion,
    bridge: PrismaBridge,
    *,
    problems: Sequence[Problem] = (),
    rehearsed: Mapping[str, Any] | None = None,
    losses: Sequence[str] = (),
) -> VersionReview:
    """Review ``version``. ``problems`` were found in it, ``rehearsed`` is its rehearsal's record, and
    ``losses`` is what that lost. Raises BridgeError."""
    previous: SchemaVersion | None = None
    smallest: SchemaVersion | None = None
    changes: tuple[Change, ...] = ()
    migrations: tuple[Migration, ...] = ()
    is_read = True
    try:
        source = workspace.load(version)
        before = expected_predecessors(sources_on_line(source, workspace.load))
        migrations = (*source.taken, *source.migrations)
        previous = before.previous.version if before.previous else None
        changes, smallest = _changes(source, before, bridge)
    except (WorkspaceError, InvalidSchemaError):
        is_read = False  # why is among the problems
    durations = {each["id"]: each["duration_ms"] for each in (rehearsed or {}).get("migrations", ())}
    return VersionReview(
        version=version,
        previous=previous,
        smallest=smallest,
        changes=changes,
        migrations=tuple(_migration(each, durations.get(each.id), problems) for each in migrations),
        losses=tuple(losses),
        problems=tuple(problems),
        is_read=is_read,
    )


def _changes(
    source: VersionSource, before: Predecessors, bridge: PrismaBridge
) -> tuple[tuple[Change, ...], SchemaVersion | None]:
    """What changed since the version before, and the smallest number after the last release."""
    after = parsed_schema(source.schema_text, source.schema_path, source.partial_types, bridge)
    changes = compare(_parsed(before.previous, bridge), after, source.renames)
    stable = before.last_stable
    if stable is None:
        return changes, None
    since = changes if stable == before.previous else compare(_parsed(stable, bridge), after, source.renames)
    return changes, smallest_version(stable.version, since)


def _parsed(base: BaseVersion | None, bridge: PrismaBridge) -> Schema | None:
    if base is None:
        return None
    return parsed_schema(base.schema_text, base.schema_file, base.partial_types, bridge)


def _migration(
    migration: Migration, duration_ms: float | None, problems: Sequence[Problem]
) -> MigrationReview:
    files = (migration.script_path("up"), migration.script_path("down"))
    try:
        locks, code = script_locks(migration.up), runs_code(migration.up)
    except ParseError:  # among the problems
        locks, code = None, False
    return MigrationReview(
        id=migration.id,
        locks=locks,
        runs_code=code,
        duration_ms=duration_ms,
        findings=sum(problem.file in files for problem in problems),
    )
