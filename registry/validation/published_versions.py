"""What is published already, by a state database that machines share: `check` asks it, as releases do.

A workspace whose settings name none has one of its own, which knows no more than the seals in the workspace.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from generators.revisions import carries_changelog
from generators.target import PackageNames
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ..config.settings import Settings, StateTable
from ..errors import CatalogueError

if TYPE_CHECKING:  # a check without a shared state database should not load the database library
    from ..catalogue import Catalogue, PublishedVersion


@dataclass(frozen=True, slots=True)
class PublishedVersions:
    """What a state database knows; without one, nothing. ``unanswered``: it could not be asked. ``names`` are
    those that packages get from here on."""

    settings: Settings | None = None
    catalogue: Catalogue | None = None
    unanswered: tuple[Problem, ...] = ()
    names: PackageNames | None = None

    def migrations(self) -> tuple[Migration, ...]:
        """The published migrations of all versions."""
        return () if self.catalogue is None else self.catalogue.migrations()

    def origins(self) -> Mapping[SchemaVersion, Origin]:
        """Where each published version comes from."""
        return {} if self.catalogue is None else self.catalogue.origins()

    def problems(self, source: VersionSource) -> list[Problem]:
        """A draft whose version is published with other content."""
        if self.catalogue is None or self.settings is None or source.is_published:
            return []
        return taken_problems(source, self.catalogue.find(source.version), self.settings)


def branches(origins: Mapping[SchemaVersion, Origin]) -> frozenset[SchemaVersion]:
    """Those that are on maintenance lines."""
    return frozenset(version for version, origin in origins.items() if origin.from_ is not None)


def taken_problems(
    source: VersionSource, known: PublishedVersion | None, settings: Settings
) -> list[Problem]:
    """A version that is ``known`` as published with other content."""
    digest = input_digest(source, settings.name, settings.packages.names())
    if known is None or (digest == known.input_digest and not _has_another_changelog(source, known)):
        return []
    from ..catalogue.catalogue import already_published  # noqa: PLC0415 - whoever knows it has loaded this

    return [already_published(source.version)]


def _has_another_changelog(source: VersionSource, known: PublishedVersion) -> bool:
    """Than the packages carry. A draft without one gets that of the release when it is sealed."""
    carries = carries_changelog(known.generators)
    return carries and bool(source.changelog.strip()) and source.changelog != known.changelog


def input_digest(source: VersionSource, schema_name: str, names: PackageNames) -> str:
    """sha256 (hex) over all that the packages of ``source`` are made from, their names included."""
    content = {"source": source.digest, "schema_name": schema_name, "names": asdict(names)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@contextmanager
def published_versions(workspace: Workspace, settings: Settings) -> Iterator[PublishedVersions]:
    """By the state database that the settings name. Raises SettingsError for an address of none."""
    names = settings.packages.names()
    if settings.state.url == StateTable().url:
        yield PublishedVersions(names=names)
        return
    from ..catalogue.opening import open_catalogue  # noqa: PLC0415 - see above

    with ExitStack() as stack:
        try:
            catalogue = stack.enter_context(open_catalogue(workspace, settings, to_read=True))
        except CatalogueError as error:
            yield PublishedVersions(unanswered=tuple(map(_not_asked, error.problems)), names=names)
        else:
            yield PublishedVersions(settings, catalogue, names=names)


def _not_asked(problem: Problem) -> Problem:
    return replace(
        problem,
        code="published-unknown",
        message=f"what other machines have published could not be asked: {problem.message}",
        severity="warning",
    )
