"""``latest set`` and ``rollback``: which version consumers get when they don't ask for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ....config.settings import Settings
from ....databases.registered import RegisteredDatabase, database_named, fleet
from ....errors import ReleaseError, UsageError
from ....lifecycle.changes import set_latest
from ....lifecycle.rollback import DatabaseRollback, plan_rollbacks, roll_back
from ...output import JsonFlag, emit_json, say
from ...questions import can_ask, typed
from ...session import VersionArgument
from .changing import DryRunFlag, opened_release, outcome_document, print_outcome

app = typer.Typer(
    help="Choose which version is latest.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Choose which version is latest."""


@app.command("set")
def latest_set(version: VersionArgument, dry_run: DryRunFlag = False, as_json: JsonFlag = False) -> None:
    """Make a published version the latest, whatever its number.

    It stays that until a higher version is published.
    """
    wanted = SchemaVersion.parse(version)
    with opened_release() as (workspace, _settings, context):
        outcome = set_latest(workspace, context, wanted, dry_run=dry_run)
    if as_json:
        emit_json(outcome_document(outcome))
        return
    print_outcome(
        outcome, f"Latest {'would be' if dry_run else 'is'} {outcome.latest}; it was {outcome.before}."
    )


def rollback(  # noqa: PLR0917 - typer passes options by name
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="The published version to go back to.")],
    database: Annotated[
        list[str] | None,
        typer.Option(
            "--database", metavar="NAME", help="A registered database to take back, too; repeatable."
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--fleet", metavar="LABEL", help="All registered databases with this label.", show_default=False
        ),
    ] = None,
    allow_data_loss: Annotated[
        bool,
        typer.Option("--allow-data-loss", help="Go back even where that destroys the data that is shown."),
    ] = False,
    dry_run: DryRunFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Move latest back, and databases with it where asked.

    Latest comes first, then one database after the other, each as it was rehearsed.
    """
    wanted = SchemaVersion.parse(to)
    with opened_release() as (workspace, settings, context):
        plans = plan_rollbacks(context, wanted, _chosen(settings, database or [], label))
        if not as_json:
            _print_plans(plans, wanted)
        loses = any(plan.losses for plan in plans)
        if loses and not (allow_data_loss or dry_run or as_json) and can_ask():
            allow_data_loss = _confirmed(wanted)
        done = roll_back(workspace, context, wanted, plans, allow_data_loss=allow_data_loss, dry_run=dry_run)
    if as_json:
        emit_json({**outcome_document(done.outcome), "databases": [_document(each) for each in plans]})
        return
    before, words = done.outcome.before, "would go" if dry_run else "went"
    moved = (
        f"Latest {words} from {before} to {wanted}." if before != wanted else f"Latest is {wanted} already."
    )
    print_outcome(done.outcome, moved)
    for name, report in done.reports.items():
        say(f"  {name}: from {report.version_before} to {report.version or 'nothing'}")


def _chosen(settings: Settings, names: Sequence[str], label: str | None) -> list[RegisteredDatabase]:
    if names and label is not None:
        problem = Problem(
            code="wrong-usage",
            message="--database and --fleet can't be combined",
            fix="name the databases, or their label",
        )
        raise UsageError(problem)
    if label is not None:
        return list(fleet(settings, label))
    return [database_named(settings, name) for name in dict.fromkeys(names)]


def _confirmed(to: SchemaVersion) -> bool:
    if typed(f"Type {to} to destroy this data and go back", str(to)):
        return True
    problem = Problem(
        code="not-confirmed",
        message="nothing was confirmed, so nothing was changed",
        fix="run it again, and type the version",
    )
    raise ReleaseError(problem)


def _print_plans(plans: Sequence[DatabaseRollback], to: SchemaVersion) -> None:
    for plan in plans:
        if plan.forecast is None:
            say(f"{plan.database.name} is at {plan.version or 'no version'}: nothing to do")
            if plan.other_line:
                say(("  note: ", "yellow"), plan.other_line)
            continue
        count = len(plan.forecast.migrations)
        where = f"from {plan.version} to {to}"
        if plan.version == str(to):
            where = f"back to {to}, between which and another version its last run stopped"
        say(f"{plan.database.name} goes {where}, and undoes {count} migration{'s'[: count != 1]}")
        for loss in plan.losses:
            say(("  lost: ", "red"), loss)
        for unchecked in (*plan.forecast.unchecked, *plan.forecast.asked_later):
            say(f"  told only by the run: {unchecked}")


def _document(plan: DatabaseRollback) -> dict[str, Any]:
    forecast = plan.forecast
    return {
        "name": plan.database.name,
        "version_before": plan.version,
        "other_line": plan.other_line,
        "migrations": list(forecast.migrations) if forecast else [],
        "losses": list(plan.losses),
        "unchecked": [*forecast.unchecked, *forecast.asked_later] if forecast else [],
    }
