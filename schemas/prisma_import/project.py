"""Finds a Prisma project's schema and history, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InvalidSchemaError, Problem, WorkspaceError
from ..prisma.bridge import PrismaBridge
from ..problem_collector import ProblemCollector
from ..toml.toml_file import parse_toml
from ..workspace.files import read_text
from .cleanup import CleanSchema, PythonGenerator, Stripped, clean_schema, features_block

_LOCK = "migration_lock.toml"


@dataclass(frozen=True, slots=True)
class ImportedSchema:
    """A schema that Prisma 7 accepts, and what was removed from the project's own for that."""

    text: str
    stripped: tuple[Stripped, ...]
    python_generators: tuple[PythonGenerator, ...]


@dataclass(frozen=True, slots=True)
class PrismaProject:
    """``schema_files`` in order; ``migrations`` is the folder of the history, if the project has one."""

    schema_files: tuple[Path, ...]
    migrations: Path | None

    def read_schema(self, bridge: PrismaBridge) -> ImportedSchema:
        """The schema's files as one text. Raises WorkspaceError and InvalidSchemaError with all problems."""
        collector = ProblemCollector()
        texts = [collector.attempt(read_text, file.parent, file.name) for file in self.schema_files]
        collector.raise_all()
        parts = [
            clean_schema(text or "", str(file)) for text, file in zip(texts, self.schema_files, strict=True)
        ]
        block = features_block(sorted({feature for part in parts for feature in part.features}))
        try:
            bridge.validate("\n".join(part.same_lines for part in parts) + block, str(self.schema_files[0]))
        except InvalidSchemaError as error:
            raise InvalidSchemaError(*(self._relocated(each, parts) for each in error.problems)) from None
        return ImportedSchema(
            text="\n".join(part.text for part in parts) + block,
            stripped=tuple(stripped for part in parts for stripped in part.stripped),
            python_generators=tuple(each for part in parts for each in part.python_generators),
        )

    def provider_problems(self) -> list[Problem]:
        """The reasons why the history can't run on Postgres."""
        if self.migrations is None or not (self.migrations / _LOCK).exists():
            return []
        file = str(self.migrations / _LOCK)
        provider = parse_toml(read_text(self.migrations, _LOCK), file=file).get("provider")
        if provider in ("postgresql", "postgres"):
            return []
        return [_other_provider(file, provider)]

    def _relocated(self, problem: Problem, parts: Sequence[CleanSchema]) -> Problem:
        """The problem with its own file and line: the engine was given all files as one."""
        line = problem.line or 1
        for file, part in zip(self.schema_files, parts, strict=True):
            length = part.same_lines.count("\n") + 1
            if line <= length:
                return replace(problem, file=str(file), line=line)
            line -= length
        return problem


def find_project(source: Path) -> PrismaProject:
    """The project in ``source``. Raises WorkspaceError where there is no schema."""
    if source.is_file():
        return PrismaProject((source,), _history_beside(source.parent))
    for folder in (source, source / "prisma", source / "schema", source / "prisma" / "schema"):
        if (folder / "schema.prisma").is_file() and not _is_split(folder):
            return PrismaProject((folder / "schema.prisma",), _history_beside(folder))
        if files := sorted(folder.glob("*.prisma")):
            return PrismaProject(tuple(files), _history_beside(folder))
    raise WorkspaceError(
        Problem(
            code="no-prisma-schema",
            message=f"there is no schema.prisma in {source} or in {source / 'prisma'}",
            fix="give the folder that contains it, or the file itself",
        )
    )


def _is_split(folder: Path) -> bool:
    """Whether Prisma would read several files here, which it does in a folder called ``schema``."""
    return folder.name == "schema" and len(list(folder.glob("*.prisma"))) > 1


def _history_beside(folder: Path) -> Path | None:
    candidates = [folder / "migrations"]
    if folder.name == "schema":
        candidates.append(folder.parent / "migrations")
    return next((candidate for candidate in candidates if candidate.is_dir()), None)


def _other_provider(file: str, provider: object) -> Problem:
    return Problem(
        code="history-provider",
        message=f"the migrations were written for {str(provider)[:40]!r}, not for PostgreSQL",
        fix="import only the schema: copy the file away from its migrations, and give that",
        file=file,
    )
