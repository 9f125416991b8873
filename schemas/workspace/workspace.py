"""The folder that a team keeps in git: finding it, reading, drafting and sealing its versions.

::

    schema-service.toml
    schemas/2.0.0/
      schema.prisma  models/…prisma  partial_types.py  version.toml  CHANGELOG.md  release.lock
      migrations/005_materialized_views/{up.sql,down.sql,schema.prisma,generated.toml}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
from .lines import (
    RUN,
    Origin,
    VersionLine,
    answer_problems,
    base_of,
    contained_versions,
    default_origin,
    lines_of,
    number_of,
    origin_problems,
    taken_migrations,
)
from .migration import FOLDER_NAME, Migration
from .migration_folders import (
    line_numbering_problems,
    migration_names,
    numbering_problems,
    read_migrations,
)
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

# Few versions have these keys, and reading TOML takes longer than looking for their names.
_ORIGIN_KEYS = re.compile(r"""^\s*(["']?from["']?\s*=|\[?\s*["']?takes\b)""", re.MULTILINE)


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
        versions = self._versions_up_to(version)
        place = self._place(version, self._origins(versions, collector), collector)
        source = collector.attempt(self._source, version, place)
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
        """The migrations of the published versions above ``version`` that contain it, whatever their numbers.
        Raises WorkspaceError."""
        collector = ProblemCollector()
        sealed = [each for each in self.versions_containing(version, collector) if self.is_sealed(each)]
        found = [
            collector.attempt(read_migrations, self.root, f"{_folder(each)}/migrations", each) or []
            for each in sealed
        ]
        collector.raise_all()
        return tuple(migration for migrations in found for migration in migrations)

    def versions_containing(
        self, version: SchemaVersion, collector: ProblemCollector | None = None
    ) -> list[SchemaVersion]:
        """The versions above ``version`` on its line, and those that take it over. Raises WorkspaceError, or
        adds the problems to the ``collector``."""
        found = collector or ProblemCollector()
        origins = self._origins(self.versions(), found)
        if collector is None:
            found.raise_all()
        return [each for each in origins if each > version and version in contained_versions(each, origins)]

    def origins(self) -> dict[SchemaVersion, Origin]:
        """What each version says about where it comes from; nothing where that is wrong."""
        return self._origins(self.versions(), ProblemCollector())

    def problems(self) -> tuple[Problem, ...]:
        """All problems of the workspace's files."""
        collector = ProblemCollector()
        names = collector.attempt(self._names) or []
        collector.problems += [
            problems.not_a_version(f"{VERSIONS_FOLDER}/{name}", name) for name in names if not _parsed(name)
        ]
        versions = sorted(filter(None, map(_parsed, names)))
        for version, place in self._places(versions, collector).items():
            source = collector.attempt(self._source, version, place)
            if source is not None and source.seal_problem is not None:
                collector.problems.append(source.seal_problem)
        return tuple(collector.problems)

    def create_version(
        self,
        version: SchemaVersion,
        from_: SchemaVersion | None = None,
        takes: Sequence[SchemaVersion] = (),
    ) -> VersionSource:
        """Draft ``version`` as a copy of ``from_``, or else of the latest version below it. Where later
        versions are published or have migrations, it begins a maintenance line after that one. It takes over
        the lines that lead to ``takes``, whose migrations then run in it.

        Raises WorkspaceError if the version exists, if ``from_`` does not exist, is later or is on another
        line, and if one of ``takes`` does.
        """
        with exclusive(self.root):
            origin = self._origin_for(version, takes)
            base = self._base_for(version, from_, origin)
            prefix = f"{base.folder}/" if base else ""
            schema = base.schema_files.files if base else (SchemaFile(MAIN_NAME, STARTER_SCHEMA),)
            files = {
                **{file.path.removeprefix(prefix): file.text for file in schema},
                "version.toml": VersionToml(author=base.author if base else None, origin=origin).to_toml(),
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
            self._draft(version)
            number = max(map(number_of, self._ids_of(self.versions())), default=0) + 1
            migration = Migration(number=number, name=name, version=version, up=up, down=down)
            if FOLDER_NAME.fullmatch(migration.id) is None:
                raise WorkspaceError(problems.bad_migration_name(name))
            for later in self.versions_containing(version):
                if folder_names(self.root, f"{_folder(later)}/migrations"):
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

    def _ids_of(self, versions: Iterable[SchemaVersion]) -> list[str]:
        return [
            name for each in versions for name in migration_names(self.root, f"{_folder(each)}/migrations")
        ]

    def _origins(
        self, versions: Sequence[SchemaVersion], collector: ProblemCollector
    ) -> dict[SchemaVersion, Origin]:
        """Where each of ``versions``, which are in order, says that it comes from."""
        origins: dict[SchemaVersion, Origin] = {}
        for version in versions:
            # What is wrong with the file is told of the version itself.
            text = ProblemCollector().attempt(self._optional_text, _folder(version), "version.toml") or ""
            found = _ORIGIN_KEYS.search(text) and collector.attempt(self._version_toml, _folder(version))
            origins[version] = found.origin if found else Origin()
            problems_found = origin_problems(version, origins, f"{_folder(version)}/version.toml")
            collector.problems += problems_found
            if problems_found:
                origins[version] = Origin()
        return origins

    def _place(
        self,
        version: SchemaVersion,
        origins: Mapping[SchemaVersion, Origin],
        collector: ProblemCollector,
    ) -> _Place:
        """Where ``version`` is; ``origins`` are those of all up to it."""
        contained = contained_versions(version, origins)
        if all(origin.is_default for origin in origins.values()):
            history = self._history(contained, collector)
            return _Place(history, contained[:-1], base_of(version, origins))
        before = len(collector.problems)
        migrations = {
            each: collector.attempt(read_migrations, self.root, f"{_folder(each)}/migrations", each) or []
            for each in contained
        }
        found = lines_of(contained, origins, migrations)
        if len(collector.problems) == before:
            collector.problems += self._line_problems(origins, found, migrations)
        by_id = {each.id: each for own in migrations.values() for each in own}
        line = found[version]
        is_one_line = all(origins[each].is_default for each in contained)
        return _Place(
            tuple(by_id[name] for name in line.history if name in by_id),
            contained[:-1],
            line.base,
            () if is_one_line else tuple(found.values()),
            tuple(by_id[name] for name, _how in line.beside if name in by_id),
        )

    def _line_problems(
        self,
        origins: Mapping[SchemaVersion, Origin],
        lines: Mapping[SchemaVersion, VersionLine],
        migrations: Mapping[SchemaVersion, Sequence[Migration]],
    ) -> list[Problem]:
        elsewhere = {
            each: migration_names(self.root, f"{_folder(each)}/migrations")
            for each in self.versions()
            if each not in lines
        }
        before = {
            each: [name for name in line.known if name not in {own.id for own in migrations[each]}]
            for each, line in lines.items()
        }
        found = line_numbering_problems(migrations, before, elsewhere, _migration_folder, self.is_sealed)
        for each in lines:
            file = f"{_folder(each)}/version.toml"
            found += answer_problems(each, origins, lines, migrations[each], file)
        return found

    def _places(
        self, versions: Sequence[SchemaVersion], collector: ProblemCollector
    ) -> dict[SchemaVersion, _Place]:
        """Where each of ``versions`` is, which are all."""
        origins = self._origins(versions, collector)
        if any(not origin.is_default for origin in origins.values()):
            return {version: self._place(version, origins, collector) for version in versions}
        history = self._history(versions, collector)
        return {
            version: _Place(
                tuple(migration for migration in history if migration.version <= version),
                tuple(versions[:at]),
                versions[at - 1] if at else None,
            )
            for at, version in enumerate(versions)
        }

    def _source(self, version: SchemaVersion, place: _Place) -> VersionSource:
        folder = _folder(version)
        collector = ProblemCollector()
        schema_files = collector.attempt(read_schema_files, self.root, folder)
        toml = collector.attempt(self._version_toml, folder)
        changelog = collector.attempt(self._optional_text, folder, "CHANGELOG.md")
        partial_types = collector.attempt(self._optional_text, folder, PARTIAL_TYPES_NAME)
        lock = collector.attempt(self._lock, folder)
        inherited = collector.attempt(self._sql_only_before, place.ancestors)
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
            history=place.history,
            ancestors=place.ancestors,
            base=place.base,
            lines=place.lines,
            beside=place.beside,
            origin=toml.origin,
            lock=lock,
            partial_types=partial_types or "",
            inherited_sql_only=inherited or (),
        )

    def _sql_only_before(self, ancestors: Sequence[SchemaVersion]) -> tuple[str, ...]:
        """What the versions that a version contains left to SQL. Raises WorkspaceError."""
        found: list[str] = []
        for each in ancestors:
            # Few have the table, and reading TOML takes longer than looking for its name.
            if "sql_only" in self._optional_text(_folder(each), "version.toml"):
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

    def _origin_for(self, version: SchemaVersion, takes: Sequence[SchemaVersion]) -> Origin:
        known = self.versions()
        if version in known:
            raise WorkspaceError(problems.version_exists(version, _folder(version)))
        above = [each for each in known if each > version]
        has_later = any(self.is_sealed(each) or self._ids_of([each]) for each in above)
        collector = ProblemCollector()
        origins = self._origins(known, collector)
        default = default_origin(version, origins, has_later=has_later)
        origins[version] = replace(default, takes={each: {} for each in takes})
        up_to = {each: origin for each, origin in origins.items() if each <= version}
        collector.problems += origin_problems(version, up_to, f"{_folder(version)}/version.toml")
        collector.raise_all()
        base = base_of(version, up_to)
        before = self._line(base, up_to, collector) if base is not None else None
        answers: dict[SchemaVersion, Mapping[str, str]] = {}
        for each in takes:
            asked = taken_migrations(self._line(each, up_to, collector), before)
            answers[each] = dict.fromkeys(asked, RUN)
        collector.raise_all()
        return replace(default, takes=answers)

    def _line(
        self,
        version: SchemaVersion,
        origins: Mapping[SchemaVersion, Origin],
        collector: ProblemCollector,
    ) -> VersionLine:
        contained = contained_versions(version, origins)
        migrations = {
            each: collector.attempt(read_migrations, self.root, f"{_folder(each)}/migrations", each) or []
            for each in contained
        }
        return lines_of(contained, origins, migrations)[version]

    def _base_for(
        self, version: SchemaVersion, from_: SchemaVersion | None, origin: Origin
    ) -> VersionSource | None:
        if from_ is not None and from_ > version:
            raise WorkspaceError(problems.base_is_newer(version, from_))
        origins = self._origins([each for each in self.versions() if each < version], ProblemCollector())
        origins[version] = origin
        base = base_of(version, origins)
        if from_ is None:
            return self.load(base) if base else None
        if base is not None and from_ in origins and from_ not in contained_versions(base, origins):
            raise WorkspaceError(problems.base_on_another_line(version, from_, base))
        return self.load(from_)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a version is among the others: what :class:`VersionSource` says of that."""

    history: tuple[Migration, ...]
    ancestors: tuple[SchemaVersion, ...]
    base: SchemaVersion | None
    lines: tuple[VersionLine, ...] = ()
    beside: tuple[Migration, ...] = ()


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
