"""What differs between two versions: for whom, in which code, in the database, and for the number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from generators.revisions import current_revision
from generators.target import PackageNames
from generators.upgrade_guide.examples import Examples, code_examples
from migrations.scripts.locks import TableLock, script_locks
from migrations.scripts.split import split
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.comparison.consumers import CONSUMERS, Consumer, Effect, effects
from schemas.comparison.number import Ask, schema_ask, smallest_version
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..validation.asks import other_asks
from .known_versions import KnownVersion, KnownVersions


@dataclass(frozen=True, slots=True)
class MigrationLocks:
    """What one script locks. ``script`` is ``up`` or ``down``; ``is_missing``: there is no way back."""

    id: str
    script: str
    locks: tuple[TableLock, ...]
    is_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """``before`` is None where ``after`` is the first. ``smallest`` is the smallest number that may follow
    ``before`` with these changes, and ``asks`` who asks for which; both are empty for a way back."""

    before: SchemaVersion | None
    after: SchemaVersion
    changes: tuple[Change, ...]
    examples: Mapping[Change, Examples]
    asks: tuple[Ask, ...]
    smallest: SchemaVersion | None
    migrations: tuple[MigrationLocks, ...]

    def counts(self) -> Mapping[Consumer, Counter[Effect]]:
        """How many changes have which effect, for each kind of consumer."""
        counted: dict[Consumer, Counter[Effect]] = {consumer: Counter() for consumer in CONSUMERS}
        for change in self.changes:
            for consumer, effect in effects(change).items():
                counted[consumer][effect] += 1
        return counted

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "from": str(self.before) if self.before else None,
            "to": str(self.after),
            "smallest_version": str(self.smallest) if self.smallest else None,
            "asks": [asdict(ask) for ask in self.asks],
            "consumers": {consumer: dict(counts) for consumer, counts in self.counts().items()},
            "changes": [self._change(change) for change in self.changes],
            "migrations": [
                {**asdict(each), "locks": [{**asdict(lock), "waiting": lock.waiting} for lock in each.locks]}
                for each in self.migrations
            ],
        }

    def _change(self, change: Change) -> dict[str, Any]:
        return {
            "kind": change.kind,
            "subject": change.subject,
            "name": change.name,
            "was": change.was or None,
            "rule": change.exact_rule,
            "compatibility": change.compatibility,
            "text": change.text,
            "effects": dict(effects(change)),
            "code": {language: asdict(example) for language, example in self.examples[change].items()},
        }


def version_diff(
    known: KnownVersions,
    before: SchemaVersion | None,
    after: SchemaVersion,
    names: PackageNames,
    bridge: PrismaBridge,
) -> VersionDiff:
    """The differences; ``before`` may be the higher version. ``names`` are those of the settings.

    Raises WorkspaceError for a version that nobody knows, InvalidSchemaError, and MigrationSyntaxError.
    """
    new = known.find(after)
    old = known.find(before) if before is not None else None
    schemas = old.schema(bridge) if old else None, new.schema(bridge)
    renames: tuple[tuple[str, str], ...] = new.renames if old is None else ()
    if old is not None and old.version < new.version and schemas[0] is not None:
        renames = known.renames(old.version, new.version, schemas[0])
    elif old is not None:
        renames = tuple((now, was) for was, now in known.renames(new.version, old.version, schemas[1]))
    changes = compare(*schemas, renames)
    asks = _asks(old, new, changes, names)
    return VersionDiff(
        before=before,
        after=after,
        changes=changes,
        examples=code_examples(*schemas, changes, names),
        asks=asks,
        smallest=smallest_version(old.version, changes, asks[1:]) if old and asks else None,
        migrations=_migrations(old, new),
    )


def _asks(
    old: KnownVersion | None, new: KnownVersion, changes: tuple[Change, ...], names: PackageNames
) -> tuple[Ask, ...]:
    """The schema's first."""
    if old is None or old.version > new.version:
        return ()
    packages = dict(new.base.packages) if new.is_published else asdict(names)
    revision = (new.base.generators if new.is_published else None) or current_revision()
    return (schema_ask(changes), *other_asks(old.base, packages, revision))


def _migrations(old: KnownVersion | None, new: KnownVersion) -> tuple[MigrationLocks, ...]:
    """By name and not by version: one that takes a line over runs migrations with lower versions."""
    there = {each.id for each in old.history} if old is not None else set()
    if old is not None and old.version > new.version:
        kept = {each.id for each in new.history}
        back = [each for each in reversed(old.history) if each.id not in kept]
        return tuple(_locks(each, "down", each.down) for each in back)
    return tuple(_locks(each, "up", each.up) for each in new.history if each.id not in there)


def _locks(migration: Migration, script: Literal["up", "down"], text: str | None) -> MigrationLocks:
    if text is None:
        return MigrationLocks(migration.id, script, (), is_missing=True)
    split(text, migration.script_path(script))  # which says what is wrong where it can't be read
    return MigrationLocks(migration.id, script, script_locks(text))
