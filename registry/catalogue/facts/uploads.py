"""Drafts that were uploaded, and the folders of versions that were published from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from .. import tables
from ..access import Writer, add_audit
from ..deliveries import in_utc
from ..engine import catalog_errors
from ..run_queue import ACTIVE

_UPLOADS, _SEALED, _JOBS = tables.uploads, tables.sealed_folders, tables.release_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """``digest`` is that of its files in the store of artifacts; ``size`` is in bytes; ``origin`` says which
    commit they are from, where it was one."""

    version: SchemaVersion
    digest: str
    files: int
    size: int
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(NewUpload):
    """One that was made."""

    uploaded_at: datetime
    uploaded_by: str


class Uploads:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def add(self, new: NewUpload, by: Writer) -> Upload:
        """The same again is the newest upload of its version, and not another one."""
        key = {"schema_name": self._name, "version": str(new.version), "digest": new.digest}
        upload = Upload(
            **asdict(new) | {"version": new.version}, uploaded_at=datetime.now(UTC), uploaded_by=by.who
        )
        with catalog_errors(), self._engine.begin() as connection:
            this = [_UPLOADS.c[name] == value for name, value in key.items()]
            connection.execute(_UPLOADS.delete().where(*this))
            connection.execute(_UPLOADS.insert().values(**asdict(upload) | key))
            add_audit(connection, self._name, by, f"upload {new.version}: {new.digest}")
        return upload

    def newest(self, version: SchemaVersion) -> Upload | None:
        found = self._found(_UPLOADS.c.version == str(version))
        return found[0] if found else None

    def find(self, version: SchemaVersion, digest: str) -> Upload | None:
        found = self._found(_UPLOADS.c.version == str(version), _UPLOADS.c.digest == digest)
        return found[0] if found else None

    def all(self) -> tuple[Upload, ...]:
        """Newest first."""
        return self._found()

    def forget(self, before: datetime) -> tuple[str, ...]:
        """Forget what was sent before that moment, and no job waits for. Returns the digests that nothing in
        the state database names any more."""
        waiting = sa.select(_JOBS.c.draft).where(
            _JOBS.c.schema_name == self._name, _JOBS.c.draft.is_not(None), _JOBS.c.state.in_(ACTIVE)
        )
        old = (
            _UPLOADS.c.schema_name == self._name,
            _UPLOADS.c.uploaded_at < before,
            _UPLOADS.c.digest.not_in(waiting),
        )
        with catalog_errors(), self._engine.begin() as connection:
            digests = set(connection.scalars(sa.select(_UPLOADS.c.digest).where(*old)))
            connection.execute(_UPLOADS.delete().where(*old))
            for table in (_UPLOADS, _SEALED):  # of any schema: they share the store
                named = sa.select(table.c.digest).where(table.c.digest.in_(digests))
                digests -= set(connection.scalars(named))
        return tuple(sorted(digests))

    def keep_sealed(self, version: SchemaVersion, digest: str) -> None:
        """Remember where the store has the folder of a version that was published."""
        key = {"schema_name": self._name, "version": str(version)}
        this = [_SEALED.c[name] == value for name, value in key.items()]
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_SEALED.delete().where(*this))
            connection.execute(_SEALED.insert().values(**key, digest=digest))

    def sealed(self) -> dict[SchemaVersion, str]:
        """The digest of the folder of each version that was published from an upload."""
        query = sa.select(_SEALED).where(_SEALED.c.schema_name == self._name)
        with catalog_errors(), self._engine.connect() as connection:
            return {SchemaVersion.parse(row.version): row.digest for row in connection.execute(query)}

    def _found(self, *conditions: sa.ColumnElement[bool]) -> tuple[Upload, ...]:
        query = sa.select(_UPLOADS).where(_UPLOADS.c.schema_name == self._name, *conditions)
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_UPLOADS.c.uploaded_at.desc(), _UPLOADS.c.digest))
            return tuple(map(_upload, rows.mappings()))


def _upload(row: Any) -> Upload:
    facts = {name: value for name, value in row.items() if name != "schema_name"}
    version = SchemaVersion.parse(facts["version"])
    return Upload(**{**facts, "version": version, "uploaded_at": in_utc(facts["uploaded_at"])})
