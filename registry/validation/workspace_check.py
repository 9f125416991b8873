"""The problems of a workspace and its versions, as complete as possible when parts can't be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from migrations.errors import DriftError, RehearsalError
from schemas.errors import Problem, WorkspaceError
from schemas.model import Schema
from schemas.partial_types.checking import FILE_NAME
from schemas.prisma.bridge import PrismaBridge
from schemas.problem_collector import ProblemCollector
from schemas.versions import SchemaVersion
from schemas.workspace.files import read_text
from schemas.workspace.schema_files import read_schema_files
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from .generated_scripts import outdated_scripts
from .kept_rehearsals import RehearsalReport, RehearsalSubject
from .predecessors import (
    expected_predecessors,
    left_out,
    open_lines,
    releases_before,
    sources_on_line,
    taken_over,
)
from .published_migrations import order_problems, published_above
from .published_versions import PublishedVersions, branches
from .rehearsal import rehearsed
from .schema_loading import SchemaTexts, read_schema
from .version_check import Candidate, check_version

Load = Callable[[SchemaVersion], VersionSource]


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """Rehearses drafts on the server at ``url`` (None: an embedded one). ``reports``: what passed;
    ``drifts``: what doesn't lead to the schema."""

    url: str | None
    reports: dict[SchemaVersion, RehearsalReport] = field(default_factory=dict)
    drifts: dict[SchemaVersion, DriftError] = field(default_factory=dict)

    def of_draft(
        self,
        workspace: Workspace,
        version: SchemaVersion,
        load: Load,
        bridge: PrismaBridge,
        found: Sequence[Problem],
    ) -> Sequence[Problem]:
        """What the rehearsal of a draft finds. Where ``found`` has errors it has to wait, and only the
        extensions are told that its server can't have. Raises ToolchainError and ScratchServerError."""
        from migrations.rehearsal.extensions import missing_extensions  # noqa: PLC0415 - with the driver

        try:
            source = load(version)
        except WorkspaceError:  # among what was found
            return ()
        if source.is_published:
            return ()
        if any(problem.severity == "error" for problem in found):
            return missing_extensions((*source.history, *source.beside), self.url)
        return self.problems(workspace, source, load, bridge)

    def problems(
        self, workspace: Workspace, source: VersionSource, load: Load, bridge: PrismaBridge
    ) -> Sequence[Problem]:
        """What the rehearsal of a draft finds that has no other problem. Raises ScratchServerError."""
        below = [load(each) for each in source.ancestors]
        subject = RehearsalSubject.of(source, releases_before(source, below, bridge))

        def schema() -> Schema:
            return bridge.parse(source.schema_text, source.schema_path)

        try:
            report = rehearsed(subject, schema, bridge, root=workspace.root, url=self.url)
        except RehearsalError as error:
            if isinstance(error, DriftError):
                self.drifts[source.version] = error
            return error.problems
        self.reports[source.version] = report
        return report.warnings


def problems_of(
    workspace: Workspace,
    versions: Sequence[SchemaVersion],
    bridge: PrismaBridge,
    rehearsals: Rehearsals | None = None,
    published: PublishedVersions | None = None,
) -> list[Problem]:
    """All problems of the workspace, and of each version what :func:`check_version` finds, with what is
    ``published`` elsewhere, and with ``rehearsals`` what the rehearsal of a draft does that has no error yet:
    a published version was rehearsed when it was published.

    Raises WorkspaceError if one of the versions does not exist, and ScratchServerError.
    """
    published = published or PublishedVersions()
    problems = [*workspace.problems(), *published.unanswered]
    load = cache(workspace.load)
    for version in versions:
        found = _version_problems(workspace, version, load, bridge, published)
        problems += found
        if rehearsals is not None:
            problems += rehearsals.of_draft(workspace, version, load, bridge, found)
    return list(dict.fromkeys(problems))


def _version_problems(
    workspace: Workspace,
    version: SchemaVersion,
    load: Load,
    bridge: PrismaBridge,
    published: PublishedVersions,
) -> Sequence[Problem]:
    try:
        source = load(version)
    except WorkspaceError as error:
        if version not in workspace.versions():
            raise
        # The schema is checked too, so that all problems are reported at once.
        return [*error.problems, *_problems_of_texts(workspace, version, bridge)]
    try:
        above = published_above(workspace, source, published.migrations(), published.origins())
        order = [
            *order_problems(source, above),
            *left_out(source, published.origins(), workspace.versions()),
            *open_lines(workspace, source),
        ]
    except WorkspaceError:  # Workspace.problems tells of it
        order = []
    try:
        outdated = outdated_scripts(workspace, source, bridge)
    except WorkspaceError as error:  # of a version below, or of generated.toml
        outdated = list(error.problems)
    taken = published.problems(source)
    return [*taken, *order, *outdated, *_checked(source, load, bridge, published)]


def _checked(
    source: VersionSource, load: Load, bridge: PrismaBridge, published: PublishedVersions
) -> Sequence[Problem]:
    candidate = Candidate.of(source, published.names)
    problems: list[Problem] = []
    before = None
    try:
        before = replace(expected_predecessors(sources_on_line(source, load)), taken=taken_over(source, load))
    except WorkspaceError as error:  # it isn't known what to compare this version with
        problems = list(error.problems)
    check = check_version(
        candidate,
        before,
        bridge,
        published=published.migrations(),
        branches=branches(published.origins()),
    )
    return [*problems, *check.problems]


def _problems_of_texts(workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge) -> list[Problem]:
    """The problems in the schema and partial types of a version that can't be loaded as a whole."""
    folder = f"{VERSIONS_FOLDER}/{version}"
    collector = ProblemCollector()
    files = collector.attempt(read_schema_files, workspace.root, folder)
    if files is None:
        return collector.problems
    partial_types = ProblemCollector().attempt(read_text, workspace.root, f"{folder}/{FILE_NAME}") or ""
    texts = SchemaTexts(files.text, files.files[0].path, partial_types, f"{folder}/{FILE_NAME}", files)
    return read_schema(texts, bridge).problems
