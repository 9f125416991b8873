"""Reads ``NNN_name/{up,down}.sql`` folders, and checks their numbers.

Numbers run through all versions of a workspace: from 001 in the first, without gaps. Along a line they are in
the order of its versions, and no number is used twice, whatever the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import Problem, WorkspaceError
from ..versions import SchemaVersion
from . import lines
from .files import file_names, folder_names, read_text
from .migration import FOLDER_NAME, Migration

_FILES = ("down.sql", "up.sql")


def read_migrations(root: Path, folder: str, version: SchemaVersion) -> list[Migration]:
    """The migrations below ``folder``, by number. Raises WorkspaceError with all problems."""
    migrations: list[Migration] = []
    problems = [_stray(f"{folder}/{name}") for name in file_names(root, folder)]
    for name in folder_names(root, folder):
        try:
            migrations.append(_read_migration(root, f"{folder}/{name}", name, version))
        except WorkspaceError as error:
            problems += error.problems
    if problems:
        raise WorkspaceError(*problems)
    return sorted(migrations, key=lambda migration: migration.number)


def numbering_problems(
    history: Sequence[Migration],
    folder_of: Callable[[Migration], str],
    is_sealed: Callable[[SchemaVersion], bool],
) -> list[Problem]:
    """The wrong numbers in ``history``, which is in the order of the versions. Of two that are equal, the one
    that nobody has published is the wrong one."""
    problems = []
    expected = 1
    seen: dict[int, Migration] = {}
    for migration in history:
        if migration.number in seen:
            wrong, other = migration, seen[migration.number]
            if is_sealed(wrong.version) and not is_sealed(other.version):
                wrong, other = other, wrong
            problems.append(_duplicate(wrong, other.id, other.version, folder_of(wrong)))
        elif migration.number != expected:
            problems.append(_out_of_line(migration, expected, folder_of(migration)))
        seen.setdefault(migration.number, migration)
        expected = max(expected, migration.number + 1)
    return problems


def migration_names(root: Path, folder: str) -> list[str]:
    """The ids of the migrations below ``folder``, by the names of the folders alone."""
    return [name for name in folder_names(root, folder) if FOLDER_NAME.fullmatch(name) is not None]


def line_numbering_problems(
    contained: Mapping[SchemaVersion, Sequence[Migration]],
    before: Mapping[SchemaVersion, Sequence[str]],
    elsewhere: Mapping[SchemaVersion, Sequence[str]],
    folder_of: Callable[[Migration], str],
    is_sealed: Callable[[SchemaVersion], bool],
) -> list[Problem]:
    """The same where there are several lines. ``contained`` are the migrations of each version of one line
    and of those that it takes over, ``before`` the ids of those that come before each version's own, and
    ``elsewhere`` the ids of the migrations of all other versions."""
    others = {lines.number_of(name): (name, version) for version, ids in elsewhere.items() for name in ids}
    every = [migration for migrations in contained.values() for migration in migrations]
    first = {migration.number: migration for migration in reversed(every)}
    problems = []
    for migration in every:
        last = max(map(lines.number_of, before[migration.version]), default=0)
        taken = others.get(migration.number)
        own = first[migration.number]
        if own is not migration:
            problems.append(_duplicate(migration, own.id, own.version, folder_of(migration)))
        elif taken is not None and (not is_sealed(migration.version) or is_sealed(taken[1])):
            problems.append(_duplicate(migration, *taken, folder_of(migration)))
        elif migration.number <= last:
            problems.append(_out_of_line(migration, last + 1, folder_of(migration)))
    numbers = {*first, *others}
    gaps = [number for number in range(1, max(first, default=0)) if number not in numbers]
    if gaps:
        after = first[min(number for number in first if number > gaps[0])]
        problems.append(_out_of_line(after, gaps[0], folder_of(after)))
    return problems


def _read_migration(root: Path, folder: str, name: str, version: SchemaVersion) -> Migration:
    match = FOLDER_NAME.fullmatch(name)
    if match is None or name != f"{int(match['number']):03d}_{match['name']}":
        raise WorkspaceError(_bad_name(folder))
    files = file_names(root, folder)
    problems = [_stray(f"{folder}/{file}") for file in files if file not in _FILES and file.endswith(".sql")]
    if "up.sql" not in files:
        problems.append(_no_up(folder))
    texts: dict[str, str] = {}
    for file in _FILES:
        if file in files:
            try:
                texts[file] = read_text(root, f"{folder}/{file}")
            except WorkspaceError as error:
                problems += error.problems
    if problems:
        raise WorkspaceError(*problems)
    return Migration(
        number=int(match["number"]),
        name=match["name"],
        version=version,
        up=texts["up.sql"],
        down=texts.get("down.sql"),
    )


def _bad_name(folder: str) -> Problem:
    return Problem(
        code="bad-migration-folder",
        message=f"{folder!r} is not a valid name for a migration",
        fix="use three digits, an underscore and lower-case letters, digits and underscores: 007_add_prices",
        file=folder,
    )


def _no_up(folder: str) -> Problem:
    return Problem(
        code="missing-up-sql",
        message="the migration has no up.sql",
        fix="write it, or remove the folder",
        file=f"{folder}/up.sql",
    )


def _stray(file: str) -> Problem:
    return Problem(
        code="stray-file",
        message=f"{file!r} is neither an up.sql nor a down.sql of a migration, so it would never run",
        fix="move it into a folder NNN_name as up.sql or down.sql, or remove it",
        file=file,
    )


def _duplicate(migration: Migration, first: str, version: SchemaVersion, file: str) -> Problem:
    return Problem(
        code="duplicate-migration-number",
        message=f"{migration.number:03d} is already used by {first} of {version}",
        fix="rename the folder to the next free number",
        file=file,
    )


def _out_of_line(migration: Migration, expected: int, file: str) -> Problem:
    return Problem(
        code="migration-out-of-line",
        message=f"{migration.id} comes where {expected:03d} is expected",
        fix="number the migrations without gaps, in the order of the versions",
        file=file,
    )
