"""What a version's migrations would do to databases that have rows and readers, before anybody runs them."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.answers import Answers
from schemas.errors import Problem
from schemas.model import Schema
from schemas.workspace.migration import Migration

from .planner.losses.loss_warnings import find_losses, loss_questions
from .planner.plan import DiffEngine
from .scripts.linting import Script, lint


def review(
    migrations: Sequence[Migration],
    before: Schema | None,
    after: Schema,
    bridge: DiffEngine,
    *,
    answers: Answers,
    answers_file: str,
) -> list[Problem]:
    """Every loss that nobody accepted, every value that rows lack, and everything that would stop a database.

    ``migrations`` are those of one version, in order, and parse; ``before`` is the schema of the version
    published before. Without one nobody has rows yet, and there is nothing to review. ``answers_file`` is the
    version.toml that ``answers`` came from. Raises BridgeError and LinterError.
    """
    if before is None or not migrations:
        return []
    scripts = [(migration.script_path("up"), migration.up) for migration in migrations]
    losses = find_losses(scripts, before, bridge, after)
    problems = [question.problem(answers_file) for question in loss_questions(losses, answers)]
    return problems + lint_migrations(migrations)


def lint_migrations(migrations: Sequence[Migration]) -> list[Problem]:
    """What both ways of ``migrations``, of one version and in order, would stop. Raises LinterError."""
    up = [Script(migration.script_path("up"), migration.up) for migration in migrations]
    down = [Script(m.script_path("down"), m.down) for m in reversed(migrations) if m.down is not None]
    return lint(up) + lint(down)
