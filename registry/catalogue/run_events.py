"""What happens in a run or a fleet run, numbered from 1 in each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from . import tables
from .deliveries import in_utc

_EVENTS = tables.run_events
_MOST_EVENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """``event`` has at least ``event``, its name."""

    seq: int
    at: datetime
    event: Mapping[str, Any]


def add_event(connection: sa.Connection, schema_name: str, run_id: str, event: Mapping[str, Any]) -> None:
    """Add an event, which has JSON values. The transaction of ``connection`` has locked the run's row: two
    that add one at once would take the same number."""
    last = sa.select(sa.func.max(_EVENTS.c.seq)).where(
        _EVENTS.c.schema_name == schema_name, _EVENTS.c.run == run_id
    )
    row = {"schema_name": schema_name, "run": run_id, "at": datetime.now(UTC)}
    seq = (connection.scalar(last) or 0) + 1
    connection.execute(_EVENTS.insert().values(**row, seq=seq, event=json.dumps(dict(event))))


def events_after(
    connection: sa.Connection, schema_name: str, run_id: str, after: int
) -> tuple[RunEvent, ...]:
    """The next ones after the number ``after``, in order: some hundreds at once."""
    query = (
        sa.select(_EVENTS)
        .where(_EVENTS.c.schema_name == schema_name, _EVENTS.c.run == run_id, _EVENTS.c.seq > after)
        .order_by(_EVENTS.c.seq)
        .limit(_MOST_EVENTS)
    )
    return tuple(
        RunEvent(seq=row.seq, at=in_utc(row.at), event=json.loads(row.event))
        for row in connection.execute(query)
    )
