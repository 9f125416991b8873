"""Reads ``NNN_name/{up,down}.sql`` folders, and checks their numbers.

Numbers run through all versions of a workspace: from 001 in the first, without gaps, in the order of the
versions. So a database's position is a single number, whatever versions it went through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import Problem, WorkspaceError
from ..versions import SchemaVersion
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
            problems.append(_duplicate(wrong, other, folder_of(wrong)))
        elif migration.number != expected:
            problems.append(_out_of_line(migration, expected, folder_of(migration)))
        seen.setdefault(migration.number, migration)
        expected = max(expected, migration.number + 1)
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


def _duplicate(migration: Migration, first: Migration, file: str) -> Problem:
    return Problem(
        code="duplicate-migration-number",
        message=f"{migration.number:03d} is already used by {first.id} of {first.version}",
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
