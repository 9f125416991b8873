"""Schemas of published versions as JSON: made from their text by who asks first, and kept."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from ...errors import CatalogueError
from .. import tables
from ..engine import catalog_errors

_TABLE = tables.schema_models


class SchemaModels:
    """Those of the schema called ``schema_name``."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def find(self, version: SchemaVersion, format_number: int) -> str | None:
        """None where nobody has asked for this format of it yet. Raises CatalogueError."""
        query = sa.select(_TABLE.c.model).where(
            _TABLE.c.schema_name == self._name,
            _TABLE.c.version == str(version),
            _TABLE.c.format == format_number,
        )
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(query)

    def keep(self, version: SchemaVersion, format_number: int, model: str) -> None:
        """What can't be kept is made again."""
        key = {"schema_name": self._name, "version": str(version)}
        this = (_TABLE.c.schema_name == self._name, _TABLE.c.version == str(version))
        with suppress(CatalogueError), catalog_errors(), self._engine.begin() as connection:
            connection.execute(_TABLE.delete().where(*this))
            connection.execute(_TABLE.insert().values(**key, format=format_number, model=model))
