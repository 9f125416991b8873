"""The folder that a team keeps in git: finding it, reading, drafting and sealing its versions.

::

    schema-service.toml
    schemas/2.0.0/
      schema.prisma  models/…prisma  partial_types.py  version.toml  CHANGELOG.md  release.lock
      migrations/005_materialized_views/{up.sql,down.sql,schema.prisma,generated.toml}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..answers import Answers
from ..errors import InvalidVersionError, Problem, WorkspaceError
from ..partial_types.checking import FILE_NAME as PARTIAL_TYPES_NAME
from ..problem_collector import ProblemCollector
from ..versions import SchemaVersion
from . import problems
from .files import (
    exclusive,
    file_names,
    folder_names,
    read_text,
    write_atomically,
    write_folder,
)
from .generated import Generated
from .migration import FOLDER_NAME, Migration
from .migration_folders import numbering_problems, read_migrations
from .release_lock import ReleaseLock
from .schema_files import MAIN_NAME, SchemaFile, read_schema_files
from .starter_schema import STARTER_SCHEMA
from .version_source import VersionSource
from .version_toml import NO_OTHER, VersionToml, with_answers

TOML_NAME = "schema-service.toml"
VERSIONS_FOLDER = "schemas"
LOCK_NAME = "release.lock"
#: Next to a migration's scripts: the schema that they lead to, for the next migration of the same draft.
STATE_NAME = "schema.prisma"
#: Next to them too: what generated scripts were written from.
GENERATED_NAME = "generated.toml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace at ``root``. Nothing is cached: every call reads from the disk."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The workspace that ``start`` is in. Raises WorkspaceError where there is none."""
        place = start.resolve()
        for folder in (place, *place.parents):
            if (folder / TOML_NAME).is_file():
                return cls(folder)
        raise WorkspaceError(problems.no_workspace(start, TOML_NAME))

    def versions(self) -> tuple[SchemaVersion, ...]:
        """All versions, oldest first. Folders that are not versions are ignored; see :meth:`problems`."""
        return tuple(sorted(filter(None, map(_parsed, self._names()))))

    def load(self, version: SchemaVersion) -> VersionSource:
        """Read one version. Raises WorkspaceError with all its problems, or if it is unknown."""
        collector = ProblemCollector()
        history = self._history(self._versions_up_to(version), collector)
        source = collector.attempt(self._source, version, history)
        collector.raise_all()
        assert source is not None  # else its problems were raised
        return source

    def is_sealed(self, version: SchemaVersion) -> bool:
        """Whether ``version`` was published: only checks that its lock exists."""
        return LOCK_NAME in file_names(self.root, _folder(version))

    def release_lock(self, version: SchemaVersion) -> ReleaseLock | None:
        """The seal of ``version``, None for a draft. Raises WorkspaceError for a damaged one."""
        return self._lock(_folder(version))

    def sealed_migrations_above(self, version: SchemaVersion) -> tuple[Migration, ...]:
        """The migrations of the published versions above ``version``, whatever their numbers. Raises
        WorkspaceError."""
        sealed = [each for each in self.versions() if each > version and self.is_sealed(each)]
        collector = ProblemCollector()
        found = [
            collector.attempt(read_migrations, self.root, f"{_folder(each)}/migrations", each) or []
            for each in sealed
        ]
        collector.raise_all()
        return tuple(migration for migrations in found for migration in migrations)

    def problems(self) -> tuple[Problem, ...]:
        """All problems of the workspace's files."""
        collector = ProblemCollector()
        names = collector.attempt(self._names) or []
        collector.problems += [
            problems.not_a_version(f"{VERSIONS_FOLDER}/{name}", name) for name in names if not _parsed(name)
        ]
        versions = sorted(filter(None, map(_parsed, names)))
        history = self._history(versions, collector)
        for version in versions:
            up_to = tuple(migration for migration in history if migration.version <= version)
            source = collector.attempt(self._source, version, up_to)
            if source is not None and source.seal_problem is not None:
                collector.problems.append(source.seal_problem)
        return tuple(collector.problems)

    def create_version(self, version: SchemaVersion, from_: SchemaVersion | None = None) -> VersionSource:
        """Draft ``version`` as a copy of ``from_``, or else of the latest version below it.

        Raises WorkspaceError if the version exists, or if ``from_`` does not exist or is later.
        """
        with exclusive(self.root):
            base = self._base_for(version, from_)
            prefix = f"{base.folder}/" if base else ""
            schema = base.schema_files.files if base else (SchemaFile(MAIN_NAME, STARTER_SCHEMA),)
            files = {
                **{file.path.removeprefix(prefix): file.text for file in schema},
                "version.toml": VersionToml(author=base.author if base else None).to_toml(),
                "CHANGELOG.md": "",
            }
            if base and base.partial_types:
                files[PARTIAL_TYPES_NAME] = base.partial_types
            content = {name: text.encode() for name, text in files.items()}
            write_folder(self.root / _folder(version), content)
        return self.load(version)

    def add_migration(
        self,
        version: SchemaVersion,
        name: str,
        up: str,
        down: str | None,
        *,
        leads_to: str | None = None,
        answers: Answers | None = None,
    ) -> Migration:
        """Add the next migration to the draft ``version``.

        ``leads_to`` is the schema.prisma that the migration leads to, if known, and ``answers`` are those
        that generated scripts were written from: they are stored next to the scripts, for
        :meth:`schema_after` and :meth:`generated`, and are not part of any package. Raises WorkspaceError if
        the version is sealed, a later version already has migrations (numbers follow the versions), or
        ``name`` is not lower-case letters, digits and underscores.
        """
        with exclusive(self.root):
            source = self._draft(version)
            number = source.history[-1].number + 1 if source.history else 1
            migration = Migration(number=number, name=name, version=version, up=up, down=down)
            if FOLDER_NAME.fullmatch(migration.id) is None:
                raise WorkspaceError(problems.bad_migration_name(name))
            for later in self.versions():
                if later > version and folder_names(self.root, f"{_folder(later)}/migrations"):
                    raise WorkspaceError(
                        problems.later_migrations(version, later, is_published=self.is_sealed(later))
                    )
            files = {file: text.encode() for file, text in _texts(migration, leads_to, answers).items()}
            write_folder(self.root / _migration_folder(migration), files)
        return migration

    def rewrite_migration(
        self, migration: Migration, up: str, down: str, *, leads_to: str, answers: Answers
    ) -> None:
        """Replace the scripts of ``migration``, of a draft, by newly generated ones.

        Raises WorkspaceError if the version is sealed.
        """
        with exclusive(self.root):
            self._draft(migration.version)
            rewritten = replace(migration, up=up, down=down)
            for file, text in _texts(rewritten, leads_to, answers).items():
                write_atomically(self.root / _migration_folder(migration) / file, text)

    def schema_after(self, migration: Migration) -> str | None:
        """The schema.prisma that ``migration`` leads to; None if it was not stored.

        Raises WorkspaceError if the file can't be read.
        """
        folder = _migration_folder(migration)
        if STATE_NAME not in file_names(self.root, folder):
            return None
        return read_text(self.root, f"{folder}/{STATE_NAME}")

    def generated(self, migration: Migration) -> Generated | None:
        """What the scripts of ``migration`` were written from; None where that was not stored.

        Raises WorkspaceError if the file can't be read.
        """
        folder = _migration_folder(migration)
        if GENERATED_NAME not in file_names(self.root, folder):
            return None
        file = f"{folder}/{GENERATED_NAME}"
        return Generated.from_toml(read_text(self.root, file), file=file)

    def write_changelog(self, version: SchemaVersion, text: str) -> None:
        """Replace the draft's CHANGELOG.md. Raises WorkspaceError if the version is sealed."""
        with exclusive(self.root):
            source = self._draft(version)
            write_atomically(self.root / source.folder / "CHANGELOG.md", text)

    def add_answers(self, version: SchemaVersion, answers: Answers) -> None:
        """Write ``answers`` into the draft's version.toml, and keep the rest of the file.

        Raises WorkspaceError if the version is sealed.
        """
        with exclusive(self.root):
            source = self._draft(version)
            text = with_answers(self._optional_text(source.folder, "version.toml"), answers)
            write_atomically(self.root / source.folder / "version.toml", text)

    def seal(self, version: SchemaVersion, lock: ReleaseLock) -> None:
        """Write ``release.lock``: from now on the version is published. Sealing it again alike does nothing,
        but for a version that waited to be promoted.

        Raises WorkspaceError if it is sealed differently, or was edited since ``lock`` was made.
        """
        with exclusive(self.root):
            source = self.load(version)
            if (lock.version, lock.input_digest) != (version, source.digest):
                raise WorkspaceError(problems.edited_meanwhile(version, source.folder))
            if source.lock is None:
                write_atomically(self.root / source.folder / LOCK_NAME, lock.to_toml())
            elif not source.lock.describes_the_same(lock):
                raise WorkspaceError(problems.sealed(version, source.folder))
            elif source.lock.is_staged and not lock.is_staged:
                promoted = replace(source.lock, is_staged=False)
                write_atomically(self.root / source.folder / LOCK_NAME, promoted.to_toml())

    def _names(self) -> list[str]:
        return folder_names(self.root, VERSIONS_FOLDER)

    def _versions_up_to(self, version: SchemaVersion) -> list[SchemaVersion]:
        known = self.versions()
        if version not in known:
            raise WorkspaceError(problems.unknown_version(version, known))
        return [each for each in known if each <= version]

    def _history(
        self, versions: Sequence[SchemaVersion], collector: ProblemCollector
    ) -> tuple[Migration, ...]:
        """The migrations of ``versions``. Numbers are only checked if every folder could be read."""
        before = len(collector.problems)
        history: list[Migration] = []
        for version in versions:
            folder = f"{_folder(version)}/migrations"
            history += collector.attempt(read_migrations, self.root, folder, version) or []
        if len(collector.problems) == before:
            collector.problems += numbering_problems(history, _migration_folder, self.is_sealed)
        return tuple(history)

    def _source(self, version: SchemaVersion, history: tuple[Migration, ...]) -> VersionSource:
        folder = _folder(version)
        collector = ProblemCollector()
        schema_files = collector.attempt(read_schema_files, self.root, folder)
        toml = collector.attempt(self._version_toml, folder)
        changelog = collector.attempt(self._optional_text, folder, "CHANGELOG.md")
        partial_types = collector.attempt(self._optional_text, folder, PARTIAL_TYPES_NAME)
        lock = collector.attempt(self._lock, folder)
        inherited = collector.attempt(self._sql_only_before, version)
        toml = toml or VersionToml()
        declared = version if toml.compatible_from == NO_OTHER else toml.compatible_from
        if declared is not None and declared > version:
            collector.problems.append(
                problems.compatible_from_later(version, declared, f"{folder}/version.toml")
            )
        collector.raise_all()
        assert schema_files is not None  # else its problems were raised
        return VersionSource(
            version=version,
            folder=folder,
            schema_files=schema_files,
            description=toml.description,
            author=toml.author,
            notes=toml.notes,
            answers=toml.answers,
            compatible_from=declared,
            changelog=changelog or "",
            history=history,
            lock=lock,
            partial_types=partial_types or "",
            inherited_sql_only=inherited or (),
        )

    def _sql_only_before(self, version: SchemaVersion) -> tuple[str, ...]:
        """What the versions before ``version`` left to SQL. Raises WorkspaceError."""
        found: list[str] = []
        for each in self.versions():
            # Few have the table, and reading TOML takes longer than looking for its name.
            if each < version and "sql_only" in self._optional_text(_folder(each), "version.toml"):
                found += (key for key, _reason in self._version_toml(_folder(each)).answers.sql_only)
        return tuple(dict.fromkeys(found))

    def _version_toml(self, folder: str) -> VersionToml:
        text = self._optional_text(folder, "version.toml")
        return VersionToml.from_toml(text, file=f"{folder}/version.toml")

    def _lock(self, folder: str) -> ReleaseLock | None:
        if LOCK_NAME not in file_names(self.root, folder):
            return None
        file = f"{folder}/{LOCK_NAME}"
        return ReleaseLock.from_toml(read_text(self.root, file), file=file)

    def _optional_text(self, folder: str, name: str) -> str:
        return read_text(self.root, f"{folder}/{name}") if name in file_names(self.root, folder) else ""

    def _draft(self, version: SchemaVersion) -> VersionSource:
        source = self.load(version)
        if source.is_published:
            raise WorkspaceError(problems.sealed(version, source.folder))
        return source

    def _base_for(self, version: SchemaVersion, from_: SchemaVersion | None) -> VersionSource | None:
        known = self.versions()
        if version in known:
            raise WorkspaceError(problems.version_exists(version, _folder(version)))
        if from_ is not None and from_ > version:
            raise WorkspaceError(problems.base_is_newer(version, from_))
        base = from_ or max((each for each in known if each < version), default=None)
        return self.load(base) if base else None


def _folder(version: SchemaVersion) -> str:
    return f"{VERSIONS_FOLDER}/{version}"


def _migration_folder(migration: Migration) -> str:
    return f"{_folder(migration.version)}/migrations/{migration.id}"


def _texts(migration: Migration, leads_to: str | None, answers: Answers | None) -> dict[str, str]:
    """The files of a migration's folder."""
    texts = {"up.sql": migration.up, "down.sql": migration.down, STATE_NAME: leads_to}
    if answers is not None:
        texts[GENERATED_NAME] = Generated.of(migration.up, migration.down, answers).to_toml()
    return {file: text for file, text in texts.items() if text is not None}


def _parsed(name: str) -> SchemaVersion | None:
    try:
        return SchemaVersion.parse(name)
    except InvalidVersionError:
        return None
