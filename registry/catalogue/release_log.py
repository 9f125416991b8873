"""The published versions with what was said of each since: for feeds, which tell it to who doesn't ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    withdrawn: str | None = None
    is_corrected: bool = False


class ReleaseLog:
    """That of the schema called ``schema_name``."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def newest(self, limit: int) -> tuple[LoggedRelease, ...]:
        """The versions that were published last, newest first. Raises CatalogueError."""
        table = tables.versions
        columns = [
            table.c[name] for name in ("version", "description", "author", "changelog", "published_at")
        ]
        query = sa.select(*columns).where(table.c.schema_name == self._name)
        query = query.order_by(table.c.published_at.desc(), table.c.version).limit(limit)
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            LoggedRelease(
                version=SchemaVersion.parse(row["version"]),
                description=row["description"],
                author=row["author"],
                changelog=row["changelog"],
                published_at=in_utc(row["published_at"]),
                updated_at=in_utc(row["published_at"]),
            )
            for row in rows
        )
