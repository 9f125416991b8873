"""Scripts that `migration new` wrote, against the answers in version.toml that they were written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrations.planner.losses.draft_state import Draft
from migrations.planner.plan import MigrationPlan, plan
from migrations.planner.questions import UnansweredError
from migrations.schema_check.schema_check import schema_problems
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.generated import Generated
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import STATE_NAME, Workspace

from ..errors import NothingToMigrateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What the scripts of one migration follow from, but for the answers."""

    before: Schema | None
    after: Schema
    draft: Draft | None
    origin: str

    def plan(self, answers: Answers, bridge: PrismaBridge) -> MigrationPlan:
        """Raises UnansweredError and BridgeError."""
        return plan(self.before, self.after, bridge, answers, draft=self.draft, origin=self.origin)


def planning(
    workspace: Workspace,
    source: VersionSource,
    earlier: Sequence[Migration],
    leads_to: str,
    bridge: PrismaBridge,
) -> Planning:
    """Of the migration of ``source`` after ``earlier``, its first ones, to the schema ``leads_to``.

    Raises NothingToMigrateError where the schema after ``earlier`` isn't known, and InvalidSchemaError.
    """
    base = _version_before(workspace, source, bridge)
    after = _schema(leads_to, source, bridge)
    if not earlier:
        return Planning(before=base, after=after, draft=None, origin="the version before")
    scripts = tuple((migration.script_path("up"), migration.up) for migration in earlier)
    return Planning(
        before=_state_after(workspace, source, earlier[-1], bridge),
        after=after,
        draft=Draft(base=base, scripts=scripts),
        origin=f"the state after {earlier[-1].id}",
    )


def _schema(text: str, source: VersionSource, bridge: PrismaBridge) -> Schema:
    """Raises InvalidSchemaError also for one that no database can have."""
    schema = bridge.parse(text, source.schema_path)
    found = schema_problems(schema, source.schema_path, text)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InvalidSchemaError(*errors)
    return schema


def outdated_scripts(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> list[Problem]:
    """The generated migrations of a draft that the present answers would write otherwise.

    Those that somebody edited are a warning. Raises BridgeError.
    """
    if source.is_published or script_problems(source.migrations):
        return []
    problems: list[Problem] = []
    for at, migration in enumerate(source.migrations):
        generated = workspace.generated(migration)
        if generated is None or _same(generated.answers, source.answers):
            continue
        if _is_outdated(workspace, source, at, generated, bridge):
            problems.append(_outdated(source, migration, is_edited=generated.is_edited(migration)))
    return problems


def _same(one: Answers, other: Answers) -> bool:
    """Whether both lead to the same scripts, whatever the reasons that they give."""
    return (one.renames, one.backfills, [loss for loss, _ in one.accepted_losses]) == (
        other.renames,
        other.backfills,
        [loss for loss, _ in other.accepted_losses],
    )


def _is_outdated(
    workspace: Workspace, source: VersionSource, at: int, generated: Generated, bridge: PrismaBridge
) -> bool:
    migration = source.migrations[at]
    leads_to = workspace.schema_after(migration)
    if leads_to is None:
        return False
    try:
        found = planning(workspace, source, source.migrations[:at], leads_to, bridge)
    except (NothingToMigrateError, InvalidSchemaError):
        return False  # nobody can say what it was written from
    now = _scripts(found, source.answers, bridge)
    return now != _scripts(found, generated.answers, bridge) and now != (migration.up, migration.down)


def _scripts(found: Planning, answers: Answers, bridge: PrismaBridge) -> tuple[str, str | None] | None:
    """None where an answer is missing."""
    try:
        planned = found.plan(answers, bridge)
    except UnansweredError:
        return None
    return planned.up, planned.down


def _outdated(source: VersionSource, migration: Migration, *, is_edited: bool) -> Problem:
    command = f"schema-service migration rewrite {migration.id} {source.version}"
    folder = f"{source.folder}/migrations/{migration.id}"
    what = "was edited, and its scripts were" if is_edited else "was"
    fix = f"write it anew: {command}"
    if is_edited:
        fix = (
            f"compare it with the answers, then delete {folder}/generated.toml; "
            f"or lose the edits: {command} --discard-edits"
        )
    return Problem(
        code="outdated-script",
        message=f"{migration.id} {what} written from other answers than version.toml has now",
        fix=fix,
        file=migration.script_path("up"),
        line=1,
        column=1,
        severity="warning" if is_edited else "error",
    )


def _version_before(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> Schema | None:
    below = [version for version in workspace.versions() if version < source.version]
    base = workspace.load(below[-1]) if below else None
    return bridge.parse(base.schema_text, base.schema_path) if base else None


def _state_after(
    workspace: Workspace, source: VersionSource, last: Migration, bridge: PrismaBridge
) -> Schema:
    """The schema after a migration of the draft."""
    text = workspace.schema_after(last)
    if text is None:
        # What a script written by hand did can't be told from the schemas alone.
        raise NothingToMigrateError(_unknown_state(source, last))
    return bridge.parse(text, f"{source.folder}/migrations/{last.id}/{STATE_NAME}")


def _unknown_state(source: VersionSource, last: Migration) -> Problem:
    folder = f"{source.folder}/migrations/{last.id}"
    return Problem(
        code="unknown-state",
        message=f"the schema after {last.id} is not recorded, "
        "so the difference from schema.prisma is unknown",
        fix=f"edit its scripts, or write the schema after it to {folder}/{STATE_NAME}; "
        "--empty adds empty scripts for SQL by hand",
        file=folder,
    )
