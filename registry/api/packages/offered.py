"""The packages that installers are shown: of published versions, unless these wait to be promoted, and of
drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from generators.target import Language
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue, PublishedArtifact
from ...catalogue.facts.package_facts import DescribedPackage, PackageFacts
from ..served.version_index import IndexedVersion, VersionIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPackage:
    """``facts`` are None where nobody has read its file yet. ``withdrawn``: why nobody should use it."""

    version: SchemaVersion
    artifact: PublishedArtifact
    facts: PackageFacts | None
    published_at: datetime
    withdrawn: str | None = None


def offered_packages(
    catalogue: Catalogue, index: VersionIndex, name: str, language: Language
) -> list[OfferedPackage]:
    """Those called ``name``, oldest first, in three queries however many there are."""
    found = []
    for package in catalogue.packages.all(language):
        each = offered(package, index) if package.artifact.name == name else None
        if each is not None:
            found.append(each)
    return sorted([*found, *_drafts(catalogue, name, language)], key=lambda each: each.version)


def offered_draft(
    catalogue: Catalogue, name: str, language: Language, package_version: str
) -> OfferedPackage | None:
    """The package of a draft."""
    drafts = _drafts(catalogue, name, language)
    return next((each for each in drafts if each.artifact.version == package_version), None)


def offered(package: DescribedPackage, index: VersionIndex) -> OfferedPackage | None:
    """A published package, unless it waits to be promoted."""
    known = index.versions.get(package.version)
    return None if known is None or known.is_staged else _offered(package, known)


def package_with(catalogue: Catalogue, sha256: str) -> DescribedPackage | None:
    """The published package, or that of a draft, whose file has that digest."""
    found = catalogue.packages.with_digest(sha256)
    if found is not None:
        return found
    for draft in catalogue.drafts.all():
        for artifact in draft.artifacts:
            if artifact.sha256 == sha256:
                facts = catalogue.packages.facts(sha256)
                return DescribedPackage(version=draft.number, artifact=artifact, facts=facts)
    return None


def _offered(package: DescribedPackage, known: IndexedVersion) -> OfferedPackage:
    return OfferedPackage(
        version=package.version,
        artifact=package.artifact,
        facts=package.facts,
        published_at=known.summary.published_at,
        withdrawn=known.withdrawn,
    )


def _drafts(catalogue: Catalogue, name: str, language: Language) -> list[OfferedPackage]:
    drafts = [
        (draft, artifact)
        for draft in catalogue.drafts.all()
        for artifact in draft.artifacts
        if artifact.language == language and artifact.name == name
    ]
    facts = catalogue.packages.known(artifact.sha256 for _, artifact in drafts)
    return [
        OfferedPackage(
            version=draft.number,
            artifact=artifact,
            facts=facts.get(artifact.sha256),
            published_at=draft.published_at,
        )
        for draft, artifact in drafts
    ]
