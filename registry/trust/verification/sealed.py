"""The sealed sources and the lock, compared with each other and with the catalogue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generators.revisions import carries_changelog
from schemas.workspace.files import read_text
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import VersionSource, text_digest
from schemas.workspace.workspace import LOCK_NAME

from ...catalogue import PublishedVersion
from ...validation.published_versions import input_digest
from ..inputs import differing_inputs, release_inputs
from . import problems
from .report import Report
from .subject import Subject


def check_sources(subject: Subject, source: VersionSource, report: Report) -> None:
    """Each file that the packages were made from, by its own digest: by the lock, or else the catalogue."""
    inputs = release_inputs(source, subject.settings)
    lock, published = subject.lock, subject.published
    listed = lock.inputs if lock is not None else published.inputs if published is not None else ()
    found = [problems.input_altered(path) for path in differing_inputs(listed, inputs)] if listed else []
    if not found and not _has_its_digest(subject, source):
        found = [problems.sources_altered(source.folder)]
    if lock is not None and lock.changelog_digest not in (None, text_digest(source.changelog)):
        found.append(problems.input_altered(f"{source.folder}/CHANGELOG.md"))
    each = f"{len(inputs)} inputs, each sha256 equal" if listed else "the digest over them is equal"
    report.result("sources", each, found)


def _has_its_digest(subject: Subject, source: VersionSource) -> bool:
    """Whether the digest over all sources is the one that was sealed, or that the catalogue has."""
    if subject.lock is not None:
        return subject.lock.input_digest == source.digest
    names = subject.settings.packages.names()
    digest = input_digest(source, subject.settings.name, names)
    return subject.published is None or subject.published.input_digest == digest


def _recorded(published: PublishedVersion) -> dict[str, Any]:
    """What the catalogue has of the other values that a lock seals."""
    carried = carries_changelog(published.generators)
    return {
        "generators": published.generators,
        "packages": published.packages,
        "changelog_digest": text_digest(published.changelog) if carried else None,
        "follows": published.follows,
        "takes": tuple(dict.fromkeys(each.version for each in published.takes)),
    }


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
    if lock.packages and lock != replace(lock, **_recorded(published)):
        differing.append("how the packages are called and built, the changelog, or the lines")
    for mine, recorded in zip(lock.artifacts, (each.locked() for each in published.artifacts), strict=False):
        if mine != recorded:
            differing.append(f"the artifact {recorded.filename}")
    if len(lock.artifacts) != len(published.artifacts):
        differing.append("the number of artifacts")
    if lock.inputs and published.inputs:
        differing += differing_inputs(lock.inputs, published.inputs)
    found = [problems.lock_altered(file, f"the catalogue says otherwise of {what}") for what in differing]
    report.result(file, "equals the catalogue", found)
