"""Reading and writing the catalogue of one schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from generators.revisions import FIRST
from generators.target import LANGUAGES
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin
from schemas.workspace.migration import Migration
from schemas.workspace.release_lock import LockedInput

from ..errors import ImmutableVersionError
from . import tables
from .access import Access
from .deliveries import Announcement, Deliveries, in_utc
from .engine import catalog_errors, empty_engine, open_engine, state_url
from .facts.corrections import Corrections
from .facts.details import details_row, with_details
from .facts.drafts import Drafts
from .facts.events import PUBLISHED, Events, NewEvent
from .facts.lines import history, insert_line, origin_of, taken_over
from .facts.package_facts import PackageRecords
from .facts.published_changes import PublishedChanges, count_changes
from .facts.release_log import ReleaseLog
from .facts.schema_models import SchemaModels
from .facts.staged_versions import StagedVersions
from .facts.trust import TrustRecords
from .facts.uploads import Uploads
from .fleets.fleet_runs import FleetRuns
from .fleets.workers import Workers
from .last_known import DatabaseStates
from .operation import Operation
from .records import PublishedArtifact, PublishedVersion, VersionSummary, VersionTexts
from .release_jobs import ReleaseJobs
from .runs import Runs
from .upgrade import bring_up_to_date, is_ready_to_read

_LATEST_TABLES = (tables.latest, tables.latest_elsewhere)


class Catalogue:
    """The published versions of the schema called ``schema_name``.

    Every method raises CatalogueError (exit 3: run it again) when the database can't be used, and opening
    it NewerCatalogueError when a newer tool has changed its tables.
    """

    def __init__(self, engine: sa.Engine, schema_name: str, root: Path | None = None) -> None:
        """``root`` is the workspace, if there is one here."""
        self._engine = engine
        self._name = schema_name
        self._root = root
        count_changes(engine)
        with catalog_errors():
            bring_up_to_date(engine)

    @classmethod
    def open(cls, url: str, *, root: Path, schema_name: str, to_read: bool = False) -> Catalogue:
        """Open ``[state] url``; a relative SQLite path lies under the workspace's ``root``.

        ``to_read``: a SQLite file that isn't there is an empty catalogue, and isn't created; neither are the
        tables of a database that others share, which are not upgraded either: raises OlderCatalogueError.
        """
        engine = open_engine(state_url(url, root), to_read=to_read)
        if to_read and engine.dialect.name != "sqlite":
            with catalog_errors():
                is_ready = is_ready_to_read(engine)
            if not is_ready:
                engine.dispose()
                engine = empty_engine()
        return cls(engine, schema_name, root)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def schema_name(self) -> str:
        return self._name

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(self._engine, self._name, self._root)

    @property
    def release_log(self) -> ReleaseLog:
        return ReleaseLog(self._engine, self._name, self.corrections, self.events, self.staged)

    @property
    def corrections(self) -> Corrections:
        return Corrections(self._engine, self._name)

    @property
    def trust(self) -> TrustRecords:
        return TrustRecords(self._engine, self._name)

    @property
    def events(self) -> Events:
        return Events(self._engine, self._name, self._keep_latest, self.deliveries)

    @property
    def drafts(self) -> Drafts:
        return Drafts(self._engine, self._name)

    @property
    def staged(self) -> StagedVersions:
        return StagedVersions(self._engine, self._name)

    @property
    def runs(self) -> Runs:
        return Runs(self._engine, self._name, self.deliveries)

    @property
    def release_jobs(self) -> ReleaseJobs:
        return ReleaseJobs(self._engine, self._name, self.deliveries)

    @property
    def uploads(self) -> Uploads:
        return Uploads(self._engine, self._name)

    @property
    def operation(self) -> Operation:
        return Operation(self._engine, self._name)

    @property
    def fleets(self) -> FleetRuns:
        return FleetRuns(self._engine, self._name, self.runs, self.deliveries)

    @property
    def databases(self) -> DatabaseStates:
        return DatabaseStates(self._engine, self._name)

    @property
    def workers(self) -> Workers:
        return Workers(self._engine, self._name)

    @property
    def access(self) -> Access:
        return Access(self._engine, self._name)

    @property
    def packages(self) -> PackageRecords:
        return PackageRecords(self._engine, self._name)

    @property
    def models(self) -> SchemaModels:
        return SchemaModels(self._engine, self._name)

    @property
    def published_changes(self) -> PublishedChanges:
        return PublishedChanges(self._engine)

    def versions(self) -> tuple[SchemaVersion, ...]:
        """Every published version, oldest first."""
        query = sa.select(tables.versions.c.version).where(self._mine(tables.versions))
        with self._transaction() as connection:
            return tuple(sorted(SchemaVersion.parse(text) for text in connection.scalars(query)))

    def summaries(self) -> tuple[VersionSummary, ...]:
        """The same list with what it tells about each version, in one query."""
        table = tables.versions
        columns = [table.c[field.name] for field in fields(VersionSummary)]
        with self._transaction() as connection:
            rows = connection.execute(sa.select(*columns).where(self._mine(table))).mappings().all()
        return tuple(sorted((_summary(row) for row in rows), key=lambda summary: summary.version))

    def texts(self, versions: Iterable[SchemaVersion]) -> dict[SchemaVersion, VersionTexts]:
        """The texts of each of ``versions`` that was published, in one query."""
        known, partial, said = tables.versions, tables.partial_types, tables.details
        query = (
            sa.select(
                known.c.version,
                known.c.schema_text,
                sa.func.coalesce(partial.c.text, "").label("partial_types"),
                known.c.changelog,
                said.c.notes,
            )
            .select_from(
                known.outerjoin(partial, _same_version(known, partial)).outerjoin(
                    said, _same_version(known, said)
                )
            )
            .where(self._mine(known), known.c.version.in_([str(each) for each in versions]))
        )
        with self._transaction() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return {SchemaVersion.parse(row.pop("version")): VersionTexts(**row) for row in rows}

    def changelogs(self, versions: Iterable[SchemaVersion]) -> dict[SchemaVersion, str]:
        """The changelog of each of ``versions`` as it was published, in one query."""
        table = tables.versions
        wanted = [str(version) for version in versions]
        query = sa.select(table.c.version, table.c.changelog).where(
            self._mine(table), table.c.version.in_(wanted)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return {SchemaVersion.parse(row.version): row.changelog for row in rows}

    def package_versions(self, name: str) -> frozenset[str]:
        """Every published version of the package ``name``, as its registry spells it."""
        table = tables.artifacts
        query = sa.select(table.c.package_version).where(self._mine(table), table.c.name == name)
        with self._transaction() as connection:
            return frozenset(connection.scalars(query))

    def latest(self) -> SchemaVersion | None:
        """The version that consumers get when they don't ask for one, even if it was published from another
        machine and the catalogue has no more than its number."""
        with self._transaction() as connection:
            for table in _LATEST_TABLES:
                text = connection.scalar(sa.select(table.c.version).where(self._mine(table)))
                if text is not None:
                    return SchemaVersion.parse(text)
        return None

    def find(self, version: SchemaVersion) -> PublishedVersion | None:
        """Everything about ``version``, or None if it was never published."""
        with self._transaction() as connection:
            row = connection.execute(self._rows_of(tables.versions, version)).mappings().one_or_none()
            if row is None:
                return None
            artifacts = connection.execute(self._rows_of(tables.artifacts, version)).mappings().all()
            migrations = connection.execute(self._rows_of(tables.migrations, version)).mappings().all()
            partial = (
                connection.execute(self._rows_of(tables.partial_types, version)).mappings().one_or_none()
            )
            details = connection.execute(self._rows_of(tables.details, version)).mappings().one_or_none()
            inputs = connection.execute(self._rows_of(tables.inputs, version)).mappings().all()
            line = connection.execute(self._rows_of(tables.lines, version)).mappings().one_or_none()
        published = _published_version(row, artifacts, migrations)
        published = with_details(published, details) if details else published
        if line is not None:
            published = replace(published, follows=origin_of(line).from_, takes=taken_over(line))
        return replace(
            published,
            partial_types=partial["text"] if partial else "",
            inputs=tuple(sorted(map(_input, inputs), key=lambda each: each.path)),
        )

    def origins(self) -> dict[SchemaVersion, Origin]:
        """Where each published version says that it comes from, oldest first."""
        known, said = tables.versions, tables.lines
        same = sa.and_(known.c.schema_name == said.c.schema_name, known.c.version == said.c.version)
        query = sa.select(known.c.version, said.c.follows, said.c.takes).outerjoin_from(known, said, same)
        with self._transaction() as connection:
            rows = connection.execute(query.where(self._mine(known))).mappings().all()
        found = {
            SchemaVersion.parse(row["version"]): origin_of(row) if row["takes"] else Origin() for row in rows
        }
        return dict(sorted(found.items()))

    def migrations_up_to(self, version: SchemaVersion) -> tuple[Migration, ...]:
        """Every published migration of ``version`` and of the versions that it contains, in order."""
        return history(version, self.origins(), self.migrations())

    def migrations(self) -> tuple[Migration, ...]:
        """Every published migration, in order."""
        query = sa.select(tables.migrations).where(self._mine(tables.migrations))
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(sorted((_migration(row) for row in rows), key=lambda migration: migration.number))

    def record(
        self,
        published: PublishedVersion,
        *,
        latest: SchemaVersion,
        announcement: Announcement | None = None,
    ) -> None:
        """Add a version and its announcement, and keep which one is ``latest`` now (this one, another, or one
        that isn't in this catalogue), in one transaction.

        Recording the same content twice is fine (a resumed release does), and promotes what was staged;
        raises ImmutableVersionError for other content.
        """
        is_known = self._has_same(published)
        with self._transaction() as connection:
            was_staged = self.staged.remove(connection, published.version)
            if not is_known:
                self._insert(connection, published)
            if was_staged or not is_known:
                details = {"promoted": True} if was_staged else {}
                new = NewEvent(event=PUBLISHED, version=published.version, details=details)
                self.events.add(connection, new, finished=True)
                if announcement is not None:
                    self.deliveries.add(connection, announcement)
            self._keep_latest(connection, latest)

    def stage(self, published: PublishedVersion) -> None:
        """Add a version that waits to be promoted. Does nothing for one that is there; raises
        ImmutableVersionError for other content."""
        if self._has_same(published):
            return
        with self._transaction() as connection:
            self._insert(connection, published)
            self.staged.add(connection, published.version)

    def _has_same(self, published: PublishedVersion) -> bool:
        known = self.find(published.version)
        if known is not None and known.input_digest != published.input_digest:
            raise ImmutableVersionError(already_published(published.version))
        return known is not None

    def _insert(self, connection: sa.Connection, published: PublishedVersion) -> None:
        key = {"schema_name": self._name, "version": str(published.version)}
        own_columns = {column.name for column in tables.versions.columns} - key.keys()
        row = {name: getattr(published, name) for name in own_columns}
        connection.execute(tables.versions.insert().values(**key, **row))
        for artifact in published.artifacts:
            values = asdict(artifact)
            values["package_version"] = values.pop("version")
            connection.execute(tables.artifacts.insert().values(**key, **values))
        for migration in published.migrations:
            values = {"number": migration.number, "name": migration.name}
            values |= {"up": migration.up, "down": migration.down}
            connection.execute(tables.migrations.insert().values(**key, **values))
        connection.execute(tables.details.insert().values(**key, **details_row(published)))
        if published.inputs:
            connection.execute(tables.inputs.insert(), [{**key, **asdict(each)} for each in published.inputs])
        insert_line(connection, self._name, published.version, published.follows, published.takes)
        if published.partial_types:
            connection.execute(tables.partial_types.insert().values(**key, text=published.partial_types))

    def _keep_latest(self, connection: sa.Connection, version: SchemaVersion) -> None:
        for table in _LATEST_TABLES:
            connection.execute(table.delete().where(self._mine(table)))
        is_known = connection.execute(self._rows_of(tables.versions, version)).first() is not None
        table = tables.latest if is_known else tables.latest_elsewhere
        connection.execute(table.insert().values(schema_name=self._name, version=str(version)))

    def _mine(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return table.c.schema_name == self._name

    def _rows_of(self, table: sa.Table, version: SchemaVersion) -> sa.Select[Any]:
        return sa.select(table).where(self._mine(table), table.c.version == str(version))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with catalog_errors(), self._engine.begin() as connection:
            yield connection


def _same_version(one: sa.Table, other: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(one.c.schema_name == other.c.schema_name, one.c.version == other.c.version)


def already_published(version: SchemaVersion) -> Problem:
    """The problem of publishing other content under a version that is taken."""
    return Problem(
        code="version-is-immutable",
        message=f"{version} is already published, with other content; published versions never change",
        fix=f"put the change into a new version: schema-service new VERSION --from {version}",
    )


def _published_version(row: Any, artifacts: Any, migrations: Any) -> PublishedVersion:
    return PublishedVersion(
        version=SchemaVersion.parse(row["version"]),
        description=row["description"],
        author=row["author"],
        schema_text=row["schema_text"],
        schema_digest=row["schema_digest"],
        input_digest=row["input_digest"],
        changelog=row["changelog"],
        published_at=in_utc(row["published_at"]),
        published_by=row["published_by"],
        migrations=tuple(sorted((_migration(m) for m in migrations), key=lambda m: m.number)),
        artifacts=tuple(
            sorted(map(PublishedArtifact.from_row, artifacts), key=lambda a: LANGUAGES.index(a.language))
        ),
        generators=FIRST,
    )


def _summary(row: Any) -> VersionSummary:
    return VersionSummary(
        **{
            **row,
            "version": SchemaVersion.parse(row["version"]),
            "published_at": in_utc(row["published_at"]),
        }
    )


def _input(row: Any) -> LockedInput:
    return LockedInput(path=row["path"], sha256=row["sha256"], of=row["of"])


def _migration(row: Any) -> Migration:
    return Migration(
        number=row["number"],
        name=row["name"],
        version=SchemaVersion.parse(row["version"]),
        up=row["up"],
        down=row["down"],
    )
