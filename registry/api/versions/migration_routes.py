"""``/migrations``: the SQL of every migration up to a version."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from schemas.versions import SchemaVersion

from ...catalogue import Catalogue
from ..documents import MigrationDocument, MigrationList
from ..served.document import Document, base_path, respond
from ..served.kept_documents import KeptDocuments
from .version_routes import VersionPath


def migration_routes(catalogue: Catalogue, kept: KeptDocuments) -> APIRouter:
    router = APIRouter(tags=["migrations"])
    views = _Views(catalogue, kept)
    router.get("/migrations/{version}", response_model=MigrationList)(views.migrations)
    return router


class _Views:
    def __init__(self, catalogue: Catalogue, kept: KeptDocuments) -> None:
        self._catalogue = catalogue
        self._kept = kept

    async def migrations(self, request: Request, version: VersionPath) -> Response:
        """Every migration up to a version, in order, with its SQL."""
        now = await self._kept.now()
        found = now.index.resolve(version)
        document = await now.document(("migrations", found.version), lambda: self._list(found.version))
        location = None if found.is_exact else f"{base_path(request)}/migrations/{found.version}"
        return respond(request, document, location=location)

    def _list(self, version: SchemaVersion) -> Document:
        documents = [
            MigrationDocument(
                id=m.id, number=m.number, name=m.name, version=str(m.version), up=m.up, down=m.down
            )
            for m in self._catalogue.migrations_up_to(version)
        ]
        return Document.of(MigrationList(version=str(version), migrations=documents))
