"""The published versions with what was said of each since: for feeds, which tell it to who doesn't ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..deliveries import in_utc
from ..engine import catalog_errors
from .corrections import Correction, Corrections
from .events import RESTORED, WITHDRAWN, Event, Events, withdrawn_by
from .staged_versions import StagedVersions


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

    def __init__(
        self,
        engine: sa.Engine,
        schema_name: str,
        corrections: Corrections,
        events: Events,
        staged: StagedVersions,
    ) -> None:
        self._engine = engine
        self._name = schema_name
        self._corrections = corrections
        self._events = events
        self._staged = staged

    def newest(self, limit: int) -> tuple[LoggedRelease, ...]:
        """The versions that were published last, newest first, without those that wait to be promoted. Raises
        CatalogueError."""
        table = tables.versions
        columns = [
            table.c[name] for name in ("version", "description", "author", "changelog", "published_at")
        ]
        query = sa.select(*columns).where(
            table.c.schema_name == self._name,
            table.c.version.not_in([str(version) for version in self._staged.all()]),
        )
        query = query.order_by(table.c.published_at.desc(), table.c.version).limit(limit)
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        corrections, events = self._corrections.all(), self._events.all()
        withdrawn = withdrawn_by(events)
        return tuple(_logged(row, corrections, events, withdrawn) for row in rows)


def _is_news(event: Event) -> bool:
    return event.event in (WITHDRAWN, RESTORED) or event.is_promotion


def _logged(
    row: sa.RowMapping,
    corrections: Sequence[Correction],
    events: Sequence[Event],
    withdrawn: Mapping[SchemaVersion, str],
) -> LoggedRelease:
    version, published_at = SchemaVersion.parse(row["version"]), in_utc(row["published_at"])
    made = [each for each in corrections if each.version == version]
    texts = {each.what: each.text for each in made}  # the last one of each counts
    marks = (each for each in events if each.version == version and _is_news(each))
    said = [each.made_at for each in made] + [each.created_at for each in marks]
    return LoggedRelease(
        version=version,
        description=texts.get("description", row["description"]),
        author=row["author"],
        changelog=texts.get("changelog", row["changelog"]),
        published_at=published_at,
        updated_at=max([published_at, *said]),
        withdrawn=withdrawn.get(version),
        is_corrected=bool(made),
    )
