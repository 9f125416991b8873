"""The results of the commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from .errors import RefusedError
from .manifest import Manifest, Migration
from .planning.drafts import refuse_other_draft
from .planning.history_checks import NOTHING_CHANGED, edited, refuse_other_line, unknown
from .planning.planning import Plan
from .planning.state import Record, RecordStatus, State
from .prechecks.data_checks import Answers, deferred_checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did: the database's version before and after (None: empty), and what ran, in order."""

    version_before: str | None
    version: str | None
    migrations: tuple[str, ...]
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run would do."""

    #: None is an empty database.
    version_before: str | None
    version: str | None
    #: Objects of ``migration``, ``version``, ``direction``, ``first_step``, ``steps`` (kinds) and ``undoes``:
    #: the script ("up" or "down") that stopped between two steps, if these steps undo what it has done.
    migrations: tuple[dict[str, Any], ...]
    #: What a downgrade would destroy, and which rows or names a script would fail on, one line each.
    losses: tuple[str, ...]
    blocked_by: tuple[str, ...]
    #: What a script may fail on, and no query could tell.
    unchecked: tuple[str, ...]
    #: What can only be checked during the run, which would then stop between two migrations.
    asked_later: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer of ``plan --json`` and of ``--dry-run``."""
        return asdict(self)


def forecast(state: State, plan: Plan, answers: Answers, taken: Sequence[str]) -> Forecast:
    """A plan, and the answers to its checks; ``taken`` are the names that it needs and that are in use."""
    return Forecast(
        version_before=state.version,
        version=plan.version,
        migrations=tuple(
            {
                "migration": action.migration.id,
                "version": action.migration.version,
                "direction": action.direction,
                "undoes": action.undoes,
                "first_step": action.first_step,
                "steps": [step.kind for step in action.steps],
            }
            for action in plan.actions
        ),
        losses=tuple(str(finding) for finding in answers.findings if finding.check.kind == "loss"),
        blocked_by=(
            *taken,
            *(str(finding) for finding in answers.findings if finding.check.kind == "in_use"),
        ),
        unchecked=tuple(str(each) for each in answers.unchecked),
        asked_later=tuple(f"{migration}: {what}" for migration, what in deferred_checks(plan.actions)),
    )


#: ``contained``: of another line, and the database has its change by other migrations.
ShownStatus = RecordStatus | Literal["contained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """One migration of the package. ``record`` is None where it never ran on this database."""

    migration: str
    version: str
    status: ShownStatus
    checksum: str
    record: Record | None

    def as_json(self) -> dict[str, Any]:
        """One flat object; null for what the database has not recorded."""
        tracked = ("applied_at", "applied_by", "duration_ms", "attempt", "error", "package_version")
        recorded = asdict(self.record) if self.record else {}
        return {
            "migration": self.migration,
            "version": self.version,
            "status": self.status,
            "checksum": self.checksum,
            **{name: recorded.get(name) for name in tracked},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A database compared with the package."""

    schema_name: str
    #: The database's version, and the one that the last run was going to.
    version: str | None
    target: str | None
    #: The schema version of the package.
    package_version: str
    up_to_date: bool
    migrations: tuple[MigrationStatus, ...]
    #: Names of migrations that were edited after they ran, and of applied ones that are not in the package.
    edited: tuple[str, ...]
    unknown: tuple[str, ...]
    #: Names of migrations that are half applied or half undone, or applied before the rest of their version:
    #: the database is between two versions. Those that are not in the package are among them.
    between: tuple[str, ...] = ()
    #: Why no version of this package follows the database's: that is on a line which it doesn't contain.
    other_line: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer of ``status --json``."""
        return {
            "schema_name": self.schema_name,
            "version": self.version,
            "target": self.target,
            "package_version": self.package_version,
            "up_to_date": self.up_to_date,
            "migrations": [migration.as_json() for migration in self.migrations],
            "edited": list(self.edited),
            "unknown": list(self.unknown),
            "between": list(self.between),
            "other_line": self.other_line,
        }


def status_of(manifest: Manifest, state: State) -> Status:
    """Compare the package with the database's tracking tables."""
    migrations = tuple(
        MigrationStatus(
            migration=migration.id,
            version=migration.version,
            status=_shown(manifest, state, migration),
            checksum=migration.checksum,
            record=state.records.get(migration.id),
        )
        for migration in manifest.migrations
    )
    contradictions = (tuple(edited(manifest, state)), tuple(unknown(manifest, state)))
    return Status(
        schema_name=manifest.schema_name,
        version=state.version,
        target=state.target,
        package_version=manifest.version,
        up_to_date=not any(contradictions)
        and state.version is not None
        and not state.unfinished()
        and not manifest.missing(manifest.version, state.is_applied),
        migrations=migrations,
        edited=contradictions[0],
        unknown=contradictions[1],
        between=tuple(_between(manifest, state)),
        other_line=_other_line(manifest, state),
    )


def _shown(manifest: Manifest, state: State, migration: Migration) -> ShownStatus:
    record = state.records.get(migration.id)
    beside = manifest.beside(manifest.version)
    there = {own for name, own in beside.items() if state.is_applied(name)}
    is_reached = state.version in manifest.versions and migration.id not in state.unfinished()
    if is_reached and not state.is_applied(migration.id):
        is_contained = migration.id in beside and not manifest.missing(manifest.version, state.is_applied)
        if is_contained or migration.id in there:
            return "contained"
    return record.status if record else "pending"


def _between(manifest: Manifest, state: State) -> list[str]:
    half = set(state.unfinished()) - set(state.harmless_failures())
    if state.version in (None, *manifest.versions):
        half |= {m.id for m in manifest.above(state.version) if state.is_applied(m.id)}
    return sorted(half)


def _other_line(manifest: Manifest, state: State) -> str | None:
    try:
        refuse_other_draft(manifest, state)
        refuse_other_line(manifest, state)
    except RefusedError as error:
        return f"{error.message.removesuffix(NOTHING_CHANGED)}; {error.fix}"
    return None
