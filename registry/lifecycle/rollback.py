"""Rolling back: `latest` first, so that nobody gets newer packages any more, then databases, as rehearsed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migrations.runner.manifest import Manifest
from migrations.runner.report import Forecast, Report
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.facts.events import DatabasesLeft
from ..databases import database as one
from ..databases.downgrades import package_to_go_back
from ..databases.manifests import PublishedManifests
from ..databases.registered import RegisteredDatabase
from ..errors import DatabaseError, ReleaseError
from ..release.context import ReleaseContext
from .changes import Outcome, roll_back_latest
from .released import refuse_unreleased
from .unfinished_note import note_databases


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRollback:
    """What one database would lose. ``forecast`` is None where it is at the version, or below it, already;
    ``other_line`` says why it can't be upgraded to that version, where it is on a line beside it."""

    database: RegisteredDatabase
    manifest: Manifest
    version: str | None
    forecast: Forecast | None
    other_line: str | None = None

    @property
    def losses(self) -> tuple[str, ...]:
        return self.forecast.losses if self.forecast else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """``reports`` by the database's name."""

    outcome: Outcome
    reports: dict[str, Report]


def plan_rollbacks(
    context: ReleaseContext, to: SchemaVersion, databases: Sequence[RegisteredDatabase]
) -> tuple[DatabaseRollback, ...]:
    """What going back to ``to`` does to each database; nothing is changed.

    Raises NotPublishedError for a version that waits to be promoted or is a draft, and DatabaseError with the
    problems of all that can't go back, or can't be asked.
    """
    refuse_unreleased(context, to)
    manifests = PublishedManifests(context.catalogue, context.publishers, context.store)
    plans, errors = [], list[ServiceError]()
    for database in databases:
        try:
            plans.append(_plan(context, manifests, database, to))
        except ServiceError as error:
            errors.append(error)
    if errors:
        raise type(errors[0])(*(problem for error in errors for problem in error.problems))
    return tuple(plans)


def roll_back(
    workspace: Workspace,
    context: ReleaseContext,
    to: SchemaVersion,
    plans: Sequence[DatabaseRollback] = (),
    *,
    allow_data_loss: bool = False,
    dry_run: bool = False,
) -> RolledBack:
    """Move `latest` back to ``to``, and the databases of ``plans``.

    Raises ReleaseError where rows would be lost and that isn't allowed, before anything is changed, and what
    the registries and the databases raise. Where one database fails, those after it are left as they are.
    Those that are left are written down until they are done: after a kill, too, every machine can tell.
    """
    if not (allow_data_loss or dry_run) and any(plan.losses for plan in plans):
        raise ReleaseError(*(_would_lose(plan, to) for plan in plans if plan.losses))
    names = [plan.database.name for plan in plans]
    earlier = context.catalogue.events.databases_left()
    if not dry_run:
        note_databases(workspace.root, are_left=bool(names))
    outcome = roll_back_latest(
        workspace, context, to, databases=names, allow_data_loss=allow_data_loss, dry_run=dry_run
    )
    reports: dict[str, Report] = {}
    if dry_run:
        return RolledBack(outcome=outcome, reports=reports)
    others = earlier.databases if earlier is not None and earlier.version == to else ()
    left = dict.fromkeys([*others, *names])
    for plan in plans:
        _note_left(workspace, context, left, allow_data_loss=allow_data_loss)
        if plan.forecast is not None:
            reports[plan.database.name] = one.downgrade(
                plan.database, plan.manifest, to, allow_data_loss=allow_data_loss
            )
        del left[plan.database.name]
    _note_left(workspace, context, left, allow_data_loss=allow_data_loss)
    return RolledBack(outcome=outcome, reports=reports)


def _note_left(
    workspace: Workspace, context: ReleaseContext, left: Iterable[str], *, allow_data_loss: bool
) -> None:
    names = list(left)
    context.catalogue.events.note_databases_left(names, allow_data_loss=allow_data_loss)
    note_databases(workspace.root, are_left=bool(names))


def rollback_left(catalogue: Catalogue) -> DatabasesLeft | None:
    """The databases that a rollback was to take back and has not, as long as its version is `latest`."""
    left = catalogue.events.databases_left()
    return left if left is not None and left.version == catalogue.latest() else None


def _plan(
    context: ReleaseContext,
    manifests: PublishedManifests,
    database: RegisteredDatabase,
    to: SchemaVersion,
) -> DatabaseRollback:
    manifest, found = package_to_go_back(context.catalogue, manifests, database, to)
    version, forecast, other_line = found.version, None, None
    at = None if version is None else SchemaVersion.parse(version, drafts=True)
    if found.is_between or (at is not None and at > to):
        forecast = one.plan(database, manifest, to, down=True, options=one.LOOKING)
        if forecast.blocked_by:
            raise DatabaseError(_blocked(database, to, forecast))
    elif at is not None and at < to:
        other_line = one.state(database, manifests.of(to), one.LOOKING).other_line
    return DatabaseRollback(
        database=database, manifest=manifest, version=version, forecast=forecast, other_line=other_line
    )


def _would_lose(plan: DatabaseRollback, to: SchemaVersion) -> Problem:
    return Problem(
        code="data-would-be-lost",
        message="\n".join([f"{plan.database.name}: going back to {to} destroys data", *plan.losses]),
        fix="back it up, then run this again with --allow-data-loss, or confirm it on a terminal",
    )


def _blocked(database: RegisteredDatabase, to: SchemaVersion, forecast: Forecast) -> Problem:
    return Problem(
        code="rollback-blocked",
        message="\n".join([f"{database.name}: {to} can't hold what is there", *forecast.blocked_by]),
        fix="change those rows or names, then run this again; nothing was changed",
    )
