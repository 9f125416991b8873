"""Reads a Prisma project's schema, from one file or several, and whether its history is for Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InvalidSchemaError, Problem
from ..prisma.bridge import PrismaBridge
from ..prisma.source import blocks
from ..problem_collector import ProblemCollector
from ..toml.toml_file import parse_toml
from ..workspace.files import read_text
from ..workspace.schema_files import MAIN_NAME, SchemaFile, SchemaFiles
from .cleanup import CleanSchema, PythonGenerator, Stripped, clean_schema, features_block
from .find_project import LOCK_NAME, POSTGRES, FoundProject


@dataclass(frozen=True, slots=True)
class ImportedSchema:
    """A schema that Prisma 7 accepts, in files whose paths are relative to the version's folder, and what was
    removed from the project's own for that."""

    files: SchemaFiles
    stripped: tuple[Stripped, ...]
    python_generators: tuple[PythonGenerator, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of the project: ``path`` is its place in the version's folder."""

    path: str
    file: Path
    clean: CleanSchema


def read_schema(project: FoundProject, bridge: PrismaBridge) -> ImportedSchema:
    """The project's schema. Raises WorkspaceError and InvalidSchemaError with all problems, whose lines are
    those of the project's own files."""
    parts = _parts(project)
    try:
        return _imported(parts, bridge)
    except InvalidSchemaError:
        alone = parts[:1]
        if project.is_certain or len(parts) == 1 or not _has_block(alone[0].clean, "model"):
            raise
        # Nothing says that the others belong to it.
        try:
            imported = _imported(alone, bridge)
        except InvalidSchemaError:
            pass
        else:
            others = ", ".join(str(part.file) for part in parts[1:])
            note = f"Took {alone[0].file} alone: together with these it is no valid schema: {others}."
            return replace(imported, notes=(note,))
        raise


def history_problems(project: FoundProject) -> list[Problem]:
    """The reasons why the history can't run on Postgres."""
    if project.migrations is None or not (project.migrations / LOCK_NAME).exists():
        return []
    file = str(project.migrations / LOCK_NAME)
    lock = read_text(project.migrations, LOCK_NAME, project=project.source)
    provider = parse_toml(lock, file=file).get("provider")
    return [] if provider in POSTGRES else [_other_provider(file, provider)]


def _parts(project: FoundProject) -> list[_Part]:
    """The files in the order of a workspace: the main one first. Raises WorkspaceError."""
    collector = ProblemCollector()
    read = []
    for file in project.files:
        name = file.relative_to(project.root).as_posix()
        text = collector.attempt(read_text, project.root, name, project=project.source)
        read.append((file, clean_schema(text or "", str(file))))
    collector.raise_all()
    main = _main(project, read)
    rest = [
        _Part(file.relative_to(project.root).as_posix(), file, clean)
        for file, clean in read
        if file != main[0] and clean.text.strip()
    ]
    return [_Part(MAIN_NAME, *main), *sorted(rest, key=lambda part: part.path)]


def _main(project: FoundProject, read: Sequence[tuple[Path, CleanSchema]]) -> tuple[Path, CleanSchema]:
    """The file that becomes the version's schema.prisma: the one of that name, or else of the datasource."""
    named = [each for each in read if each[0] == project.root / MAIN_NAME]
    return next(iter([*named, *(each for each in read if _has_block(each[1], "datasource")), read[0]]))


def _has_block(clean: CleanSchema, keyword: str) -> bool:
    return any(block.keyword == keyword for block in blocks(clean.text))


def _imported(parts: Sequence[_Part], bridge: PrismaBridge) -> ImportedSchema:
    block = features_block(sorted({feature for part in parts for feature in part.clean.features}))
    main = parts[0]
    own = SchemaFiles(
        tuple(
            SchemaFile(str(part.file), part.clean.same_lines + (block if part is main else ""))
            for part in parts
        )
    )
    with own.locating():
        bridge.validate(own.text, str(main.file))
    return ImportedSchema(
        files=SchemaFiles(
            tuple(SchemaFile(part.path, part.clean.text + (block if part is main else "")) for part in parts)
        ),
        stripped=tuple(stripped for part in parts for stripped in part.clean.stripped),
        python_generators=tuple(each for part in parts for each in part.clean.python_generators),
        notes=(),
    )


def _other_provider(file: str, provider: object) -> Problem:
    return Problem(
        code="history-provider",
        message=f"the migrations were written for {str(provider)[:40]!r}, not for PostgreSQL",
        fix="import only the schema: copy the file away from its migrations, and give that",
        file=file,
    )
