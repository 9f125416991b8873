"""Finds a Prisma project's schema and history, wherever it keeps them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import Problem, WorkspaceError
from ..prisma.source import blocks, string_value
from ..toml.toml_file import parse_toml
from ..workspace.files import read_text
from ..workspace.schema_files import MAIN_NAME, MIGRATIONS_FOLDER, SUFFIX
from .prisma_config import read_prisma_config

_HISTORIES = (MIGRATIONS_FOLDER, "migration")
LOCK_NAME = "migration_lock.toml"
MIGRATION_NAME = "migration.sql"
POSTGRES = ("postgresql", "postgres")
_OTHERS = ("mysql", "sqlite", "sqlserver", "mongodb", "cockroachdb")
#: Where a repository keeps nothing of its own.
_FOREIGN = frozenset(
    ["node_modules", "dist", "build", "vendor", "test", "tests", "__tests__", "fixtures", "docs"]
)
_MOST_LEVELS, _MOST_FOLDERS, _MOST_LISTED = 6, 20_000, 12


@dataclass(frozen=True, slots=True)
class FoundProject:
    """``root`` is the schema's folder, ``files`` are below it, and ``is_certain`` says that all of them make
    up the schema: the project's settings do, or there is one. ``migrations`` is the folder of the history, if
    there is one. ``notes`` say what was chosen. ``source`` is the folder that was searched: links may lead
    anywhere in it."""

    root: Path
    files: tuple[Path, ...]
    migrations: Path | None
    is_certain: bool = True
    notes: tuple[str, ...] = field(default=())
    source: Path = Path()


def find_project(source: Path) -> FoundProject:
    """The project in ``source``, or the only one for Postgres below it.

    Raises WorkspaceError where there is no schema, where there are several, and for another database.
    """
    found = replace(_found(source), source=source if source.is_dir() else source.parent)
    whole = [file for file in found.files if _provider(file) is not None]
    if whole and not any(_provider(file) in POSTGRES for file in whole):
        raise WorkspaceError(_other_databases(whole[0], whole))
    return found


def _found(source: Path) -> FoundProject:
    if source.is_file():
        return FoundProject(source.parent, (source,), _history_near(source.parent))
    found = _configured(source) or _usual(source)
    if found is not None:
        return found
    places = list(dict.fromkeys(_places_below(source)))
    ours = [place for place in places if _provider(place) in (*POSTGRES, None)]
    if len(ours) == 1:
        chosen = _configured(ours[0]) or _project_of(ours[0])
        others = [str(place) for place in places if place not in ours]
        notes = [f"Took {ours[0]}, the only Prisma project for Postgres below {source}."]
        notes += [f"Left out, as made for another database: {', '.join(others)}."] if others else []
        return replace(chosen, notes=(*notes, *chosen.notes))
    if ours:
        raise WorkspaceError(_several(source, ours))
    if places:
        raise WorkspaceError(_other_databases(source, places))
    raise WorkspaceError(_none(source))


def _configured(folder: Path) -> FoundProject | None:
    """What the project's own settings name."""
    config = read_prisma_config(folder)
    if config is None or (config.schema is None and config.migrations is None):
        return None
    notes: list[str] = []
    schema, migrations = config.schema, config.migrations
    if schema is not None and not schema.exists():
        notes.append(f"{config.file} names the schema {schema}, which is not there.")
        schema = None
    if migrations is not None and not migrations.is_dir():
        notes.append(f"{config.file} names the migrations {migrations}, which are not there.")
        migrations = None
    found = _at(schema) if schema is not None else _usual(folder)
    if found is None:
        return None
    return replace(found, migrations=migrations or found.migrations, notes=(*notes, *found.notes))


def _at(schema: Path) -> FoundProject | None:
    """A file, or a folder of files that are one schema."""
    if schema.is_file():
        return FoundProject(schema.parent, (schema,), _history_near(schema.parent))
    files = tuple(_files_below(schema))
    return FoundProject(schema, files, _history_near(schema, is_folder=True)) if files else None


def _usual(source: Path) -> FoundProject | None:
    for folder in (source, source / "prisma", source / "schema", source / "prisma" / "schema"):
        if any(_direct(folder)):
            return _project_of(folder)
    return None


