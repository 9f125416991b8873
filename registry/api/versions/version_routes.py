"""``/versions``: which there are, and what is told of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from schemas.errors import Problem

from ...catalogue import Catalogue, PublishedDraft
from ...errors import NotPublishedError
from ..documents import DraftDocument, VersionDocument, VersionList
from ..served.document import Document, base_path
from ..served.kept_documents import KeptDocuments
from ..served.version_index import LATEST, VersionIndex
from ..version_patterns import ANY_VERSION
from .listing import VersionsQuery, page_of
from .version_facts import version_facts

VersionPath = Annotated[
    str,
    Path(
        description="a version, `latest`, or a range such as `^1`, `~1.2`, `1`: npm's choice is taken",
        examples=["2.0.0"],
        **ANY_VERSION,
        max_length=120,
    ),
]
_ENVELOPE = "application/vnd.dsse.envelope.v1+json"


def version_routes(catalogue: Catalogue, kept: KeptDocuments) -> APIRouter:
    router = APIRouter(tags=["versions"])
    views = _Views(catalogue, kept)
    router.get("/versions", response_model=VersionList)(views.versions)
    router.get("/versions/latest", response_model=VersionDocument)(views.latest)
    router.get("/versions/{version}", response_model=VersionDocument)(views.version)
    router.get("/versions/{version}/attestation", response_class=Response)(views.attestation)
    return router


class _Views:
    def __init__(self, catalogue: Catalogue, kept: KeptDocuments) -> None:
        self._catalogue = catalogue
        self._kept = kept

    async def versions(self, request: Request, query: Annotated[VersionsQuery, Query()]) -> Response:
        """Published versions, newest first, a page at a time. The header `Link` has the other pages."""
        now = await self._kept.now()
        path = f"{base_path(request)}/versions"
        document = await now.document(("versions", path, query), lambda: self._list(now.index, query, path))
        return now.respond(request, document)

    async def latest(self, request: Request) -> Response:
        """The version that consumers get when they don't name one."""
        return await self.version(request, LATEST)

    async def version(self, request: Request, version: VersionPath) -> Response:
        """What is told of one version; its schema and packages have addresses of their own."""
        now = await self._kept.now()
        index, found = now.index, now.index.resolve(version)
        document = await now.document(
            ("version", found.version),
            lambda: Document.of(VersionDocument(**version_facts(index.versions[found.version], index))),
        )
        location = None if found.is_exact else f"{base_path(request)}/versions/{found.version}"
        return now.respond(request, document, location=location)

    async def attestation(self, request: Request, version: VersionPath) -> Response:
        """The signed statement about a release: a DSSE envelope with an in-toto statement."""
        now = await self._kept.now()
        found = now.index.resolve(version)

        def made() -> Document:
            envelope = self._catalogue.trust.attestation(found.version)
            if envelope is None:
                raise NotPublishedError(_unsigned(str(found.version)))
            return Document(envelope.encode(), _ENVELOPE)

        document = await now.document(("attestation", found.version), made)
        location = None if found.is_exact else f"{base_path(request)}/versions/{found.version}/attestation"
        return now.respond(request, document, location=location)

    def _list(self, index: VersionIndex, query: VersionsQuery, path: str) -> Document:
        page = page_of(index, query, path)
        listed = VersionList(
            schema_name=index.schema_name,
            latest=str(index.latest) if index.latest else None,
            total=page.total,
            versions=[VersionDocument(**version_facts(each, index)) for each in page.versions],
            drafts=[_draft(each) for each in reversed(self._catalogue.drafts.all())] if query.drafts else [],
        )
        return Document.of(listed, {"Link": page.links})


def _draft(draft: PublishedDraft) -> DraftDocument:
    return DraftDocument(
        version=str(draft.version),
        draft=str(draft.number),
        published_at=draft.published_at,
        published_by=draft.published_by,
    )


def _unsigned(version: str) -> Problem:
    return Problem(
        code="not-published",
        message=f"there is no signed statement about {version}",
        fix="see [trust] in schema-service.toml: releases are signed from then on",
    )
