"""Versions by what is asked for: a published one from the catalogue or its seal, or a draft."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.answers import Rename
from schemas.comparison.renames import composed
from schemas.errors import InvalidVersionError, Problem, WorkspaceError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.lines import base_of, contained_versions
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue, PublishedVersion
from ..errors import NotPublishedError
from ..validation.predecessors import BaseVersion, built_by, packages_of
from ..validation.schema_loading import parsed_schema

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

    def schema(self, bridge: PrismaBridge) -> Schema:
        """Raises InvalidSchemaError."""
        base = self.base
        return parsed_schema(base.schema_text, base.schema_file, base.partial_types, bridge)


class KnownVersions:
    """Those of a workspace, and those that its catalogue knows besides."""

    def __init__(self, workspace: Workspace, catalogue: Catalogue) -> None:
        self._workspace = workspace
        self._catalogue = catalogue
        self._published = frozenset(catalogue.versions())
        self._origins = dict(sorted({**catalogue.origins(), **workspace.origins()}.items()))
        self._found: dict[SchemaVersion, KnownVersion] = {}

    def all(self) -> tuple[SchemaVersion, ...]:
        """Every version, oldest first."""
        return tuple(sorted({*self._published, *self._workspace.versions()}))

    def named(self, text: str) -> SchemaVersion:
        """The version that ``text`` names: a number, or ``latest``. Raises InvalidVersionError, and
        NotPublishedError for ``latest`` where nothing is published."""
        if text == _LATEST:
            latest = self._catalogue.latest()
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
        """Everything about ``version``. Raises WorkspaceError where nobody knows it."""
        if version not in self._found:
            published = self._catalogue.find(version) if version in self._published else None
            self._found[version] = (
                self._of_catalogue(published) if published else _of_workspace(self._workspace.load(version))
            )
        return self._found[version]

    def before(self, version: SchemaVersion) -> SchemaVersion | None:
        """The version that ``version`` follows: on its line, the nearest published or with migrations."""
        self.find(version)  # which nobody may know
        base = base_of(version, self._origins)
        while base is not None and not self._is_followed(base):
            base = base_of(base, self._origins)
        return base

    def renames(self, lower: SchemaVersion, higher: SchemaVersion, schema: Schema) -> tuple[Rename, ...]:
        """What has another name in ``higher`` than in ``lower``, whose schema is given."""
        line = contained_versions(higher, self._origins)
        between = [each for each in line if lower < each < higher and self._is_followed(each)]
        return composed(schema, [self.find(each).renames for each in (*between, higher)])

    def _is_followed(self, version: SchemaVersion) -> bool:
        try:
            found = self.find(version)
        except WorkspaceError:  # a draft that can't be read: `check` tells why
            return False
        return found.is_published or bool(found.migrations)

    def _of_catalogue(self, published: PublishedVersion) -> KnownVersion:
        return KnownVersion(
            base=_base(published),
            renames=published.renames or self._sealed_renames(published.version),
            history=self._catalogue.migrations_up_to(published.version),
            is_published=True,
        )

    def _sealed_renames(self, version: SchemaVersion) -> tuple[Rename, ...]:
        """For versions from before the catalogue kept them: what the workspace says."""
        if version not in self._workspace.versions():
            return ()
        return self._workspace.load(version).renames


def _of_workspace(source: VersionSource) -> KnownVersion:
    return KnownVersion(
        base=_base(source),
        renames=source.renames,
        history=source.history,
        is_published=source.is_published,
    )


def _base(source: VersionSource | PublishedVersion) -> BaseVersion:
    return BaseVersion(
        version=source.version,
        schema_text=source.schema_text,
        partial_types=source.partial_types,
        generators=built_by(source),
        packages=packages_of(source),
    )


def _no_latest() -> Problem:
    return Problem(
        code="not-published",
        message="nothing is published yet, so no version is latest",
        fix="name a version",
    )
