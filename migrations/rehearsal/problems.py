"""The problems for migrations that fail with rows: errors of this version, or warnings."""

from __future__ import annotations

from dataclasses import replace

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from .history_runner import HistoryRunError


def with_rows(error: HistoryRunError, version: SchemaVersion) -> Problem:
    """It works on an empty database, but not with rows of ``version``."""
    table = f" in table {error.table}" if error.table else ""
    fix = "it works on an empty database: let the script handle rows that already exist"
    if "input value for enum" in error.problem.message:
        fix += '; for a generated script, set [backfill] "Enum.OLD_VALUE" = "NEW_VALUE" in version.toml'
    return replace(
        error.problem,
        code="migration-fails-with-rows",
        message=f"with rows of {version}{table}, {error.problem.message}",
        fix=error.problem.fix if error.problem.line is None else fix,
    )


def at_limits(error: HistoryRunError) -> Problem:
    """It fails only with extreme values: a warning."""
    return replace(
        error.problem,
        code="fails-at-limits",
        message=f"with values at the limits of their types, {error.problem.message}",
        fix="it works with ordinary values: make sure there are no others, or let the migration convert them",
        severity="warning",
    )


def may_refuse(error: HistoryRunError, *, is_emptied: bool) -> Problem:
    """It fails on rows that its script says it may refuse: a warning."""
    rows = f"rows in {error.refused}" if is_emptied else f"the rows in {error.refused} that it refuses"
    return replace(
        error.problem,
        code="may-refuse",
        message=f"{error.problem.message}, as it is marked to; rehearsed without {rows}",
        fix="make sure that no database has such rows: the migration would fail there and change nothing",
        severity="warning",
    )


def lines_apart(origin: SchemaVersion, version: SchemaVersion, problem: Problem) -> Problem:
    """A migration of an earlier version fails on the way from a line that ``version`` takes over."""
    return replace(
        problem,
        code="line-fails",
        message=f"going from {origin} to {version}, {problem.message}",
        fix=f"it is published and can't be changed: in [takes] of schemas/{version}/version.toml, give the "
        f"migrations of {origin} another answer, or leave that line out",
        file=f"schemas/{version}/version.toml",
        line=None,
        column=None,
    )


def published(origin: SchemaVersion, problem: Problem) -> Problem:
    """A migration of an earlier version fails with rows of ``origin``: a warning."""
    return replace(
        problem,
        message=f"with rows of {origin}, {problem.message}",
        fix="it is published and can't be changed; fix such rows before you upgrade a database that has them",
        severity="warning",
    )
