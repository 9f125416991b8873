"""What a version changes, and what speaks against it: a difference with problems, losses and durations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generators.target import PackageNames
from schemas.errors import InvalidSchemaError, Problem, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from .diff import VersionDiff, version_diff
from .known_versions import KnownVersions
from .script_locks import ScriptLocks


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReview:
    """``diff`` is since the version before; None where the schema or a file can't be read, of this version or
    of one below. ``number``: the difference that asks for the largest number, of those since the last release
    and since the lines that it takes over. ``durations``: milliseconds by the id of a migration, as it was
    rehearsed."""

    version: SchemaVersion
    diff: VersionDiff | None
    number: VersionDiff | None = None
    problems: tuple[Problem, ...] = ()
    losses: tuple[str, ...] = ()
    durations: Mapping[str, float]

    @property
    def previous(self) -> SchemaVersion | None:
        return self.diff.before if self.diff else None

    @property
    def smallest(self) -> SchemaVersion | None:
        """The smallest number that it may have."""
        return self.number.smallest if self.number else None

    def findings(self, migration: ScriptLocks) -> int:
        """How many problems the scripts of a migration have."""
        folder = f"{VERSIONS_FOLDER}/{self.version}/migrations/{migration.id}/"
        return sum((problem.file or "").startswith(folder) for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """As JSON values. The problems are left out: whoever has a review has them."""
        document = self.diff.to_json() if self.diff else {"changes": [], "migrations": []}
        return {
            **document,
            "previous": str(self.previous) if self.previous else None,
            "smallest_version": str(self.smallest) if self.smallest else None,
            "asks": self.number.to_json()["asks"] if self.number else [],
            "migrations": [
                {**each, "duration_ms": self.durations.get(each["id"])} for each in document["migrations"]
            ],
            "losses": list(self.losses),
        }


def review_version(
    workspace: Workspace,
    version: SchemaVersion,
    names: PackageNames,
    bridge: PrismaBridge,
    *,
    problems: Sequence[Problem] = (),
    rehearsed: Mapping[str, Any] | None = None,
    losses: Sequence[str] = (),
) -> VersionReview:
    """Review ``version``. ``names`` are those of the settings, ``problems`` were found in it, ``rehearsed``
    is its rehearsal's record, and ``losses`` is what that lost. Raises BridgeError."""
    diff, number = None, None
    try:
        known = KnownVersions(workspace)
        diff = version_diff(known, known.before(version), version, names, bridge)
        number = _number(known, diff, names, bridge)
    except (WorkspaceError, InvalidSchemaError):
        diff = None  # why is among the problems
    return VersionReview(
        version=version,
        diff=diff,
        number=number,
        problems=tuple(problems),
        losses=tuple(losses),
        durations={each["id"]: each["duration_ms"] for each in (rehearsed or {}).get("migrations", ())},
    )


def _number(
    known: KnownVersions, diff: VersionDiff, names: PackageNames, bridge: PrismaBridge
) -> VersionDiff | None:
    release = known.last_release(diff.after)
    bases = [*([release] if release else []), *known.taken(diff.after)]
    asking = [
        diff if base == diff.before else version_diff(known, base, diff.after, names, bridge)
        for base in bases
    ]
    return max((each for each in asking if each.smallest), key=_smallest, default=None)


def _smallest(diff: VersionDiff) -> tuple[SchemaVersion, ...]:
    return (diff.smallest,) if diff.smallest else ()
