"""What the catalogue keeps so that a release can be verified: public keys and signed statements."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..deliveries import in_utc
from ..engine import catalog_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The public half of an ECDSA key on P-256. ``key`` is base64 of its DER form (SubjectPublicKeyInfo);
    ``keyid`` is ``SHA256:`` and the base64 digest of that. The current one has no ``retired_at``."""

    keyid: str
    key: str
    created_at: datetime
    retired_at: datetime | None = None

    @property
    def der(self) -> bytes:
        """Raises ValueError for text that isn't base64."""
        return base64.b64decode(self.key, validate=True)

    def was_in_use(self, moment: datetime) -> bool:
        return self.created_at <= moment and (self.retired_at is None or moment < self.retired_at)


class TrustRecords:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def signing_keys(self) -> tuple[PublicKey, ...]:
        """Oldest first."""
        table = tables.signing_keys
        query = sa.select(table).where(table.c.schema_name == self._name).order_by(table.c.created_at)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_public_key(row) for row in connection.execute(query).mappings())

    def keep_keys(self, keys: Sequence[PublicKey]) -> None:
        """Add those that are new, and when others were retired. None is ever removed or replaced."""
        if not keys:
            return
        table = tables.signing_keys
        with catalog_errors(), self._engine.begin() as connection:
            query = sa.select(table).where(table.c.schema_name == self._name)
            known = {row["keyid"]: row for row in connection.execute(query).mappings()}
            for key in keys:
                if key.keyid not in known:
                    connection.execute(
                        table.insert().values(
                            schema_name=self._name,
                            keyid=key.keyid,
                            key=key.key,
                            created_at=key.created_at,
                            retired_at=key.retired_at,
                        )
                    )
                elif key.retired_at is not None and known[key.keyid]["retired_at"] is None:
                    mine = (table.c.schema_name == self._name, table.c.keyid == key.keyid)
                    connection.execute(table.update().where(*mine).values(retired_at=key.retired_at))

    def attested(self) -> frozenset[SchemaVersion]:
        """The versions about which there is a signed statement."""
        table = tables.attestations
        query = sa.select(table.c.version).where(table.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return frozenset(SchemaVersion.parse(text) for text in connection.scalars(query))

    def attestation(self, version: SchemaVersion) -> str | None:
        """The signed statement about a version, None if it isn't signed."""
        table = tables.attestations
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(sa.select(table.c.envelope).where(*self._of(table, version)))

    def keep_attestation(self, version: SchemaVersion, envelope: str) -> None:
        """Once: the first statement about a version stays."""
        table = tables.attestations
        with catalog_errors(), self._engine.begin() as connection:
            if (
                connection.execute(sa.select(table.c.version).where(*self._of(table, version))).first()
                is None
            ):
                values = {"schema_name": self._name, "version": str(version), "envelope": envelope}
                connection.execute(table.insert().values(**values))

    def _of(self, table: sa.Table, version: SchemaVersion) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.schema_name == self._name, table.c.version == str(version)


def _public_key(row: Any) -> PublicKey:
    return PublicKey(
        keyid=row["keyid"],
        key=row["key"],
        created_at=in_utc(row["created_at"]),
        retired_at=in_utc(row["retired_at"]) if row["retired_at"] else None,
    )
