"""What differs between two versions: for whom, in which code, in the database, and for the number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from generators.revisions import current_revision
from generators.target import PackageNames
from generators.upgrade_guide.examples import Examples, code_examples
from schemas.answers import Rename
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.comparison.consumers import CONSUMERS, Consumer, Effect, effects
from schemas.comparison.number import Ask, schema_ask, smallest_version
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from ..validation.asks import other_asks
from .known_versions import KnownVersion, KnownVersions
from .script_locks import ScriptLocks, locks_of

#: ``forward`` where the second version contains the first, ``back`` where it is the other way round, and
#: ``other-line`` where neither does: then no migration leads from the one to the other.
Direction: TypeAlias = Literal["forward", "back", "other-line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """``before`` is None where ``after`` is the first. ``smallest`` is the smallest number that may follow
    ``before`` with these changes, and ``asks`` who asks for which, the schema first; both are empty unless it
    goes forward. ``both_in``: the lowest version that contains both, where they are on different lines."""

    before: SchemaVersion | None
    after: SchemaVersion
    direction: Direction
    changes: tuple[Change, ...]
    examples: Mapping[Change, Examples]
    asks: tuple[Ask, ...]
    smallest: SchemaVersion | None
    migrations: tuple[ScriptLocks, ...]
    both_in: SchemaVersion | None = None

    def counts(self) -> Mapping[Consumer, Counter[Effect]]:
        """How many changes have which effect, for each kind of consumer."""
        counted: dict[Consumer, Counter[Effect]] = {consumer: Counter() for consumer in CONSUMERS}
        for change in self.changes:
            for consumer, effect in effects(change).items():
                counted[consumer][effect] += 1
        return counted

    @property
    def line_note(self) -> str:
        """One sentence, where they are on different lines; else empty."""
        if self.direction != "other-line":
            return ""
        where = f"{self.both_in} contains both" if self.both_in else "no version contains both"
        return (
            f"{self.before} and {self.after} are on different lines, so no migration leads from one to the "
            f"other: {where}."
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "from": str(self.before) if self.before else None,
            "to": str(self.after),
            "direction": self.direction,
            "both_in": str(self.both_in) if self.both_in else None,
            "smallest_version": str(self.smallest) if self.smallest else None,
            "asks": [asdict(ask) for ask in self.asks],
            "consumers": {consumer: dict(counts) for consumer, counts in self.counts().items()},
            "changes": [self._change(change) for change in self.changes],
            "migrations": [each.to_json() for each in self.migrations],
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
    """The differences; either may be the higher version. ``names`` are those of the settings.

    Raises WorkspaceError for a version that nobody knows, and InvalidSchemaError.
    """
    new = known.find(after)
    old = known.find(before) if before is not None else None
    renames: tuple[Rename, ...] = new.renames
    if before is not None:
        renames = known.renames(before, after, bridge)
    schemas = None if before is None else known.schema(before, bridge), known.schema(after, bridge)
    changes = compare(*schemas, renames)
    direction = _direction(known, before, after)
    asks = _asks(old, new, changes, names) if old and direction == "forward" else ()
    return VersionDiff(
        before=before,
        after=after,
        direction=direction,
        changes=changes,
        examples=code_examples(*schemas, changes, names),
        asks=asks,
        smallest=smallest_version(old.version, changes, asks[1:]) if old and asks else None,
        migrations=_migrations(known, before, after, direction),
        both_in=known.containing(before, after) if before and direction == "other-line" else None,
    )


def _direction(known: KnownVersions, before: SchemaVersion | None, after: SchemaVersion) -> Direction:
    if before is None or known.contains(after, before):
        return "forward"
    return "back" if known.contains(before, after) else "other-line"


def _asks(
    old: KnownVersion, new: KnownVersion, changes: tuple[Change, ...], names: PackageNames
) -> tuple[Ask, ...]:
    packages = dict(new.base.packages) if new.is_published else asdict(names)
    revision = (new.base.generators if new.is_published else None) or current_revision()
    return (schema_ask(changes), *other_asks(old.base, packages, revision))


def _migrations(
    known: KnownVersions, before: SchemaVersion | None, after: SchemaVersion, direction: Direction
) -> tuple[ScriptLocks, ...]:
    if direction == "other-line":
        return ()
    if direction == "back" and before is not None:
        return locks_of(known.added(after, before)[::-1], "down")
    return locks_of(known.added(before, after), "up")
