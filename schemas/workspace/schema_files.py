"""A version's schema in one file or in several: schema.prisma, and every other .prisma file below its folder.

Everything else works on one text. What the engine and the checks say of it is told of the file that it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InvalidSchemaError, Problem
from ..problem_collector import ProblemCollector
from .files import file_names, folder_names, read_text

MAIN_NAME = "schema.prisma"
SUFFIX = ".prisma"
#: Each migration's folder has a schema.prisma of its own: the state that its scripts lead to.
MIGRATIONS_FOLDER = "migrations"
#: More than any import finds; a folder without end is no schema.
_MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """``path`` is how problems name it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """The files in the order in which they make up ``text``, schema.prisma first."""

    files: tuple[SchemaFile, ...]

    @property
    def text(self) -> str:
        """All of them as one schema; a single file as it is."""
        if len(self.files) == 1:
            return self.files[0].text
        return "\n".join(_ended(file.text) for file in self.files)

    def place(self, line: int) -> tuple[str, int]:
        """The file and its line where :attr:`text` has ``line``."""
        rest = line
        for file in self.files:
            count = _ended(file.text).count("\n") + 1
            if rest <= count:
                return file.path, rest
            rest -= count
        return self.files[-1].path, line

    def located(self, problem: Problem) -> Problem:
        """The problem with its own file and line, where it is about :attr:`text`."""
        if len(self.files) == 1 or problem.line is None or problem.file != self.files[0].path:
            return problem
        file, line = self.place(problem.line)
        return replace(problem, file=file, line=line)

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Let an InvalidSchemaError of the block name files and their lines."""
        try:
            yield
        except InvalidSchemaError as error:
            raise InvalidSchemaError(*map(self.located, error.problems)) from None

    def shown(self, line: int) -> str:
        """How messages name another line."""
        if len(self.files) == 1:
            return f"line {line}"
        file, own = self.place(line)
        return f"{file}:{own}"


def single(path: str, text: str) -> SchemaFiles:
    """A schema in one file."""
    return SchemaFiles((SchemaFile(path, text),))


def read_schema_files(root: Path, folder: str) -> SchemaFiles:
    """The schema of the version in ``folder``. Raises WorkspaceError with the problems of all files."""
    collector = ProblemCollector()
    others = [path for path in schema_paths(root, folder) if path != MAIN_NAME]
    found = []
    for path in (MAIN_NAME, *others):
        text = collector.attempt(read_text, root, f"{folder}/{path}")
        found.append(SchemaFile(f"{folder}/{path}", text or ""))
    collector.raise_all()
    return SchemaFiles(tuple(found))


def schema_paths(root: Path, folder: str) -> list[str]:
    """The .prisma files below ``folder``, relative to it, sorted; without those of migrations."""
    return sorted(_below(root, folder, "", _MOST_LEVELS))


def _below(root: Path, folder: str, prefix: str, levels: int) -> Iterator[str]:
    place = f"{folder}/{prefix}"
    yield from (f"{prefix}{name}" for name in file_names(root, place) if name.endswith(SUFFIX))
    for name in _folders(root, place, levels):
        if prefix or name != MIGRATIONS_FOLDER:
            yield from _below(root, folder, f"{prefix}{name}/", levels - 1)


def _folders(root: Path, place: str, levels: int) -> Sequence[str]:
    return folder_names(root, place) if levels > 1 else ()


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
