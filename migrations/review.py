"""Reviews a version's migrations before they run: what they would lose, and whom they would block."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.errors import Problem
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from .planner.losses.loss_warnings import find_losses, loss_questions
from .planner.missing_migration import unmigrated
from .planner.plan import PlanEngine, plan
from .planner.questions import UnansweredError
from .scripts.linting import Script, lint
from .scripts.partitioned import partitioned_names

_MOST_NAMED = 5


def review(
    migrations: Sequence[Migration],
    before: Schema | None,
    after: Schema,
    bridge: PlanEngine,
    *,
    answers: Answers,
    answers_file: str,
    history: Sequence[Migration] = (),
) -> list[Problem]:
    """Every loss that is not accepted, every missing value of existing rows, and everything that would block.

    ``migrations`` are those of one version, in order, and parse; ``before`` is the schema of the previous
    published version. If there is none, there are no rows yet and nothing to review. ``answers_file`` is the
    version.toml with the ``answers``; ``history`` are all migrations up to the last of them. Raises
    BridgeError and LinterError.
    """
    if before is None or not migrations:
        return []
    scripts = [(migration.script_path("up"), migration.up) for migration in migrations]
    losses = find_losses(scripts, before, bridge, after)
    problems = [question.problem(answers_file) for question in loss_questions(losses, answers)]
    return problems + lint_migrations(migrations, history)


def missing_migration(
    version: SchemaVersion,
    history: Sequence[Migration],
    before: Schema | None,
    after: Schema,
    bridge: PlanEngine,
    *,
    answers: Answers,
    answers_file: str,
    schema_file: str,
    taken: Sequence[Migration] = (),
) -> list[Problem]:
    """Whether ``version`` lacks a migration to its schema, and the questions that writing it would ask.

    ``history`` are all migrations of the version's database; they parse. ``taken`` are those of other lines
    that run in it. ``before`` is as for :func:`review`. What
    can't be seen in the scripts is left to the rehearsal. Raises BridgeError.
    """
    own = [migration for migration in history if migration.version == version]
    kept = [key for key, _reason in answers.sql_only]
    missing = unmigrated(before, after, history, [*taken, *own], bridge, sql_only=kept)
    if not missing:
        return []
    named = ", ".join(missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    problem = Problem(
        code="missing-migration",
        message=f"the schema has changed, and no migration makes the change: {named}{more}",
        fix=f"write it: schema-service migration new NAME {version}",
        file=schema_file,
    )
    return [problem, *(_open_questions(before, after, bridge, answers, answers_file) if not own else [])]


def _open_questions(
    before: Schema | None, after: Schema, bridge: PlanEngine, answers: Answers, answers_file: str
) -> list[Problem]:
    try:
        plan(before, after, bridge, answers)
    except UnansweredError as error:
        return [question.problem(answers_file) for question in error.questions]
    return []


def lint_migrations(migrations: Sequence[Migration], history: Sequence[Migration] = ()) -> list[Problem]:
    """The linter's findings in both directions of ``migrations``, of one version and in order, the last of
    ``history``.

    Raises LinterError.
    """
    partitioned = partitioned_names(migration.up for migration in history or migrations)
    up = [Script(migration.script_path("up"), migration.up) for migration in migrations]
    down = [Script(m.script_path("down"), m.down) for m in reversed(migrations) if m.down is not None]
    return lint(up, partitioned) + lint(down, partitioned)
