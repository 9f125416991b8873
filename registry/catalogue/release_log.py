"""What happened to each published version since: for feeds, which tell it to who doesn't ask every day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from . import tables
from .deliveries import in_utc
from .engine import catalog_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRelease:
    """A published version. ``withdrawn``: why it was, and None if it is not; ``updated_at`` is the last time
    that anything was said of it."""

    version: SchemaVersion
    description: str
    author: str | None
    changelog: str
    published_at: datetime
    updated_at: datetime
    withdrawn: str | None
    is_corrected: bool


class ReleaseLog:
    """That of the schema called ``schema_name``."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def newest(self, limit: int) -> tuple[LoggedRelease, ...]:
        """The versions that were published last, newest first. Raises CatalogueError."""
        table, events = tables.versions, tables.events
        columns = [
            table.c[name] for name in ("version", "description", "author", "changelog", "published_at")
        ]
        query = sa.select(*columns).where(table.c.schema_name == self._name)
        query = query.order_by(table.c.published_at.desc(), table.c.version).limit(limit)
        since = sa.select(events).where(events.c.schema_name == self._name).order_by(events.c.at)
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            happened = connection.execute(since).mappings().all()
        return tuple(
            _logged(row, [event for event in happened if event["version"] == row["version"]]) for row in rows
        )


def _logged(row: Any, events: list[Any]) -> LoggedRelease:
    withdrawn, is_corrected = None, False
    published_at = updated_at = in_utc(row["published_at"])
    for event in events:
        kind = event["event"]
        if kind == "release.withdrawn":
            withdrawn = str(json.loads(event["body"]).get("data", {}).get("reason") or "no reason is given")
        elif kind == "release.restored":
            withdrawn = None
        elif kind == "release.corrected":
            is_corrected = True
        else:
            continue
        updated_at = max(updated_at, in_utc(event["at"]))
    return LoggedRelease(
        **{
            **row,
            "version": SchemaVersion.parse(row["version"]),
            "published_at": published_at,
            "updated_at": updated_at,
            "withdrawn": withdrawn,
            "is_corrected": is_corrected,
        }
    )
