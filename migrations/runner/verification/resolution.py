"""``resolve``: adopts what hands did to a tracked database, if it matches a version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..connection.connection import Connection
from ..errors import RefusedError
from ..manifest import Direction, Manifest, Migration
from ..options import Address
from ..planning.drafts import refuse_other_draft
from ..planning.history_checks import refuse_edited, refuse_unknown
from ..planning.planning import version_index
from ..planning.state import State
from .verify import compare, live_objects

_SHOWN = 50
_WRITES: Final = re.compile(
    r"\s*(?:with|update|insert|delete|merge|select|do|call|truncate)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The migrations to record as applied and as undone. ``rows_written``: the migrations, and their
    statements that write rows, of which nothing in the database shows whether that was done."""

    applied: tuple[Migration, ...]
    undone: tuple[Migration, ...]
    rows_written: tuple[tuple[str, str], ...]


def find_resolution(
    manifest: Manifest, address: Address, state: State, connection: Connection, to: str
) -> Resolution:
    """What to record of a database that is at version ``to``. Raises RefusedError unless it matches it."""
    version_index(manifest, to)
    if state.is_empty:
        raise RefusedError(
            "empty",
            "this schema was never migrated on this database, so there is nothing to resolve",
            "run baseline, which records the version of a database that was created by other means",
        )
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    differing = compare(manifest, to, live_objects(connection, address), connection)
    if differing:
        more = [f"… and {len(differing) - _SHOWN} more"] if len(differing) > _SHOWN else []
        raise RefusedError(
            "no-match",
            f"the database does not match {to}: {len(differing)} differences; nothing was recorded",
            "make the database match, then run resolve again",
            [*(str(difference) for difference in differing[:_SHOWN]), *more],
        )
    reached = manifest.up_to(to)
    changed = {*state.left_traces(), *state.unfinished()}
    applied = tuple(m for m in reached if not state.is_applied(m.id) or m.id in state.unfinished())
    undone = tuple(m for m in manifest.migrations if m not in reached and m.id in changed)
    rows_written = (
        *(each for m in applied for each in _rows_written(m, "up", state)),
        *(each for m in undone for each in _rows_written(m, "down", state)),
    )
    return Resolution(applied, undone, rows_written)


def _rows_written(migration: Migration, direction: Direction, state: State) -> Iterator[tuple[str, str]]:
    for step in migration.steps(direction)[state.done_steps(migration.id, direction) :]:
        for statement in step.statements:
            if _WRITES.match(statement.sql):
                yield migration.id, f"{direction}.sql:{statement.line} writes rows"
