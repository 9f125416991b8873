"""The schema that a draft's history ends in, found by running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from schemas.answers import SqlOnly
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.workspace.migration import Migration

from ..errors import RehearsalError
from ..introspection.drift import AT_THE_END, differences
from ..introspection.pg_catalog import DatabaseSchema, read_database_schema
from ..planner.end_state.described_schema import described
from ..planner.engine_script import corrected
from ..planner.plan import PlanEngine
from ..scratch.scratch_server import ScratchServer
from .expected_database import build_expected, read_prerequisites
from .extensions import provide
from .history_runner import HistoryRunError, HistoryRunner
from .server import on_rehearsal_server


@dataclass(frozen=True, slots=True, kw_only=True)
class EndState:
    """``schema`` is what the history ends in, None if Prisma's words don't suffice for it; ``differences``
    say what the draft's schema asks for instead, and are empty if that is where it ends."""

    schema: Schema | None
    differences: tuple[str, ...]


def end_state(
    history: Sequence[Migration],
    schema: Schema,
    bridge: PlanEngine,
    *,
    sql_only: SqlOnly,
    url: str | None,
    folder: Path,
) -> EndState:
    """Run ``history`` on the server at ``url`` (None: an embedded one, with its data in ``folder``), and
    describe the result next to ``schema``.

    Raises RehearsalError for a migration that fails, MigrationSyntaxError, ToolchainError and
    ScratchServerError.
    """
    runner = HistoryRunner(history)
    provide(history, url)
    kept = {*sql_only.declared, *sql_only.inherited}

    def work(server: ScratchServer, _cache: Path | None) -> EndState:
        with server.new_database() as database:
            try:
                runner.up(database, runner.versions[-1])
            except HistoryRunError as error:
                raise RehearsalError(error.problem) from None
            with psycopg.connect(database, autocommit=True) as connection:
                found, prerequisites = read_database_schema(connection), read_prerequisites(connection)

        def compared(text: str) -> tuple[DatabaseSchema, list[Problem]]:
            with server.new_database() as empty:
                made = build_expected(corrected(bridge.diff(None, text)), empty, prerequisites)
            problems = differences(found, made, sql_only=kept)
            return made, [problem for problem in problems if problem.severity == "error"]

        expected, problems = compared(schema.text)
        if not problems:
            return EndState(schema=schema, differences=())
        text = described(schema, found, expected, kept)
        try:
            is_whole = not compared(text)[1]
        except (InvalidSchemaError, RehearsalError):
            is_whole = False
        return EndState(
            schema=bridge.parse(text) if is_whole else None,
            differences=tuple(problem.message.removeprefix(AT_THE_END) for problem in problems),
        )

    return on_rehearsal_server(url, folder, work)
