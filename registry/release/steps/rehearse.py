"""rehearse: every migration runs on a scratch Postgres and must end in what schema.prisma asks for."""

from __future__ import annotations

import psycopg

from migrations.errors import ScratchServerError
from migrations.rehearsal import rehearse
from migrations.shadow import open_server
from schemas.errors import Problem

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises RehearsalError with the failing statement, or with every drift from the schema, and
    ScratchServerError where the server fails by itself."""
    folder = context.working_folder / "rehearsal"
    try:
        with open_server(context.rehearsal_url, folder=folder) as server:
            rehearsal = rehearse(snapshot.migrations, context.schema(snapshot), server, context.bridge)
    except psycopg.Error as error:
        raise ScratchServerError(_server_failed(error)) from error
    return {"summary": f"{len(snapshot.migrations)} migrations end in schema.prisma", **rehearsal.to_json()}


def _server_failed(error: psycopg.Error) -> Problem:
    return Problem(
        code="scratch-server-failed",
        message=f"the Postgres that the migrations are rehearsed on failed: {str(error).strip()}",
        fix="look whether its disk is full or it was stopped, then run this again",
    )
