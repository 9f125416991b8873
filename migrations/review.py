"""Reviews a version's migrations before they run: what they would lose, and whom they would block."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.errors import Problem
from schemas.model import Schema
from schemas.workspace.migration import Migration

from .planner.losses.loss_warnings import find_losses, loss_questions
from .planner.plan import DiffEngine
from .scripts.linting import Script, lint
from .scripts.partitioned import partitioned_names


def review(
    migrations: Sequence[Migration],
    before: Schema | None,
    after: Schema,
    bridge: DiffEngine,
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


def lint_migrations(migrations: Sequence[Migration], history: Sequence[Migration] = ()) -> list[Problem]:
    """The linter's findings in both directions of ``migrations``, of one version and in order, the last of
    ``history``.

    Raises LinterError.
    """
    partitioned = partitioned_names(migration.up for migration in history or migrations)
    up = [Script(migration.script_path("up"), migration.up) for migration in migrations]
    down = [Script(m.script_path("down"), m.down) for m in reversed(migrations) if m.down is not None]
    return lint(up, partitioned) + lint(down, partitioned)
