"""Scripts that `migration new` wrote, against the answers in version.toml that they were written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrations.planner.losses.draft_state import Draft
from migrations.planner.plan import MigrationPlan, plan
from migrations.planner.questions import UnansweredError
from migrations.schema_check.schema_check import storable
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.generated import Generated
from schemas.workspace.migration import Migration
from schemas.workspace.schema_files import single
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import STATE_NAME, Workspace

from ..errors import NothingToMigrateError
from .rehearsal import server_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What the scripts of one migration follow from, but for the answers."""

    before: Schema | None
    after: Schema
    draft: Draft | None
    origin: str
    #: The up.sql of all migrations that led to ``before``.
    history: tuple[str, ...]
    #: What ``after`` asks for and the scripts before don't make, where they were run to find that out.
    differences: tuple[str, ...] = ()

    def plan(self, answers: Answers, bridge: PrismaBridge) -> MigrationPlan:
        """Raises UnansweredError and BridgeError."""
        return plan(
            self.before,
            self.after,
            bridge,
            answers,
            draft=self.draft,
            origin=self.origin,
            history=self.history,
        )


def planning(
    workspace: Workspace,
    source: VersionSource,
    earlier: Sequence[Migration],
    leads_to: str,
    bridge: PrismaBridge,
) -> Planning | None:
    """Of the migration of ``source`` after ``earlier``, its first ones, to the schema ``leads_to``, by the
    records of where those end. None where the last one has none. Raises InvalidSchemaError.
    """
    base = _version_before(workspace, source, bridge)
    after = _schema(leads_to, source, bridge)
    published = [migration for migration in source.history if migration.version != source.version]
    history = tuple(migration.up for migration in (*published, *earlier))
    if not earlier and source.taken:
        return None  # nobody has a record of where the migrations of another line lead to here
    if not earlier:
        return Planning(before=base, after=after, draft=None, origin="the version before", history=history)
    last = earlier[-1]
    text = workspace.schema_after(last)
    if text is None:
        return None
    return Planning(
        before=bridge.parse(text, f"{source.folder}/migrations/{last.id}/{STATE_NAME}"),
        after=after,
        draft=Draft(base=base, scripts=_up_scripts([*source.taken, *earlier])),
        origin=f"the state after {last.id}",
        history=history,
    )


def planning_from_end(
    workspace: Workspace,
    source: VersionSource,
    earlier: Sequence[Migration],
    leads_to: str,
    bridge: PrismaBridge,
    *,
    url: str | None,
) -> Planning:
    """The same from where ``earlier`` really end, which is found by running all scripts up to them, on the
    server at ``url`` (None: an embedded one): by hand, they may end elsewhere than their record says.

    Raises NothingToMigrateError where that state can't be planned from, InvalidSchemaError, RehearsalError
    and ScratchServerError.
    """
    from migrations.rehearsal.end_state import end_state  # noqa: PLC0415 - seldom needed, and slow to import

    after = _schema(leads_to, source, bridge)
    below = [migration for migration in source.history if migration.version != source.version]
    before = [*source.taken, *earlier]
    found = end_state(
        [*below, *earlier],
        after,
        bridge,
        sql_only=source.sql_only,
        url=url,
        folder=server_folder(workspace.root),
    )
    if found.schema is None:
        raise NothingToMigrateError(_unknown_state(source, before[-1], found.differences))
    base = _version_before(workspace, source, bridge)
    return Planning(
        before=found.schema,
        after=after,
        # A first version may be the history of a database with rows: then all that is lost is asked about.
        draft=Draft(base=base, scripts=_up_scripts(before)) if base is not None else None,
        origin=f"where {before[-1].id} really ends (found by running it)",
        history=tuple(migration.up for migration in (*below, *earlier)),
        differences=found.differences,
    )


def _up_scripts(migrations: Sequence[Migration]) -> tuple[tuple[str, str], ...]:
    return tuple((migration.script_path("up"), migration.up) for migration in migrations)


def _schema(text: str, source: VersionSource, bridge: PrismaBridge) -> Schema:
    """Raises InvalidSchemaError also for one that no database can have."""
    files = source.schema_files if text == source.schema_text else single(source.schema_path, text)
    with files.locating():
        return storable(bridge.parse(text, source.schema_path), source.schema_path, text)


def outdated_scripts(workspace: Workspace, source: VersionSource, bridge: PrismaBridge) -> list[Problem]:
    """The generated migrations of a draft that the present answers would write otherwise.

    Those that somebody edited are a warning. Raises BridgeError.
    """
    if source.is_published or script_problems(source.history):
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
    except InvalidSchemaError:
        found = None
    if found is None:
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
    base = workspace.load(source.base) if source.base is not None else None
    if base is None:
        return None
    with base.schema_files.locating():
        return bridge.parse(base.schema_text, base.schema_path)


def _unknown_state(source: VersionSource, last: Migration, differences: Sequence[str]) -> Problem:
    folder = f"{source.folder}/migrations/{last.id}"
    return Problem(
        code="unknown-state",
        message=f"{last.id} ends in a state that schema.prisma has no words for, so the difference can't be "
        f"written: {'; '.join(differences)}",
        fix="write it by hand, in scripts that --empty adds; or write the schema after that migration to "
        f"{folder}/{STATE_NAME}",
        file=folder,
    )
