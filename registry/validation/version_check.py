"""All checks of a version and the versions before it, in one place.

A release's steps `check`, `compare` and `plan` accept exactly what passes here, because they call this. What
only running the scripts shows comes after it, in :mod:`registry.validation.rehearsal`.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from generators.target import PackageNames
from migrations.review import missing_migration, review
from migrations.schema_check.schema_check import storable
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers, Rename
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.comparison.number import problems_with_bump
from schemas.comparison.renames import rename_problems
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine, taken_over
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER

from ..errors import CheckFailedError
from .asks import draft_asks
from .predecessors import BaseVersion, Predecessors
from .published_migrations import edit_problems
from .schema_loading import SchemaRead, SchemaTexts, parsed_schema, read_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A version to check."""

    version: SchemaVersion
    texts: SchemaTexts
    renames: tuple[Rename, ...]
    answers: Answers
    history: tuple[Migration, ...]  # all migrations up to and including its own
    is_published: bool  # what it drops was accepted then
    names: PackageNames | None = None  # [packages], where they are known
    lines: tuple[VersionLine, ...] = ()  # of the versions that it contains, if they are not one line
    is_branch: bool = False  # on a maintenance line
    beside: tuple[Migration, ...] = ()  # those of lines that it takes over and does not run

    @classmethod
    def of(cls, source: VersionSource, names: PackageNames | None = None) -> Candidate:
        """A version of the workspace."""
        return cls(
            version=source.version,
            texts=SchemaTexts.of(source),
            renames=source.renames,
            answers=source.answers,
            history=source.history,
            is_published=source.is_published,
            names=names,
            lines=source.lines,
            beside=source.beside,
            is_branch=source.origin.from_ is not None,
        )

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """Its own."""
        return tuple(migration for migration in self.history if migration.version == self.version)

    @property
    def taken(self) -> tuple[Migration, ...]:
        """Those of other lines that run first in this version."""
        return taken_over(self.version, self.lines, self.history)

    @property
    def answers_file(self) -> str:
        return f"{VERSIONS_FOLDER}/{self.version}/version.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCheck:
    """The result of a check. ``schema`` is None if it is not valid; ``changes`` are those since the previous
    version, and empty if either schema or the renames have a problem."""

    schema: Schema | None
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


def passed(check: VersionCheck) -> Schema:
    """The schema of a version that may be built and published; warnings stop nobody.

    Raises CheckFailedError with all problems of any other.
    """
    if check.schema is None or any(each.severity == "error" for each in check.problems):
        raise CheckFailedError(*check.problems)
    return check.schema


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


def check_version(
    candidate: Candidate,
    before: Predecessors | None,
    bridge: PrismaBridge,
    *,
    published: Sequence[Migration] = (),
    branches: Container[SchemaVersion] = (),
) -> VersionCheck:
    """All problems of ``candidate``: its scripts, schema, names, partial types, renames and number, whether a
    migration is missing, what its migrations lose or stop, and every migration of ``published``, those of all
    versions, that it has edited; ``branches`` are the versions of these that are on maintenance lines. Where
    nobody knows what is ``before`` it, None, nothing is said of the changes.

    Raises BridgeError and LinterError.
    """
    read = read_schema(candidate.texts, bridge)
    in_scripts = script_problems(candidate.history)
    compared = _compare(candidate, read, before, bridge, in_scripts)
    problems = [
        *in_scripts,
        *edit_problems(
            published, (*candidate.history, *candidate.beside), _contained(candidate, published, branches)
        ),
        *read.problems,
        *candidate.texts.located(compared.problems),
    ]
    return VersionCheck(schema=read.schema, changes=compared.changes, problems=tuple(dict.fromkeys(problems)))


def _contained(
    candidate: Candidate, published: Sequence[Migration], branches: Container[SchemaVersion]
) -> set[SchemaVersion]:
    """The versions whose migrations it must have: those that another machine has published before it, too."""
    own = {each for line in candidate.lines for each in line.contains}
    if candidate.is_branch:
        return own
    earlier = {migration.version for migration in published if migration.version <= candidate.version}
    return own | {each for each in earlier if each not in branches}


def _compare(
    candidate: Candidate,
    read: SchemaRead,
    before: Predecessors | None,
    bridge: PrismaBridge,
    in_scripts: Sequence[Problem],
) -> _Compared:
    """What changed since the previous versions, and which changes are not allowed. ``in_scripts`` are the
    problems of scripts that can't be read."""
    if read.schema is None or before is None:
        return _Compared()
    try:
        previous = _parsed(before.previous, bridge)
        same = before.last_stable == before.previous
        stable = previous if same else _parsed(before.last_stable, bridge)
        taken = [_parsed(each, bridge) for each in before.taken]
    except InvalidSchemaError as error:
        return _Compared(problems=error.problems)
    problems = rename_problems(previous, read.schema, candidate.renames, file=candidate.answers_file)
    if problems:
        return _Compared(problems=tuple(problems))
    changes = compare(previous, read.schema, candidate.renames)
    if stable is not None and before.last_stable is not None:
        problems += _step_problems(candidate, read, before.last_stable, stable)
    for each, schema in zip(before.taken, taken, strict=True):
        problems += _step_problems(candidate, read, each, schema)
    if not candidate.is_published:
        in_schema = any(problem.severity == "error" for problem in read.problems)
        problems += _migration_problems(
            candidate, previous, read.schema, bridge, in_scripts, has_errors=in_schema
        )
    return _Compared(changes=changes, problems=tuple(problems))


def _migration_problems(
    candidate: Candidate,
    previous: Schema | None,
    schema: Schema,
    bridge: PrismaBridge,
    in_scripts: Sequence[Problem],
    *,
    has_errors: bool,
) -> list[Problem]:
    """A missing migration, and what those that are there lose or stop. To a schema that ``has_errors`` there
    may be no way: it is corrected first."""
    problems = []
    if not in_scripts and not has_errors:
        problems += missing_migration(
            candidate.version,
            candidate.history,
            previous,
            schema,
            bridge,
            answers=candidate.answers,
            answers_file=candidate.answers_file,
            schema_file=candidate.texts.schema_file,
            taken=candidate.taken,
        )
    own = {
        file for each in candidate.migrations for file in (each.script_path("up"), each.script_path("down"))
    }
    if own.isdisjoint(problem.file for problem in in_scripts):
        problems += review(
            candidate.migrations,
            previous,
            schema,
            bridge,
            answers=candidate.answers,
            answers_file=candidate.answers_file,
            history=candidate.history,
        )
    return problems


def _step_problems(
    candidate: Candidate, read: SchemaRead, last_stable: BaseVersion, stable: Schema | None
) -> list[Problem]:
    """A pre-release promises no compatibility, so a version's number is compared with the last release's."""
    if read.schema is None:
        return []
    changes = compare(stable, read.schema, candidate.renames)
    # Partial types that can't be read have not been removed.
    told = [change for change in changes if read.has_partials or change.subject != "partial"]
    others = () if candidate.is_published else draft_asks(last_stable, candidate.names)
    return problems_with_bump(
        last_stable.version, candidate.version, told, others=others, file=candidate.texts.schema_file
    )


def _parsed(base: BaseVersion | None, bridge: PrismaBridge) -> Schema | None:
    if base is None:
        return None
    schema = parsed_schema(base.schema_text, base.schema_file, base.partial_types, bridge)
    return storable(schema, base.schema_file, base.schema_text)
