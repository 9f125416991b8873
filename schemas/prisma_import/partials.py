"""Imports the partial types of a project that used Prisma Client Python: the file that declares them, as is.

Its generator ran the file that ``partial_type_generator`` names: a path or a module, relative to the folder
where ``prisma generate`` was called. Here it is only read, and only from within the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import WorkspaceError
from ..model import Schema
from ..partial_types.checking import FILE_NAME, read_partial_types
from ..workspace.files import read_text
from .cleanup import PythonGenerator

#: https://prisma-client-py.readthedocs.io/en/stable/reference/config/#partial-type-generator
_DEFAULT = "prisma/partial_types.py"


@dataclass(frozen=True, slots=True)
class ImportedPartialTypes:
    """``text`` is empty where nothing was imported; ``notes`` say what was, and what to do otherwise."""

    text: str = ""
    notes: tuple[str, ...] = ()


def import_partial_types(
    generators: Sequence[PythonGenerator], schema: Schema, root: Path, schema_folder: Path, target: str
) -> ImportedPartialTypes:
    """The partial types of the project in ``root``; ``target`` is the version's folder, for the notes."""
    notes: list[str] = []
    for generator in generators:
        named = generator.partial_types or _DEFAULT
        relative = _find(named, root, schema_folder)
        if relative is not None:
            taken = _taken(relative, schema, root, target)
            return ImportedPartialTypes(taken.text, (*notes, *taken.notes))
        if generator.partial_types is not None:
            place = f"{generator.file}:{generator.line}"
            notes.append(
                f"{place}: the partial types in {named[:200]!r} were not imported: {root} has no such file. "
                f"Copy it to {target}/{FILE_NAME}."
            )
    return ImportedPartialTypes(notes=tuple(notes))


def _taken(relative: str, schema: Schema, root: Path, target: str) -> ImportedPartialTypes:
    file = str(root / relative)
    left = f"{file} was not imported: write what it declares into {target}/{FILE_NAME}"
    try:
        text = read_text(root, relative, project=root)
    except WorkspaceError as error:
        return ImportedPartialTypes(notes=tuple(f"{left}. {problem.message}" for problem in error.problems))
    found = read_partial_types(text, schema, file)
    if found.problems:
        reasons = (f"{problem.place}: {problem.message}" for problem in found.problems)
        return ImportedPartialTypes(notes=(f"{left}, and fix:", *reasons))
    count = f"{len(found.types)} partial type{'' if len(found.types) == 1 else 's'}"
    return ImportedPartialTypes(text, (f"{file} became {target}/{FILE_NAME}, with {count}.",))


def _find(named: str, root: Path, schema_folder: Path) -> str | None:
    """The file below ``root``, as a relative path; None if there is none, or if it is outside of ``root``."""
    inside = root.resolve()
    for path in _candidates(named, (root, schema_folder, schema_folder.parent)):
        try:
            place = path.resolve()
            if place.is_relative_to(inside) and place.is_file():
                return place.relative_to(inside).as_posix()
        except (OSError, RuntimeError, ValueError):  # the name is too long, a loop of links, or has a NUL
            continue
    return None


def _candidates(named: str, folders: Sequence[Path]) -> Iterator[Path]:
    is_module = "/" not in named and not named.endswith(".py")
    path = f"{named.replace('.', '/')}.py" if is_module else named
    return (folder / path for folder in folders)
