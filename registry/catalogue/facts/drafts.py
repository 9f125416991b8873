"""The packages of drafts. They are kept apart from versions: a draft takes no migration number and is no
version that another one follows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..deliveries import in_utc
from ..engine import catalog_errors
from ..records import PublishedArtifact

_TABLE = tables.drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDraft:
    """The packages of one state of a draft; ``number`` is theirs, like ``2.1.0-dev.3``."""

    version: SchemaVersion
    number: SchemaVersion
    input_digest: str
    published_at: datetime
    published_by: str
    artifacts: tuple[PublishedArtifact, ...]


class Drafts:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def all(self) -> tuple[PublishedDraft, ...]:
        """Those whose packages are all there, in order."""
        query = sa.select(_TABLE).where(self._mine, _TABLE.c.published_at.is_not(None))
        with catalog_errors(), self._engine.connect() as connection:
            found = [_draft(row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda draft: draft.number))

    def find(self, version: SchemaVersion, number: int) -> PublishedDraft | None:
        """One of them; None if its packages are not all there."""
        wanted = version.as_draft(number)
        return next((draft for draft in self.all() if draft.number == wanted), None)

    def reserve(self, version: SchemaVersion, input_digest: str, taken: Iterable[int]) -> int:
        """The number of the draft of ``version`` with this content: the one that it has, even if its packages
        are not all there yet, or else the next that neither is known here nor ``taken`` in registries. One
        that was given to other content, of which nothing was uploaded, is free."""
        of_version = (self._mine, _TABLE.c.version == str(version))
        used = set(taken)
        with catalog_errors(), self._engine.begin() as connection:
            known = {row.number: row for row in connection.execute(sa.select(_TABLE).where(*of_version))}
            newest: int = max([0, *known, *used])
            last = known.get(newest)
            if last is not None and last.input_digest == input_digest:
                return newest
            if last is not None and last.published_at is None and newest not in used:
                this = (*of_version, _TABLE.c.number == newest)
                connection.execute(_TABLE.update().where(*this).values(input_digest=input_digest))
                return newest
            row = {
                "schema_name": self._name,
                "version": str(version),
                "number": newest + 1,
                "input_digest": input_digest,
            }
            connection.execute(_TABLE.insert().values(**row))
            return newest + 1

    def complete(
        self, version: SchemaVersion, number: int, artifacts: Iterable[PublishedArtifact], *, by: str
    ) -> None:
        """All packages of a draft are there now. Repeating it changes nothing."""
        values = {
            "published_at": datetime.now(UTC),
            "published_by": by,
            "artifacts": json.dumps([asdict(artifact) for artifact in artifacts]),
        }
        one = (self._mine, _TABLE.c.version == str(version), _TABLE.c.number == number)
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_TABLE.update().where(*one, _TABLE.c.published_at.is_(None)).values(values))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name


def _draft(row: Any) -> PublishedDraft:
    version = SchemaVersion.parse(row["version"])
    return PublishedDraft(
        version=version,
        number=version.as_draft(row["number"]),
        input_digest=row["input_digest"],
        published_at=in_utc(row["published_at"]),
        published_by=row["published_by"],
        artifacts=tuple(PublishedArtifact(**each) for each in json.loads(row["artifacts"])),
    )
