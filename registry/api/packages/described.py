"""What packages say of themselves: from the catalogue, and where an earlier tool published them, from their
files."""

from __future__ import annotations

from generators.target import Language
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue
from ...catalogue.facts.package_facts import DescribedPackage, PackageFacts
from ...errors import NotPublishedError
from ...publishers.package_contents import package_facts
from ...publishers.published_bytes import PublishedBytes


class DescribedPackages:
    def __init__(self, catalogue: Catalogue, files: PublishedBytes) -> None:
        self._catalogue = catalogue
        self._files = files

    def one(self, version: SchemaVersion, language: Language) -> DescribedPackage:
        """The package of a published version, with its facts unless its file can't be read now. Raises
        NotPublishedError for a release without that package."""
        found = self._catalogue.packages.one(version, language)
        if found is None:
            raise NotPublishedError(_no_package(version, language))
        if found.facts is not None:
            return found
        return DescribedPackage(version=version, artifact=found.artifact, facts=self._read(found))

    def metadata(self, package: DescribedPackage) -> str:
        """METADATA of a wheel. Raises what reading its file raises, where nobody has."""
        known = self._catalogue.packages.facts(package.artifact.sha256)
        return (known or self._of_file(package)).metadata

    def _read(self, package: DescribedPackage) -> PackageFacts | None:
        try:
            return self._of_file(package)
        except ServiceError:
            return None

    def _of_file(self, package: DescribedPackage) -> PackageFacts:
        artifact = package.artifact
        facts = package_facts(artifact.kind, self._files.of(artifact))
        self._catalogue.packages.keep(artifact.sha256, facts)
        return facts


def _no_package(version: SchemaVersion, language: Language) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} was published without a package for {language}",
        fix=f"GET /schema/{version}/metadata lists those that it has",
    )
