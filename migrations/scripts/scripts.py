"""Checks of the scripts of migrations, up and down, before anything runs them."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import Problem
from schemas.workspace.migration import Migration

from ..errors import MigrationSyntaxError
from .partitioned import concurrency_problems
from .split import checksum, split


def script_problems(migrations: Sequence[Migration]) -> list[Problem]:
    """Every problem of scripts that Postgres' parser refuses, that can't be split into steps, or that can't
    run on the partitioned tables that ``migrations`` make."""
    problems: list[Problem] = []
    for migration in migrations:
        for file, sql in _scripts(migration):
            try:
                split(sql, file)
            except MigrationSyntaxError as error:
                problems += error.problems
    return problems + concurrency_problems(migrations)


def edited_scripts(before: Migration, after: Migration) -> list[str]:
    """The files whose statements differ; comments, white space and line ends are ignored.

    Raises MigrationSyntaxError for a script that can't be read.
    """
    old, new = ({file: checksum(split(sql, file)) for file, sql in _scripts(m)} for m in (before, after))
    return sorted(file for file in old | new if old.get(file) != new.get(file))


def _scripts(migration: Migration) -> list[tuple[str, str]]:
    scripts = [(migration.script_path("up"), migration.up)]
    if migration.down is not None:
        scripts.append((migration.script_path("down"), migration.down))
    return scripts
