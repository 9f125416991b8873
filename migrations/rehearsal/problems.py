"""What a rehearsal says of a migration that fails with rows: whose fault it is, and how bad."""

from __future__ import annotations

from dataclasses import replace

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from .history_runner import StageError


def with_rows(error: StageError, version: SchemaVersion) -> Problem:
    """It works on an empty database, and not with rows of ``version``."""
    table = f" in table {error.table}" if error.table else ""
    fix = "on an empty database it works: let the script deal with the rows that are there"
    if "input value for enum" in error.problem.message:
        fix += '; for a generated one, [backfill] "Enum.OLD_VALUE" = "NEW_VALUE" in version.toml says how'
    return replace(
        error.problem,
        code="migration-fails-with-rows",
        message=f"with rows of {version}{table}, {error.problem.message}",
        fix=error.problem.fix if error.problem.line is None else fix,
    )


def at_limits(error: StageError) -> Problem:
    """It fails with values that hardly anybody has: a warning."""
    return replace(
        error.problem,
        code="fails-at-limits",
        message=f"with values at the limits of their types, {error.problem.message}",
        fix="with ordinary values it works: make sure there are no others, or let the migration convert them",
        severity="warning",
    )


def may_refuse(error: StageError) -> Problem:
    """It stops where such rows are, as its script says that it may: a warning."""
    return replace(
        error.problem,
        code="may-refuse",
        message=f"{error.problem.message}, as it says it may: rehearsed without rows in {error.refused}",
        fix="make sure that no database has such rows: there it stops, and changes nothing",
        severity="warning",
    )


def published(origin: SchemaVersion, problem: Problem) -> Problem:
    """It fails in a migration of a version before, with rows of ``origin``: a warning."""
    return replace(
        problem,
        message=f"with rows of {origin}, {problem.message}",
        fix="it is published and stays as it is; databases with such rows need them mended first",
        severity="warning",
    )
