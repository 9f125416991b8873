"""What packages say of themselves: read from their files once, and kept by the digest of the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from generators.target import Language
from schemas.versions import SchemaVersion

from .. import tables
from ..engine import catalog_errors
from ..records import PublishedArtifact

_TABLE = tables.package_facts
_ARTIFACTS = tables.artifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """``requires`` is what runs it (``python`` or ``node``) with its versions. ``metadata`` is the METADATA
    of a wheel; ``metadata_sha256`` is its digest, empty for others. ``manifest`` is npm's package.json,
    ``integrity`` and ``shasum`` are digests as npm writes them. ``compatible_from``: of a migrations wheel,
    the oldest version whose clients work on a database at its own; None where that is itself."""

    dependencies: tuple[tuple[str, str], ...] = ()
    requires: tuple[str, str] | None = None
    metadata: str = ""
    metadata_sha256: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    integrity: str = ""
    shasum: str = ""
    compatible_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedPackage:
    """A published package; ``facts`` are None if nobody has read its file since this is kept, and have no
    ``metadata``: that is long."""

    version: SchemaVersion
    artifact: PublishedArtifact
    facts: PackageFacts | None


class PackageRecords:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def keep(self, sha256: str, facts: PackageFacts) -> None:
        """Once: a file with that digest always says the same."""
        values = asdict(facts)
        row = {
            "schema_name": self._name,
            "sha256": sha256,
            "metadata": values.pop("metadata"),
            "facts": json.dumps(values),
        }
        this = (_TABLE.c.schema_name == self._name, _TABLE.c.sha256 == sha256)
        with catalog_errors(), self._engine.begin() as connection:
            if connection.execute(sa.select(_TABLE.c.sha256).where(*this)).first() is None:
                connection.execute(_TABLE.insert().values(**row))

    def facts(self, sha256: str) -> PackageFacts | None:
        """Those of one file, with its ``metadata``."""
        query = sa.select(_TABLE.c.metadata, _TABLE.c.facts).where(
            _TABLE.c.schema_name == self._name, _TABLE.c.sha256 == sha256
        )
        with catalog_errors(), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _facts(row.facts, row.metadata)

    def known(self, digests: Iterable[str]) -> dict[str, PackageFacts]:
        """Those of the files that somebody has read, by digest and without ``metadata``, in one query."""
        query = sa.select(_TABLE.c.sha256, _TABLE.c.facts).where(
            _TABLE.c.schema_name == self._name, _TABLE.c.sha256.in_(list(digests))
        )
        with catalog_errors(), self._engine.connect() as connection:
            return {row.sha256: _facts(row.facts) for row in connection.execute(query)}

    def names(self) -> dict[str, Language]:
        """Of every package that was ever published, with the language that it is for, in one query."""
        query = sa.select(_ARTIFACTS.c.name, _ARTIFACTS.c.language).distinct()
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query.where(_ARTIFACTS.c.schema_name == self._name))
            return {row.name: row.language for row in rows}

    def with_digest(self, sha256: str) -> DescribedPackage | None:
        """The published package whose file has that digest."""
        return next(iter(self._found(_ARTIFACTS.c.sha256 == sha256)), None)

    def with_version(self, name: str, package_version: str) -> DescribedPackage | None:
        """The published package of that name and version, as its registry spells it."""
        named = (_ARTIFACTS.c.name == name, _ARTIFACTS.c.package_version == package_version)
        return next(iter(self._found(*named)), None)

    def of(
        self, versions: Iterable[SchemaVersion], language: Language
    ) -> dict[SchemaVersion, DescribedPackage]:
        """The packages of these versions for one language, in one query."""
        wanted = _ARTIFACTS.c.version.in_([str(each) for each in versions])
        return {each.version: each for each in self._found(wanted, _ARTIFACTS.c.language == language)}

    def all(self, language: Language) -> tuple[DescribedPackage, ...]:
        """Those of every version for one language, oldest first, in one query."""
        return tuple(sorted(self._found(_ARTIFACTS.c.language == language), key=lambda each: each.version))

    def _found(self, *conditions: sa.ColumnElement[bool]) -> list[DescribedPackage]:
        same = sa.and_(
            _TABLE.c.schema_name == _ARTIFACTS.c.schema_name, _TABLE.c.sha256 == _ARTIFACTS.c.sha256
        )
        query = (
            sa.select(_ARTIFACTS, _TABLE.c.facts)
            .outerjoin_from(_ARTIFACTS, _TABLE, same)
            .where(_ARTIFACTS.c.schema_name == self._name, *conditions)
        )
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            DescribedPackage(
                version=SchemaVersion.parse(row["version"]),
                artifact=PublishedArtifact.from_row(row),
                facts=_facts(row["facts"]) if row["facts"] else None,
            )
            for row in rows
        ]


def _facts(text: str, metadata: str = "") -> PackageFacts:
    known = json.loads(text)
    dependencies = tuple((name, wanted) for name, wanted in known.pop("dependencies"))
    requires = known.pop("requires")
    return PackageFacts(
        **known,
        dependencies=dependencies,
        requires=tuple(requires) if requires else None,
        metadata=metadata,
    )


def text_digest(text: str) -> str:
    """sha256 (hex), as an index lists it for a wheel's METADATA."""
    return hashlib.sha256(text.encode()).hexdigest()
