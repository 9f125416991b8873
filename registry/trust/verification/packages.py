"""The packages: as the registries serve them, and as they are built again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from generators.packing.sbom import SBOM_NAME
from generators.target import Artifact, Kind
from schemas.errors import ExitCode, ServiceError
from schemas.workspace.release_lock import LockedArtifact

from ...publishers.publisher import Publisher
from ..provenance import tool_version
from . import problems
from .archives import differing_files, has_sbom
from .report import Report

#: The bytes with a sha256 (hex), where this machine has them.
Kept = Callable[[str], bytes | None]
KIND_OF_REGISTRY: Mapping[str, Kind] = {"pypi": "wheel", "npm": "npm"}


def check_artifact(
    artifact: LockedArtifact, publisher: Publisher, kept: Kept, report: Report
) -> bytes | None:
    """Its bytes, if they are those that were published. Raises RegistryUnreachableError."""
    try:
        content = publisher.download(artifact.name, artifact.version, artifact.filename)
        listed = publisher.lookup(artifact.name, artifact.version, artifact.filename)
    except ServiceError as error:
        if error.exit_code == ExitCode.SERVICE:
            raise
        report.failed(artifact.filename, *error.problems)
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    kind = KIND_OF_REGISTRY[artifact.registry]
    if sha256 != artifact.sha256:
        known = kept(artifact.sha256)
        where = differing_files(kind, known, content) if known else []
        report.failed(artifact.filename, problems.artifact_altered(artifact.filename, where))
        return None
    if listed is None or listed.sha256 != sha256:
        report.failed(artifact.filename, problems.metadata_altered(artifact.filename))
        return None
    bill = f"with {SBOM_NAME}" if has_sbom(kind, content) else "published before packages had an SBOM"
    report.passed(artifact.filename, f"sha256 {sha256} everywhere; {bill}")
    return content


def check_rebuild(
    artifacts: Sequence[LockedArtifact],
    contents: Mapping[str, bytes | None],
    built: Sequence[Artifact],
    kept: Kept,
    report: Report,
) -> None:
    """``contents`` are the published bytes, by language, as far as they are known."""
    again = {each.language: each for each in built}
    for artifact in artifacts:
        subject = f"rebuild of {artifact.filename}"
        rebuilt = next((each for language, each in again.items() if language == artifact.language), None)
        if rebuilt is not None and rebuilt.sha256 == artifact.sha256:
            report.passed(subject, "the same bytes")
            continue
        content = contents.get(artifact.language) or kept(artifact.sha256)
        where: list[str] = []
        if content is not None and rebuilt is not None:
            where = differing_files(rebuilt.kind, content, rebuilt.content)
        problem = problems.rebuilt_differently(artifact.filename, where, report.built_by, tool_version())
        report.failed(subject, problem)
