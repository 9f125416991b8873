"""Versions by what is asked for: a published one from the catalogue or its seal, or a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.answers import Rename
from schemas.comparison.renames import composed
from schemas.errors import InvalidVersionError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.lines import RUN, base_of, contained_versions
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..errors import NotPublishedError
from ..validation.predecessors import BaseVersion, base_version
from ..validation.schema_loading import parsed_schema

if TYPE_CHECKING:  # a check without a catalogue should not load the database library
    from ..catalogue import Catalogue, PublishedVersion

_LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """``renames`` are those since the version before it; ``history`` are all migrations up to it."""

    base: BaseVersion
    renames: tuple[Rename, ...]
    history: tuple[Migration, ...]
    is_published: bool

    @property
    def version(self) -> SchemaVersion:
        return self.base.version

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """Those that it adds."""
        return tuple(each for each in self.history if each.version == self.version)


class KnownVersions:
    """Those of a workspace, and those that its catalogue knows besides: of the two that are given."""

    def __init__(self, workspace: Workspace | None, catalogue: Catalogue | None = None) -> None:
        self._workspace = workspace
        self._catalogue = catalogue
        self._published = frozenset(catalogue.versions() if catalogue else ())
        published = catalogue.origins() if catalogue else {}
        own = workspace.origins() if workspace else {}
        self._origins = dict(sorted({**published, **own}.items()))
        self._found: dict[SchemaVersion, KnownVersion] = {}
        self._schemas: dict[SchemaVersion, Schema] = {}

    def all(self) -> tuple[SchemaVersion, ...]:
        """Every version, oldest first."""
        own = self._workspace.versions() if self._workspace else ()
        return tuple(sorted({*self._published, *own}))

    def named(self, text: str) -> SchemaVersion:
        """The version that ``text`` names: a number, or ``latest``. Raises InvalidVersionError, and
        NotPublishedError for ``latest`` where nothing is published."""
        if text == _LATEST:
            latest = self._catalogue.latest() if self._catalogue else None
            if latest is None:
                raise NotPublishedError(_no_latest())
            return latest
        try:
            return SchemaVersion.parse(text)
        except InvalidVersionError as error:
            (problem,) = error.problems
            raise InvalidVersionError(
                Problem(code=problem.code, message=problem.message, fix=f"{problem.fix}, or latest")
            ) from None

    def find(self, version: SchemaVersion) -> KnownVersion:
        """Everything about ``version``. Raises WorkspaceError where nobody knows it, and without a workspace
        NotPublishedError."""
        if version not in self._found:
            catalogue = self._catalogue if version in self._published else None
            published = catalogue.find(version) if catalogue else None
            if catalogue and published:
                self._found[version] = self._of_catalogue(published, catalogue)
            elif self._workspace is not None:
                self._found[version] = _of_workspace(self._workspace.load(version))
            else:
                raise NotPublishedError(_not_published(version))
        return self._found[version]

    def schema(self, version: SchemaVersion, bridge: PrismaBridge) -> Schema:
        """Its schema. Raises WorkspaceError and InvalidSchemaError."""
        if version not in self._schemas:
            base = self.find(version).base
            self._schemas[version] = parsed_schema(
                base.schema_text, base.schema_file, base.partial_types, bridge
            )
        return self._schemas[version]

    def before(self, version: SchemaVersion) -> SchemaVersion | None:
        """The version that ``version`` follows: on its line, the nearest published or with migrations. Raises
        WorkspaceError."""
        self.find(version)
        return next(iter(self._followed(version)), None)

    def last_release(self, version: SchemaVersion) -> SchemaVersion | None:
        """The nearest of those that is no pre-release: the one whose users it must not break."""
        return next((each for each in self._followed(version) if not each.is_prerelease), None)

    def taken(self, version: SchemaVersion) -> tuple[SchemaVersion, ...]:
        """The versions whose lines ``version`` takes over: it must not break their users either."""
        return tuple(self._origins[version].takes)

    def contains(self, version: SchemaVersion, other: SchemaVersion) -> bool:
        """Whether ``version`` has all that ``other`` has; both are known."""
        return other in contained_versions(version, self._origins)

    def containing(self, *versions: SchemaVersion) -> SchemaVersion | None:
        """The lowest version that contains all of ``versions``."""
        for each in self.all():
            if each in self._origins and all(self.contains(each, other) for other in versions):
                return each
        return None

    def added(self, lower: SchemaVersion | None, higher: SchemaVersion) -> tuple[Migration, ...]:
        """The migrations that ``higher``, which contains ``lower``, runs on a database of that (None: an
        empty one), as the runner does."""
        history = self.find(higher).history
        there = {each.id for each in self.find(lower).history} if lower is not None else set()
        there |= {answer for name, answer in self._beside(higher).items() if name in there}
        return tuple(each for each in history if each.id not in there)

    def renames(self, old: SchemaVersion, new: SchemaVersion, bridge: PrismaBridge) -> tuple[Rename, ...]:
        """What has another name in ``new`` than in ``old``: both are followed from the last version that they
        share. Raises WorkspaceError and InvalidSchemaError."""
        olds, news = (old, *self._bases(old)), (new, *self._bases(new))
        shared = next((each for each in news if each in olds), None)
        if shared is None:
            return ()
        schema = self.schema(shared, bridge)
        before, after = (dict(composed(schema, self._steps(line, shared))) for line in (olds, news))
        pairs = [(_now(name, before), _now(name, after)) for name in dict.fromkeys([*before, *after])]
        return tuple((was, now) for was, now in pairs if was != now)

    def _steps(self, line: tuple[SchemaVersion, ...], shared: SchemaVersion) -> list[tuple[Rename, ...]]:
        """The renames of the first of ``line`` and of those between it and ``shared``, oldest first."""
        later = line[: line.index(shared)]
        followed = [each for each in later if each == line[0] or self._is_followed(each)]
        return [self.find(each).renames for each in reversed(followed)]

    def _bases(self, version: SchemaVersion) -> tuple[SchemaVersion, ...]:
        """All versions that ``version`` follows, the nearest first."""
        found = []
        base = base_of(version, self._origins)
        while base is not None:
            found.append(base)
            base = base_of(base, self._origins) if base in self._origins else None
        return tuple(found)

    def _followed(self, version: SchemaVersion) -> Iterator[SchemaVersion]:
        return (each for each in self._bases(version) if self._is_followed(each))

    def _is_followed(self, version: SchemaVersion) -> bool:
        found = self.find(version)
        return found.is_published or bool(found.migrations or self._origins[version].takes)

    def _beside(self, version: SchemaVersion) -> Mapping[str, str]:
        """The migrations of lines that it takes over and doesn't run, with what stands for each."""
        taking = [self._origins[each] for each in (version, *self._bases(version)) if each in self._origins]
        answers = [taken for origin in taking for taken in origin.taken_over]
        return {each.migration: each.answer for each in answers if each.answer != RUN}

    def _of_catalogue(self, published: PublishedVersion, catalogue: Catalogue) -> KnownVersion:
        return KnownVersion(
            base=base_version(published),
            renames=published.renames or self._sealed_renames(published.version),
            history=catalogue.migrations_up_to(published.version),
            is_published=True,
        )

    def _sealed_renames(self, version: SchemaVersion) -> tuple[Rename, ...]:
        """For versions from before the catalogue kept them: what the workspace says."""
        if self._workspace is None or version not in self._workspace.versions():
            return ()
        return self._workspace.load(version).renames


def _of_workspace(source: VersionSource) -> KnownVersion:
    return KnownVersion(
        base=base_version(source),
        renames=source.renames,
        history=source.history,
        is_published=source.is_published,
    )


def _now(name: str, renamed: Mapping[str, str]) -> str:
    """What has ``name`` is called so once it is ``renamed``, or what it belongs to."""
    owner, _, member = name.partition(".")
    there = renamed.get(owner, owner)
    return renamed.get(name, f"{there}.{member}" if member else there)


def _no_latest() -> Problem:
    return Problem(
        code="not-published",
        message="nothing is published yet, so no version is latest",
        fix="name a version",
    )


def _not_published(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} is not published",
        fix="name a version that `schema-service versions` lists",
    )
