"""Versions that are published and that no consumer gets unasked, until they are promoted."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..engine import catalog_errors

_TABLE = tables.staged


class StagedVersions:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def all(self) -> frozenset[SchemaVersion]:
        query = sa.select(_TABLE.c.version).where(_TABLE.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return frozenset(SchemaVersion.parse(text) for text in connection.scalars(query))

    def add(self, connection: sa.Connection, version: SchemaVersion) -> None:
        """In the transaction of ``connection``, which records the version."""
        row = {"schema_name": self._name, "version": str(version), "staged_at": datetime.now(UTC)}
        connection.execute(_TABLE.insert().values(**row))

    def remove(self, connection: sa.Connection, version: SchemaVersion) -> bool:
        """Whether it was one, in the transaction of ``connection``, which records that it isn't any more."""
        mine = (_TABLE.c.schema_name == self._name, _TABLE.c.version == str(version))
        return connection.execute(_TABLE.delete().where(*mine)).rowcount > 0
