"""All the checks of one published version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generators.target import Artifact, Kind
from schemas.errors import ExitCode, ServiceError, WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.release_lock import LockedArtifact
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import LOCK_NAME, Workspace

from ...catalogue import Catalogue
from ...config.settings import Settings
from ...errors import NotPublishedError
from ...publishers.publisher import Publisher
from . import problems
from .packages import KIND_OF_REGISTRY, Kept, check_artifact, check_rebuild
from .report import Report
from .sealed import check_lock, check_sources
from .signatures import check_keys, check_npm_signature, check_statement
from .subject import Subject

#: Builds the artifacts of a version again from its sealed sources.
Rebuild = Callable[[SchemaVersion], Sequence[Artifact]]


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """What is compared. ``kept`` gives the bytes of an artifact, by sha256, if this machine built it."""

    workspace: Workspace
    settings: Settings
    catalogue: Catalogue
    publishers: Mapping[Kind, Publisher]
    kept: Kept

    def verify(self, version: SchemaVersion, rebuild: Rebuild | None = None) -> Report:
        """Make every check, and name all that fails.

        Raises NotPublishedError; RegistryUnreachableError or CatalogueError where a check can't be answered.
        """
        report = Report(version)
        subject = Subject(
            version=version,
            workspace=self.workspace,
            settings=self.settings,
            catalogue=self.catalogue,
            source=self._source(version, report),
            published=self.catalogue.find(version),
        )
        artifacts = self._sealed(subject, report)
        keys = check_keys(self.workspace, self.catalogue.trust, report)
        contents = {each.language: self._checked(each, report) for each in artifacts}
        check_statement(subject, keys, report)
        must_be_signed = subject.must_be_signed(keys)
        for artifact in artifacts:
            content = contents[artifact.language]
            if artifact.registry == "npm" and content is not None:
                publisher = self._publisher(artifact.registry)
                check_npm_signature(artifact, content, publisher, keys, report, must_be_signed=must_be_signed)
        if rebuild is not None:
            self._rebuild(subject, rebuild, report, artifacts, contents)
        return report

    def _sealed(self, subject: Subject, report: Report) -> tuple[LockedArtifact, ...]:
        """Check what the workspace has; the artifacts by the catalogue, or else by the lock."""
        source, lock = subject.source, subject.lock
        if source is not None and lock is not None:
            check_sources(subject, source, report)
            check_lock(subject, source, lock, report)
        elif subject.published is not None:
            report.passed(LOCK_NAME, "not in this workspace; the catalogue is used", "skipped")
            if source is not None:
                check_sources(subject, source, report)
        elif not report.problems:
            raise NotPublishedError(problems.not_published(subject.version))
        if subject.published is not None:
            return tuple(each.locked() for each in subject.published.artifacts)
        return lock.artifacts if lock is not None else ()

    def _source(self, version: SchemaVersion, report: Report) -> VersionSource | None:
        """The version's files; None where there are none, or they can't be read."""
        if version not in self.workspace.versions():
            return None
        try:
            return self.workspace.load(version)
        except WorkspaceError as error:
            report.failed("sources", *error.problems)
            return None

    def _checked(self, artifact: LockedArtifact, report: Report) -> bytes | None:
        if artifact.registry not in KIND_OF_REGISTRY:
            why = f"{artifact.registry!r} is no kind of registry"
            report.failed(artifact.filename, problems.lock_altered(LOCK_NAME, why))
            return None
        return check_artifact(artifact, self._publisher(artifact.registry), self.kept, report)

    def _publisher(self, registry: str) -> Publisher:
        return self.publishers[KIND_OF_REGISTRY[registry]]

    def _rebuild(
        self,
        subject: Subject,
        rebuild: Rebuild,
        report: Report,
        artifacts: Sequence[LockedArtifact],
        contents: Mapping[str, bytes | None],
    ) -> None:
        if subject.source is None:
            report.failed("rebuild", problems.no_sources(report.version))
            return
        try:
            built = rebuild(report.version)
        except ServiceError as error:
            if error.exit_code == ExitCode.SERVICE:
                raise
            report.failed("rebuild", *error.problems)
            return
        check_rebuild(artifacts, contents, built, self.kept, report)
