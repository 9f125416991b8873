"""``/client``: the packages of a version, how to install them, and their files."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from generators.target import Language
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue
from ...catalogue.facts.package_facts import DescribedPackage
from ...config.settings import Settings
from ...consumers.install_commands import index_of, install_lines, tool_lines
from ...errors import NotPublishedError
from ...publishers.published_bytes import PublishedBytes
from ..documents import ClientDocument, InstallDocument, SignatureDocument
from ..served.document import REVALIDATED, Document, base_path
from ..served.kept_documents import KeptDocuments
from ..served.version_index import IndexedVersion
from ..versions.version_routes import VersionPath
from .described import DescribedPackages
from .install_files import install_files
from .package_files import artifact_response

FileQuery = Annotated[
    str | None, Query(description="only this file, as it is", max_length=40, examples=["requirements.txt"])
]
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


def client_routes(
    catalogue: Catalogue,
    settings: Settings,
    kept: KeptDocuments,
    described: DescribedPackages,
    files: PublishedBytes,
) -> APIRouter:
    router = APIRouter(tags=["packages"])
    views = _Views(catalogue, settings, kept, described, files)
    router.get("/client/{version}/{language}", response_model=ClientDocument)(views.client)
    router.get("/client/{version}/{language}/download", response_class=Response)(views.download)
    router.get("/client/{version}/{language}/install", response_model=InstallDocument, responses=_TEXT)(
        views.install
    )
    return router


class _Views:
    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        kept: KeptDocuments,
        described: DescribedPackages,
        files: PublishedBytes,
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._kept = kept
        self._described = described
        self._files = files

    async def client(self, request: Request, version: VersionPath, language: Language) -> Response:
        """The package of a version for one language: its name, its digest, what it needs, how to install
        it."""
        now = await self._kept.now()
        found, base = now.index.resolve(version), base_path(request)
        each = now.index.versions[found.version]

        async def made() -> Document:
            package = await self._described.recorded(each.version, language)
            if package is None or package.facts is None or each.is_signed:  # there is more to ask or to read
                return await run_in_threadpool(self._document, each, language, base)
            return self._of_package(each, package, [], base)

        document = await now.document(("client", found.version, language, base), made)
        location = None if found.is_exact else f"{base}/client/{found.version}/{language}"
        return now.respond(request, document, location=location)

    async def download(self, request: Request, version: VersionPath, language: Language) -> Response:
        """The file itself, or a range of it, checked against the digest of its release. A moving address,
        such as `latest`, leads to that of a version, which never changes."""
        now = await self._kept.now()
        found = now.index.resolve(version)
        if not found.is_exact:
            address = f"{base_path(request)}/client/{found.version}/{language}/download"
            headers = {"Cache-Control": REVALIDATED}
            return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT, headers=headers)
        return await run_in_threadpool(self._file, request, found.version, language)

    async def install(
        self, request: Request, version: VersionPath, language: Language, file: FileQuery = None
    ) -> Response:
        """Ready files that pin the package: a requirements line with its digest and a pip.conf, or a
        package.json and an .npmrc."""
        now = await self._kept.now()
        found = now.index.resolve(version)
        each = now.index.versions[found.version]
        document = await now.document(
            ("install", found.version, language, file), lambda: self._install(each, language, file)
        )
        base = f"{base_path(request)}/client/{found.version}/{language}/install"
        location = f"{base}?file={file}" if file else base
        return now.respond(request, document, location=None if found.is_exact else location)

    def _file(self, request: Request, version: SchemaVersion, language: Language) -> Response:
        return artifact_response(request, self._described.one(version, language).artifact, self._files)

    def _document(self, each: IndexedVersion, language: Language, base: str) -> Document:
        signatures = self._signatures(each, f"{base}/versions/{each.version}/attestation")
        return self._of_package(each, self._described.one(each.version, language), signatures, base)

    def _of_package(
        self, each: IndexedVersion, package: DescribedPackage, signatures: list[SignatureDocument], base: str
    ) -> Document:
        artifact, facts = package.artifact, package.facts
        address = f"{base}/client/{each.version}/{artifact.language}"
        document = ClientDocument(
            version=str(each.version),
            language=artifact.language,
            name=artifact.name,
            package_version=artifact.version,
            kind=artifact.kind,
            filename=artifact.filename,
            sha256=artifact.sha256,
            size_bytes=artifact.size,
            registry=index_of(artifact, self._settings),
            requires=None if facts is None else dict([facts.requires] if facts.requires else []),
            dependencies=None if facts is None else dict(facts.dependencies),
            signatures=signatures,
            install=list(install_lines(artifact, self._settings, is_staged=each.is_staged).commands),
            install_with=tool_lines(artifact, self._settings, is_staged=each.is_staged),
            withdrawn=each.withdrawn,
            download=f"{address}/download",
            install_files=f"{address}/install",
        )
        return Document(document.model_dump_json().encode(), is_whole=facts is not None)

    def _signatures(self, each: IndexedVersion, address: str) -> list[SignatureDocument]:
        envelope = self._catalogue.trust.attestation(each.version) if each.is_signed else None
        listed = json.loads(envelope)["signatures"] if envelope is not None else []
        return [SignatureDocument(keyid=one["keyid"], sig=one["sig"], statement=address) for one in listed]

    def _install(self, each: IndexedVersion, language: Language, file: str | None) -> Document:
        artifact = self._described.one(each.version, language).artifact
        files = install_files(artifact, self._settings, is_staged=each.is_staged)
        if file is None:
            commands = tool_lines(artifact, self._settings, is_staged=each.is_staged)
            return Document.of(
                InstallDocument(version=str(each.version), language=language, commands=commands, files=files)
            )
        if file not in files:
            raise NotPublishedError(_no_file(file, files))
        return Document(files[file].encode(), "text/plain")


def _no_file(file: str, files: dict[str, str]) -> Problem:
    return Problem(
        code="not-published",
        message=f"there is no ready file called {file!r} for this package",
        fix=f"ask for one of {', '.join(files)}",
    )
