"""Which versions a version contains: its line, and the lines that it takes over.

Without a word in version.toml a version follows the highest one below it, and all versions are one line. A
maintenance version names the version that it follows (``from``), and is then in no line but its own, until a
version takes it over (``takes``), with an answer for each of its migrations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import Problem
from ..versions import SchemaVersion
from .migration import Migration

#: Answers for a migration of a line that is taken over: it runs here as it is, or the version's own line has
#: its change already. The third is the id of a migration that the version has in its place.
RUN: Final = "run"
CONTAINED: Final = "contained"


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The answer for one migration of a line that a version takes over."""

    version: SchemaVersion
    migration: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What version.toml says about where a version comes from. ``takes`` maps versions to answers by the id
    of a migration."""

    from_: SchemaVersion | None = None
    takes: Mapping[SchemaVersion, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        """Whether it says nothing."""
        return self.from_ is None and not self.takes

    @property
    def taken_over(self) -> tuple[TakenOver, ...]:
        """Each answer of ``takes``."""
        return tuple(
            TakenOver(version, name, answer)
            for version, answers in self.takes.items()
            for name, answer in answers.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version's place: ``base`` is the version that it follows, ``contains`` are all that it contains,
    with itself, oldest first. ``history`` are the ids of the migrations that make its database from nothing,
    in order. ``beside`` are those of lines that it takes over and does not run, with the answer for each:
    they are applied on databases that come from there, and on no others."""

    version: SchemaVersion
    base: SchemaVersion | None
    contains: tuple[SchemaVersion, ...]
    history: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """The ids of all migrations that a database at this version may have."""
        return frozenset((*self.history, *(name for name, _ in self.beside)))


def contained_versions(
    version: SchemaVersion, origins: Mapping[SchemaVersion, Origin]
) -> tuple[SchemaVersion, ...]:
    """All versions that ``version`` contains, with itself, oldest first; ``origins`` are those of every
    version up to it."""
    found: set[SchemaVersion] = set()
    waiting = [version]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            base = base_of(each, origins)
            waiting += [
                other for other in (base, *origins[each].takes) if other is not None and other in origins
            ]
    return tuple(sorted(found))


def base_of(version: SchemaVersion, origins: Mapping[SchemaVersion, Origin]) -> SchemaVersion | None:
    """The version that ``version`` follows: the one it names, or else the highest below that names none."""
    named = origins[version].from_
    if named is not None:
        return named
    return max((each for each in origins if each < version and origins[each].from_ is None), default=None)


def bases_of(origins: Mapping[SchemaVersion, Origin]) -> dict[SchemaVersion, SchemaVersion | None]:
    """What :func:`base_of` says of each of ``origins``, in one pass: there may be ten thousand."""
    bases: dict[SchemaVersion, SchemaVersion | None] = {}
    highest: SchemaVersion | None = None
    for version in sorted(origins):
        named = origins[version].from_
        bases[version] = highest if named is None else named
        highest = version if named is None else highest
    return bases


def default_origin(
    version: SchemaVersion, origins: Mapping[SchemaVersion, Origin], *, has_later: bool
) -> Origin:
    """That of a new version, which follows the highest one below it. ``has_later``: versions above it are
    published or have migrations, so that it can't come before them."""
    highest = max((each for each in origins if each < version), default=None)
    if highest is None or not (has_later or origins[highest].from_ is not None):
        return Origin()
    return Origin(from_=highest)


def lines_of(
    versions: Iterable[SchemaVersion],
    origins: Mapping[SchemaVersion, Origin],
    migrations: Mapping[SchemaVersion, Sequence[Migration]],
) -> dict[SchemaVersion, VersionLine]:
    """The line of each of ``versions``, which are contained in one of them, oldest first."""
    lines: dict[SchemaVersion, VersionLine] = {}
    for version in versions:
        base = base_of(version, origins)
        before = lines.get(base) if base is not None else None
        own = [migration.id for migration in migrations[version]]
        answers = {name: how for taken in origins[version].takes.values() for name, how in taken.items()}
        runs = [name for name, how in answers.items() if how == RUN]
        history = (*(before.history if before else ()), *runs, *own)
        beside = (
            *(before.beside if before else ()),
            *((name, how) for name, how in answers.items() if how != RUN),
        )
        lines[version] = VersionLine(
            version=version,
            base=base,
            contains=contained_versions(version, origins),
            history=tuple(sorted(dict.fromkeys(history), key=number_of)),
            beside=tuple(sorted(beside)),
        )
    return lines


