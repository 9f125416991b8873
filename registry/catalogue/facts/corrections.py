"""Corrections of what was published about a version: kept beside the original, which never changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..deliveries import in_utc
from ..engine import catalog_errors

_TABLE = tables.corrections

#: The texts that can be corrected.
What: TypeAlias = Literal["description", "notes", "changelog"]
CORRECTABLE: Final[tuple[What, ...]] = ("description", "notes", "changelog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """``number`` counts the corrections of a version, from 1. ``text`` replaces what was shown before."""

    version: SchemaVersion
    number: int
    what: What
    text: str
    made_at: datetime
    made_by: str


class Corrections:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def all(self) -> tuple[Correction, ...]:
        """Those of every version, in the order in which they were made."""
        query = sa.select(_TABLE).where(_TABLE.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            found = [_correction(row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda each: (each.made_at, each.version, each.number)))

    def of(self, version: SchemaVersion) -> tuple[Correction, ...]:
        """Those of one version, oldest first."""
        found = (each for each in self.all() if each.version == version)
        return tuple(sorted(found, key=lambda each: each.number))

    def add(self, version: SchemaVersion, texts: dict[What, str], *, by: str) -> None:
        """Record corrections of a published version, all or none. Two at once can't get the same number."""
        key = {"schema_name": self._name, "version": str(version)}
        ours = (_TABLE.c.schema_name == self._name, _TABLE.c.version == str(version))
        with catalog_errors(), self._engine.begin() as connection:
            last = connection.scalar(sa.select(sa.func.max(_TABLE.c.number)).where(*ours)) or 0
            for number, (what, text) in enumerate(texts.items(), start=last + 1):
                row = {"number": number, "what": what, "text": text, "made_by": by}
                connection.execute(_TABLE.insert().values(**key, **row, made_at=datetime.now(UTC)))


def _correction(row: Any) -> Correction:
    return Correction(
        version=SchemaVersion.parse(row["version"]),
        number=row["number"],
        what=row["what"],
        text=row["text"],
        made_at=in_utc(row["made_at"]),
        made_by=row["made_by"],
    )