def _project_of(place: Path) -> FoundProject:
    """The project whose schema is the file, or in the folder, ``place``."""
    if place.is_file():
        return FoundProject(place.parent, (place,), _history_near(place.parent))
    files = list(_files_below(place))
    whole = [file for file in files if _provider(file) is not None]
    if len(whole) <= 1:
        is_certain = len(files) == 1 or place.name == "schema"  # where Prisma looked for several at first
        return FoundProject(place, tuple(files), _history_near(place), is_certain=is_certain)
    # Each is a schema of its own, as for several databases.
    ours = [file for file in whole if _provider(file) in POSTGRES]
    chosen = [file for file in ours if file == place / MAIN_NAME] or ours
    if not chosen:
        raise WorkspaceError(_other_databases(place, whole))
    if len(chosen) > 1:
        raise WorkspaceError(_several(place, chosen))
    others = ", ".join(file.name for file in whole if file != chosen[0])
    note = f"Took {chosen[0]}; left out, as schemas of their own: {others}."
    return FoundProject(place, (chosen[0],), _history_near(place), notes=(note,))


def _files_below(folder: Path, levels: int = _MOST_LEVELS) -> Iterator[Path]:
    """The .prisma files of one schema, as Prisma reads a folder: it and the folders below."""
    yield from sorted(_direct(folder))
    for name in _folders(folder) if levels else ():
        if name not in (*_HISTORIES, *_FOREIGN):
            yield from _files_below(folder / name, levels - 1)


def _direct(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.suffix == SUFFIX and file.is_file()]
    except OSError:
        return []


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )
    except OSError:
        return []


def _places_below(source: Path) -> Iterator[Path]:
    """Folders of schemas in a repository of several packages; a file, where its folder has several."""
    waiting, seen = [(source, _MOST_LEVELS)], 0
    while waiting and seen < _MOST_FOLDERS:
        folder, levels = waiting.pop(0)
        seen += 1
        whole = [file for file in _direct(folder) if _provider(file) is not None]
        if whole:
            yield from [folder] if len(whole) == 1 else sorted(whole)
            continue
        config = read_prisma_config(folder) if folder != source else None
        if config is not None and config.schema is not None and config.schema.exists():
            yield folder
            continue
        if levels:
            names = (name for name in _folders(folder) if name not in (*_HISTORIES, *_FOREIGN))
            waiting += [(folder / name, levels - 1) for name in names]


def _provider(place: Path) -> str | None:
    """The database of a schema's datasource; None where there is none, or none that Prisma has."""
    if place.is_dir():
        config = read_prisma_config(place)
        files = _files_below(place)
        if config is not None and config.schema is not None:
            found = _at(config.schema)
            files = iter(found.files if found else ())
        return next(filter(None, map(_provider, files)), None)
    try:
        text = read_text(place.parent, place.name)
    except WorkspaceError:
        return None
    for block in blocks(text):
        if block.keyword == "datasource" and (statement := block.statement("provider")) is not None:
            strings = [string_value(token) for token in statement.tokens if token.kind == "string"]
            known = (each for each in strings if each in (*POSTGRES, *_OTHERS))
            return next(known, None)
    return None


def _history_near(folder: Path, *, is_folder: bool = False) -> Path | None:
    """The history beside the schema, or beside its folder where the schema is a folder (``is_folder``): under
    a usual name, or the only one for Postgres under any."""
    parents = (folder, folder.parent) if is_folder or folder.name == "schema" else (folder,)
    for parent in parents:
        usual = [parent / name for name in _HISTORIES if (parent / name).is_dir()]
        if usual:
            return usual[0]
        others = [parent / name for name in _folders(parent) if _is_history(parent / name)]
        if len(others) == 1:
            return others[0]
    return None


def _is_history(folder: Path) -> bool:
    """Whether Prisma wrote it, for Postgres."""
    try:
        lock = parse_toml(read_text(folder, LOCK_NAME), file=LOCK_NAME)
    except WorkspaceError:
        return False
    is_ours = lock.get("provider") in POSTGRES
    return is_ours and any((folder / name / MIGRATION_NAME).is_file() for name in _folders(folder))


def _none(source: Path) -> Problem:
    return Problem(
        code="no-prisma-schema",
        message=f"there is no Prisma schema in {source} or below it",
        fix="give the folder that contains it, or the file itself",
    )


def _several(source: Path, places: Sequence[Path]) -> Problem:
    listed = "".join(f"\n  {place}" for place in places[:_MOST_LISTED])
    more = f"\n  and {len(places) - _MOST_LISTED} more" if len(places) > _MOST_LISTED else ""
    return Problem(
        code="several-prisma-projects",
        message=f"{source} has {len(places)} Prisma schemas for Postgres:{listed}{more}",
        fix="give one of them",
    )


def _other_databases(source: Path, places: Sequence[Path]) -> Problem:
    databases = ", ".join(sorted({_provider(place) or "" for place in places}))
    return Problem(
        code="datasource-provider",
        message=f"{source} is for {databases}; packages are made for PostgreSQL only",
        fix="give a project for PostgreSQL",
        file=str(places[0]),
    )
