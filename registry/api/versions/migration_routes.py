"""``/migrations``: every migration up to a version, with what linter and rehearsal say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from fastapi import APIRouter, Request, Response

from migrations.errors import LinterError
from migrations.review import lint_migrations
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ...catalogue import Catalogue
from ..documents import FindingDocument, MigrationDocument, MigrationList
from ..served.document import Document, base_path
from ..served.kept_documents import KeptDocuments
from .version_routes import VersionPath

_WAYS: Final[tuple[Literal["up", "down"], ...]] = ("up", "down")


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
        """Every migration up to a version, in order, with its SQL; of the version's own ones, what the linter
        finds and how long they took in the rehearsal."""
        now = await self._kept.now()
        found = now.index.resolve(version)
        document = await now.document(("migrations", found.version), lambda: self._list(found.version))
        location = None if found.is_exact else f"{base_path(request)}/migrations/{found.version}"
        return now.respond(request, document, location=location)

    def _list(self, version: SchemaVersion) -> Document:
        history = self._catalogue.migrations_up_to(version)
        own = tuple(migration for migration in history if migration.version == version)
        findings, published = _findings(own, history), self._catalogue.find(version)
        durations = dict(published.rehearsed_ms) if published else {}
        documents = [
            MigrationDocument(
                id=m.id,
                number=m.number,
                name=m.name,
                version=str(m.version),
                up=m.up,
                down=m.down,
                findings=findings.get(m.id),
                rehearsed_ms=durations.get(m.id),
            )
            for m in history
        ]
        return Document.of(MigrationList(version=str(version), migrations=documents))


def _findings(own: Sequence[Migration], history: Sequence[Migration]) -> dict[str, list[FindingDocument]]:
    """Of each of a version's ``own`` migrations, as `check` tells them; none if no linter runs."""
    try:
        problems = lint_migrations(own, history)
    except LinterError:
        return {}
    found: dict[str, list[FindingDocument]] = {migration.id: [] for migration in own}
    scripts = {m.script_path(way): m.id for m in own for way in _WAYS}
    for problem in problems:
        facts = {name: getattr(problem, name) for name in FindingDocument.model_fields}
        found[scripts[str(problem.file)]].append(FindingDocument(**facts))
    return found
