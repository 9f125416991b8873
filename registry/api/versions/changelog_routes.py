"""``/changelog``: of all versions, a page at a time, and of one with what its migrations lock."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from migrations.scripts.locks import script_locks
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ...catalogue import Catalogue
from ...catalogue.lookup import published_version
from ...versions.amend import corrected, correction_document
from ..documents import ChangelogDocument, CorrectionDocument, LockDocument, MigrationLocksDocument
from ..served.document import JSON, Document, base_path
from ..served.kept_documents import KeptDocuments
from ..served.negotiation import preferred
from ..served.version_index import VersionIndex
from .documents import ChangelogEntry, ChangelogList
from .listing import VersionsQuery, page_of
from .version_routes import VersionPath

MARKDOWN: Final = "text/markdown"
_OFFERED = (JSON, MARKDOWN)
_CONTENT: dict[int | str, dict[str, Any]] = {200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}}


def changelog_routes(catalogue: Catalogue, kept: KeptDocuments) -> APIRouter:
    router = APIRouter(tags=["versions"])
    views = _Views(catalogue, kept)
    router.get("/changelog", response_model=ChangelogList, responses=_CONTENT)(views.changelogs)
    router.get("/changelog/{version}", response_model=ChangelogDocument, responses=_CONTENT)(views.changelog)
    return router


class _Views:
    def __init__(self, catalogue: Catalogue, kept: KeptDocuments) -> None:
        self._catalogue = catalogue
        self._kept = kept

    async def changelogs(self, request: Request, query: Annotated[VersionsQuery, Query()]) -> Response:
        """The changelogs of versions, newest first, a page at a time; filtered as `/versions` is. With
        `Accept: text/markdown`, one document."""
        form, now = preferred(request, _OFFERED), await self._kept.now()
        path = f"{base_path(request)}/changelog"
        document = await now.document(
            ("changelogs", form, path, query), lambda: self._list(now.index, query, path, form)
        )
        return _varying(now.respond(request, document))

    async def changelog(self, request: Request, version: VersionPath) -> Response:
        """What changed in a version, how to upgrade, and what its migrations lock and for how long. With
        `Accept: text/markdown`, the changelog alone."""
        form, now = preferred(request, _OFFERED), await self._kept.now()
        found = now.index.resolve(version)
        document = await now.document(
            ("changelog", form, found.version), lambda: self._one(now.index, found.version, form)
        )
        location = None if found.is_exact else f"{base_path(request)}/changelog/{found.version}"
        return _varying(now.respond(request, document, location=location))

    def _list(self, index: VersionIndex, query: VersionsQuery, path: str, form: str) -> Document:
        page = page_of(index, query, path)
        texts = self._catalogue.changelogs(each.version for each in page.versions)
        for each in page.versions:
            for made in each.corrections:
                if made.what == "changelog":
                    texts[each.version] = made.text
        entries = [
            ChangelogEntry(
                version=str(each.version),
                published_at=each.summary.published_at,
                withdrawn=each.withdrawn,
                changelog=texts[each.version],
            )
            for each in page.versions
        ]
        if form == MARKDOWN:
            text = "\n\n".join(entry.changelog.strip() for entry in entries)
            return Document(f"{text}\n".encode(), MARKDOWN, {"Link": page.links})
        listed = ChangelogList(schema_name=index.schema_name, total=page.total, changelogs=entries)
        return Document.of(listed, {"Link": page.links})

    def _one(self, index: VersionIndex, version: SchemaVersion, form: str) -> Document:
        published = published_version(self._catalogue, version)
        now = corrected(published, index.versions[version].corrections)
        if form == MARKDOWN:
            return Document(now.published.changelog.encode(), MARKDOWN)
        durations = dict(published.rehearsed_ms)
        return Document.of(
            ChangelogDocument(
                version=str(version),
                changelog=now.published.changelog,
                original=published.changelog,
                corrections=[CorrectionDocument(**correction_document(each)) for each in now.corrections],
                migrations=[_locks(each, durations.get(each.id)) for each in published.migrations],
            )
        )


def _varying(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer


def _locks(migration: Migration, rehearsed_ms: float | None) -> MigrationLocksDocument:
    locks = [
        LockDocument(table=lock.table, mode=lock.mode, waiting=lock.waiting, works=list(lock.works))
        for lock in script_locks(migration.up)
    ]
    return MigrationLocksDocument(id=migration.id, rehearsed_ms=rehearsed_ms, locks=locks)
