"""The sealed sources and the lock, compared with each other and with the catalogue."""

from __future__ import annotations

from schemas.workspace.files import read_text
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import LOCK_NAME

from ...config.settings import Settings
from ...validation.published_versions import input_digest
from ..inputs import differing_inputs, release_inputs
from . import problems
from .report import Report
from .subject import Subject


def check_sources(source: VersionSource, lock: ReleaseLock, settings: Settings, report: Report) -> None:
    """Each file that the packages were made from, by its own digest."""
    inputs = release_inputs(source, settings)
    found = []
    if lock.inputs:
        found = [problems.input_altered(path) for path in differing_inputs(lock.inputs, inputs)]
    if source.digest != lock.input_digest and not found:
        found = [problems.sources_altered(source.folder)]
    each = f"{len(inputs)} inputs, each sha256 equal" if lock.inputs else "the digest over them is equal"
    report.result("sources", each, found)


def check_lock(subject: Subject, source: VersionSource, lock: ReleaseLock, report: Report) -> None:
    """The file as it was written, and with the values that the catalogue has."""
    settings, published = subject.settings, subject.published
    file = f"{source.folder}/{LOCK_NAME}"
    if read_text(subject.workspace.root, file) != lock.to_toml() or lock.version != source.version:
        report.failed(file, problems.lock_altered(file, "it is not as `publish` writes it"))
        return
    if published is None:
        report.passed(file, "as it was written; this catalogue doesn't have the version")
        return
    differing = []
    if input_digest(source, settings.name, settings.packages.names()) != published.input_digest:
        differing.append("the digest of all inputs")
    if lock.schema_digest != published.schema_digest:
        differing.append("schema_digest")
    for mine, recorded in zip(lock.artifacts, (each.locked() for each in published.artifacts), strict=False):
        if mine != recorded:
            differing.append(f"the artifact {recorded.filename}")
    if len(lock.artifacts) != len(published.artifacts):
        differing.append("the number of artifacts")
    if lock.inputs and published.inputs:
        differing += differing_inputs(lock.inputs, published.inputs)
    found = [problems.lock_altered(file, f"the catalogue says otherwise of {what}") for what in differing]
    report.result(file, "equals the catalogue", found)
