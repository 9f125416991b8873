"""Which versions precede a version: those it is compared with, and those its packages list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generators.revisions import FIRST
from migrations.package.release_state import Release
from schemas.errors import Problem, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

if TYPE_CHECKING:  # a check without a catalogue should not load the database library
    from ..catalogue import Catalogue, PublishedVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseVersion:
    """A version that another one is compared with."""

    version: SchemaVersion
    schema_text: str
    partial_types: str = ""
    #: The revision of the generators that built its packages, and [packages] as they were; None and empty
    #: where it is not published yet, or nobody recorded them.
    generators: int | None = None
    packages: tuple[tuple[str, str], ...] = ()

    @property
    def schema_file(self) -> str:
        """How problems name its schema."""
        return f"{VERSIONS_FOLDER}/{self.version}/schema.prisma"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessors:
    """``previous`` is the highest version below, ``last_stable`` the highest that is no pre-release: the one
    whose users a release must not break. Either is None if there is none. ``taken`` are the versions whose
    lines it takes over: it must not break their users either."""

    previous: BaseVersion | None = None
    last_stable: BaseVersion | None = None
    taken: tuple[BaseVersion, ...] = ()


def sources_below(workspace: Workspace, source: VersionSource) -> list[VersionSource]:
    """The versions of the workspace that ``source`` contains. Raises WorkspaceError."""
    return [workspace.load(each) for each in source.ancestors]


def sources_on_line(
    source: VersionSource, load: Callable[[SchemaVersion], VersionSource]
) -> Iterator[VersionSource]:
    """The versions that ``source`` follows, the highest first. Raises WorkspaceError."""
    base = source.base
    while base is not None:
        each = load(base)
        yield each
        base = each.base


def taken_over(
    source: VersionSource, load: Callable[[SchemaVersion], VersionSource]
) -> tuple[BaseVersion, ...]:
    """The versions whose lines ``source`` takes over. Raises WorkspaceError."""
    return tuple(base_version(load(each)) for each in source.origin.takes)


def expected_predecessors(below: Iterable[VersionSource]) -> Predecessors:
    """What a version will follow once it can be published: the published versions below it, and the drafts
    with migrations, which have to be published first. ``below``, the highest first, is read as far as needed.
    """
    previous = None
    for each in below:
        if each.is_published or each.changes_database:
            previous = previous or base_version(each)
            if not each.version.is_prerelease:
                return Predecessors(previous=previous, last_stable=base_version(each))
    return Predecessors(previous=previous)


def published_predecessors(
    source: VersionSource,
    below: Sequence[VersionSource],
    known: Sequence[SchemaVersion],
    catalogue: Catalogue,
) -> Predecessors:
    """What ``source`` follows, by the catalogue and the seals of the versions ``below``, which it contains.
    ``known`` are all versions of the workspace.

    A catalogue may know less than the workspace (each machine has its own, until they share a Postgres), so
    both are read. Raises WorkspaceError if a draft below has migrations: they would be released as part of
    this version and could still be edited; and if the catalogue has a version between this one and the one
    that it follows.
    """
    version = source.version
    published = {each for each in catalogue.versions() if each < version}
    unpublished = [each for each in below if not each.is_published and each.version not in published]
    problems = [_draft_below(draft, version) for draft in unpublished if draft.changes_database]
    origins = catalogue.origins()
    problems += left_out(source, origins, known)
    if problems:
        raise WorkspaceError(*problems)
    line = {each.version for each in sources_on_line(source, _loaded(below))}
    elsewhere = {
        each
        for each in published
        if each not in known and not _is_branch(source) and origins[each].from_ is None
    }
    bases = {each.version: base_version(each) for each in below if each.version in line and each.is_published}
    for each in published & (line | elsewhere):
        if (found := catalogue.find(each)) is not None:
            bases[each] = base_version(found)
    return replace(_highest(bases), taken=taken_over(source, _loaded(below)))


def left_out(
    source: VersionSource, published: Iterable[SchemaVersion], known: Iterable[SchemaVersion]
) -> list[Problem]:
    """The ``published`` versions that are not ``known`` to the workspace, between a draft on a maintenance
    line and the version that it follows."""
    base = source.base
    if source.is_published or base is None or not _is_branch(source):
        return []
    between = sorted(each for each in published if base < each < source.version and each not in known)
    return [_left_out(source, each, between[-1]) for each in between]


def open_lines(workspace: Workspace, source: VersionSource) -> list[Problem]:
    """A warning for each maintenance line below a draft, as far as it is published, that the draft does not
    contain: databases there can't be upgraded to it. Raises WorkspaceError."""
    if source.is_published or _is_branch(source):
        return []
    lines = {
        each: origin.from_
        for each, origin in workspace.origins().items()
        if each < source.version and origin.from_ is not None and workspace.is_sealed(each)
    }
    contained = {*source.ancestors, *lines.values()}
    known = {migration.id for migration in source.history}
    known.update(*(line.known for line in source.lines if line.version == source.version))
    return [
        _open_line(source, each)
        for each in lines
        if each not in contained and not known.issuperset(m.id for m in workspace.load(each).history)
    ]


