"""``/diff``: what differs between two versions; ``/compatibility``: which clients fit which databases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from generators.target import PackageNames
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue
from ...review.diff import version_diff
from ...review.diff_markdown import diff_markdown
from ...review.known_versions import KnownVersions
from ..served.document import JSON, Document, base_path
from ..served.kept_documents import KeptDocuments
from ..served.negotiation import preferred
from ..version_patterns import ANY_VERSION
from .changelog_routes import MARKDOWN
from .client_compatibility import OldestClients, compatibility
from .documents import CompatibilityDocument, DiffDocument
from .parsed_schemas import ParsedSchemas
from .version_routes import VersionPath

_CONTENT: dict[int | str, dict[str, Any]] = {200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}}
VersionQuery = Annotated[
    str | None,
    Query(
        description="only of these: a version, `latest` or a range",
        examples=["^1"],
        max_length=80,
        **ANY_VERSION,
    ),
]


def comparison_routes(
    catalogue: Catalogue,
    kept: KeptDocuments,
    schemas: ParsedSchemas,
    names: PackageNames,
    oldest: OldestClients,
) -> APIRouter:
    router = APIRouter(tags=["versions"])
    views = _Views(catalogue, kept, schemas, names, oldest)
    router.get("/diff/{a}/{b}", response_model=DiffDocument, responses=_CONTENT)(views.diff)
    router.get("/compatibility", response_model=CompatibilityDocument)(views.compatibility)
    return router


class _Views:
    def __init__(
        self,
        catalogue: Catalogue,
        kept: KeptDocuments,
        schemas: ParsedSchemas,
        names: PackageNames,
        oldest: OldestClients,
    ) -> None:
        self._catalogue = catalogue
        self._kept = kept
        self._schemas = schemas
        self._names = names
        self._oldest = oldest

    async def diff(self, request: Request, a: VersionPath, b: VersionPath) -> Response:
        """What differs in `b` from `a`, for whom, with the line of code before and after, and what the
        migrations lock. With `Accept: text/markdown`, as a page."""
        form, now = preferred(request, (JSON, MARKDOWN)), await self._kept.now()
        before, after = now.index.resolve(a), now.index.resolve(b)

        def made() -> Document:
            known = KnownVersions(None, self._catalogue)
            found = version_diff(known, before.version, after.version, self._names, self._schemas.bridge)
            if form == MARKDOWN:
                return Document(diff_markdown(found).encode(), MARKDOWN)
            return Document(json.dumps(found.to_json(), ensure_ascii=False).encode())

        document = await now.document(("diff", form, before.version, after.version), made)
        exact = f"{base_path(request)}/diff/{before.version}/{after.version}"
        answer = now.respond(
            request, document, location=None if before.is_exact and after.is_exact else exact
        )
        answer.headers["Vary"] = "Accept"
        return answer

    async def compatibility(
        self, request: Request, database: VersionQuery = None, client: VersionQuery = None
    ) -> Response:
        """Which versions' packages work on a database at which version, as each release has promised it."""
        now = await self._kept.now()
        index = now.index
        at = index.resolve(database).version if database is not None else None
        of = index.resolve(client).version if client is not None else None

        def made() -> Document:
            found: Mapping[SchemaVersion, SchemaVersion] = self._oldest.of(index)
            return Document.of(compatibility(index, self._catalogue.origins(), found, at, of))

        return now.respond(request, await now.document(("compatibility", at, of), made))
