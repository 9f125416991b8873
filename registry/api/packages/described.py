"""What packages say of themselves: from the catalogue, and where an earlier tool published them, from their
files."""

from __future__ import annotations

from collections.abc import Collection

from generators.target import Language
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue
from ...catalogue.facts.package_facts import DescribedPackage, PackageFacts
from ...errors import NotPublishedError
from ...publishers.package_contents import package_facts
from ...publishers.published_bytes import PublishedBytes
from ..served.gathering import Gathering

_Wanted = tuple[SchemaVersion, Language]


class DescribedPackages:
    """``files`` are where packages are read."""

    def __init__(self, catalogue: Catalogue, files: PublishedBytes) -> None:
        self._catalogue = catalogue
        self.files = files
        self._recorded: Gathering[_Wanted, DescribedPackage] = Gathering(self._ask)

    def one(self, version: SchemaVersion, language: Language) -> DescribedPackage:
        """The package of a published version, with its facts unless its file can't be read now. Raises
        NotPublishedError for a release without that package."""
        found = self._catalogue.packages.of([version], language).get(version)
        if found is None:
            raise NotPublishedError(_no_package(version, language))
        if found.facts is not None:
            return found
        return DescribedPackage(version=version, artifact=found.artifact, facts=self._read(found))

    async def recorded(self, version: SchemaVersion, language: Language) -> DescribedPackage | None:
        """What the catalogue has of the package, if it has one, asked together with others that are wanted
        now."""
        return await self._recorded.get((version, language))

    def metadata(self, package: DescribedPackage) -> str:
        """METADATA of a wheel. Raises what reading its file raises, where nobody has."""
        known = self._catalogue.packages.facts(package.artifact.sha256)
        return (known or self._of_file(package)).metadata

    def _ask(self, wanted: Collection[_Wanted]) -> dict[_Wanted, DescribedPackage]:
        found: dict[_Wanted, DescribedPackage] = {}
        for language in {language for _, language in wanted}:
            versions = [version for version, each in wanted if each == language]
            packages = self._catalogue.packages.of(versions, language)
            found |= {(version, language): package for version, package in packages.items()}
        return found

    def _read(self, package: DescribedPackage) -> PackageFacts | None:
        try:
            return self._of_file(package)
        except ServiceError:
            return None

    def _of_file(self, package: DescribedPackage) -> PackageFacts:
        artifact = package.artifact
        facts = package_facts(artifact.kind, self.files.of(artifact))
        self._catalogue.packages.keep(artifact.sha256, facts)
        return facts


def _no_package(version: SchemaVersion, language: Language) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} was published without a package for {language}",
        fix=f"GET /schema/{version}/metadata lists those that it has",
    )