def _open_line(source: VersionSource, version: SchemaVersion) -> Problem:
    return Problem(
        code="line-open",
        message=f"{source.version} doesn't contain {version}: databases there can't be upgraded to it",
        fix=f'take the line over: draft it with --takes {version}, or add [takes."{version}"] to '
        f"{source.folder}/version.toml; if no database is there, nothing has to be done",
        file=f"{VERSIONS_FOLDER}/{version}",
        severity="warning",
    )


def _is_branch(source: VersionSource) -> bool:
    return source.origin.from_ is not None


def _loaded(sources: Sequence[VersionSource]) -> Callable[[SchemaVersion], VersionSource]:
    return {each.version: each for each in sources}.__getitem__


def releases_before(
    source: VersionSource, below: Sequence[VersionSource], bridge: PrismaBridge
) -> tuple[Release, ...]:
    """The versions that the packages of ``source`` list besides itself: those of ``below`` that were
    published before it, and those with migrations, which run before its own whether published or not.

    The list depends on the workspace's seals alone, so that the same version is built from the same list at
    any time: it leaves out lower versions that were published later. Raises InvalidSchemaError.
    """
    return tuple(
        Release(
            version=each.version,
            schema_digest=_schema_digest(each, bridge),
            compatible_from=each.compatible_from,
        )
        for each in below
        if each.changes_database or _came_before(each, source)
    )


def _came_before(each: VersionSource, source: VersionSource) -> bool:
    if each.lock is None:
        return False
    ours = source.lock.published_at if source.lock else None
    theirs = each.lock.published_at
    return ours is None or theirs is None or theirs <= ours


def _schema_digest(source: VersionSource, bridge: PrismaBridge) -> str:
    if source.lock is not None:
        return source.lock.schema_digest
    with source.schema_files.locating():
        return bridge.parse(source.schema_text, source.schema_path).digest


def base_version(source: VersionSource | PublishedVersion) -> BaseVersion:
    """A version as others are compared with it."""
    return BaseVersion(
        version=source.version,
        schema_text=source.schema_text,
        partial_types=source.partial_types,
        generators=built_by(source),
        packages=packages_of(source),
    )


def built_by(source: VersionSource | PublishedVersion) -> int | None:
    """The revision of the generators that built a published version; None for a draft."""
    if isinstance(source, VersionSource):
        return None if source.lock is None else source.lock.generators or FIRST
    return source.generators


def packages_of(source: VersionSource | PublishedVersion) -> tuple[tuple[str, str], ...]:
    """[packages] as a version was published with: what is recorded, else the names of its packages."""
    published = source.lock if isinstance(source, VersionSource) else source
    if published is None or published.packages:
        return published.packages if published else ()
    return tuple((_SETTING[each.language], each.name) for each in published.artifacts)


_SETTING = {
    "python": "python_client",
    "node": "node_client",
    "typescript": "typescript_types",
    "migrations": "python_migrations",
}


def _highest(known: Mapping[SchemaVersion, BaseVersion]) -> Predecessors:
    stable = [version for version in known if not version.is_prerelease]
    return Predecessors(
        previous=known[max(known)] if known else None, last_stable=known[max(stable)] if stable else None
    )


def _left_out(source: VersionSource, version: SchemaVersion, last: SchemaVersion) -> Problem:
    return Problem(
        code="line-left-out",
        message=f"{version} is published and not in this workspace; {source.version} follows {source.base}, "
        f"and would lack what {version} has",
        fix=f'get schemas/{version} from version control, and write from = "{last}"',
        file=f"{source.folder}/version.toml",
    )


def _draft_below(draft: VersionSource, version: SchemaVersion) -> Problem:
    return Problem(
        code="draft-below",
        message=f"{draft.version} is still a draft, and its migrations run before those of {version}",
        fix=f"publish it first: schema-service publish {draft.version}",
        file=draft.folder,
    )