def taken_migrations(taken: VersionLine, base: VersionLine | None) -> tuple[str, ...]:
    """The ids of a line's migrations that need an answer where a version after ``base`` takes it over."""
    return tuple(sorted(taken.known - (base.known if base else frozenset()), key=number_of))


def taken_over(
    version: SchemaVersion, lines: Sequence[VersionLine], history: Iterable[Migration]
) -> tuple[Migration, ...]:
    """The migrations of other lines in the ``history`` of ``version``, which run there as they are and did
    not before it."""
    by_version = {line.version: line for line in lines}
    own = by_version.get(version)
    if own is None:
        return ()
    base = by_version.get(own.base) if own.base is not None else None
    before = base.history if base else ()
    return tuple(each for each in history if each.version != version and each.id not in before)


def number_of(name: str) -> int:
    """The number of a migration, given its id."""
    return int(name.partition("_")[0])


def origin_problems(
    version: SchemaVersion, origins: Mapping[SchemaVersion, Origin], file: str
) -> list[Problem]:
    """What can't be in version.toml of ``version``, whatever migrations there are."""
    origin = origins[version]
    named = origin.from_
    problems = [] if named is None or _is_below(named, version, origins) else [_no_base(version, named, file)]
    for taken in origin.takes:
        if not _is_below(taken, version, origins):
            problems.append(_not_taken(version, taken, "there is no such version below it", file))
            continue
        base = base_of(version, origins)
        if base in origins and base is not None and taken in contained_versions(base, origins):
            problems.append(_not_taken(version, taken, f"{base}, which it follows, contains it", file))
    return problems


def answer_problems(
    version: SchemaVersion,
    origins: Mapping[SchemaVersion, Origin],
    lines: Mapping[SchemaVersion, VersionLine],
    own: Sequence[Migration],
    file: str,
) -> list[Problem]:
    """Answers that are missing or say nothing, about the migrations that ``version`` takes over."""
    base = base_of(version, origins)
    before = lines.get(base) if base is not None else None
    allowed = {RUN, CONTAINED, *(migration.id for migration in own)}
    problems = []
    for taken, answers in origins[version].takes.items():
        asked = taken_migrations(lines[taken], before)
        problems += [_unanswered(version, taken, name, file) for name in asked if name not in answers]
        problems += [_unasked(version, taken, name, file) for name in answers if name not in asked]
        problems += [
            _bad_answer(version, name, how, file)
            for name, how in answers.items()
            if name in asked and how not in allowed
        ]
    return problems


def _is_below(other: SchemaVersion, version: SchemaVersion, origins: Mapping[SchemaVersion, Origin]) -> bool:
    return other in origins and other < version


def _no_base(version: SchemaVersion, named: SchemaVersion, file: str) -> Problem:
    return Problem(
        code="line-without-base",
        message=f"{version} says that it follows {named}, and there is no such version below it",
        fix="name the version whose maintenance line this is; get it from version control if it is missing",
        file=file,
    )


def _not_taken(version: SchemaVersion, taken: SchemaVersion, why: str, file: str) -> Problem:
    return Problem(
        code="line-not-taken",
        message=f"{version} can't take over {taken}: {why}",
        fix=f'remove [takes."{taken}"], or name another version',
        file=file,
    )


def _unanswered(version: SchemaVersion, taken: SchemaVersion, name: str, file: str) -> Problem:
    return Problem(
        code="line-unanswered",
        message=f"{version} takes over {taken} and doesn't say what becomes of its migration {name}",
        fix=f'add {name} = "{RUN}" below [takes."{taken}"]; or "{CONTAINED}", or the migration of {version} '
        "that stands in its place",
        file=file,
    )


def _unasked(version: SchemaVersion, taken: SchemaVersion, name: str, file: str) -> Problem:
    return Problem(
        code="line-unanswered",
        message=f"{name[:120]!r} is no migration that {version} takes over with {taken}",
        fix=f'remove it from [takes."{taken}"]',
        file=file,
    )


def _bad_answer(version: SchemaVersion, name: str, how: str, file: str) -> Problem:
    return Problem(
        code="line-unanswered",
        message=f"{how[:120]!r} says nothing about {name}: {version} has no migration of that name",
        fix=f'write "{RUN}", "{CONTAINED}" or the folder name of a migration of {version}',
        file=file,
    )
