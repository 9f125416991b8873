"""The Schema API over one catalogue. Only registered databases need the workspace: all else is in the state
database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FolderPath

from fastapi import Depends, FastAPI, Request
from fastapi_offline import FastAPIOffline

from generators.target import Kind

from ..artifacts.store import open_store
from ..catalogue import Catalogue
from ..config.settings import Settings
from ..databases.manifests import PublishedManifests
from ..publishers.publisher import Publisher
from .access.known_parameters import refuse_unknown_parameters
from .content_limit import LimitContent
from .documents import Entry, Health
from .fleets.routes import add_fleet_runs
from .head_requests import AnswerHead
from .migration_runs import add_migration_runs
from .problem_details import answer_errors, problem_answers
from .publishing.routes import add_publishing
from .reading_routes import reading_routes
from .served.document import base_path
from .served.kept_answers import AnswerKept
from .served.kept_documents import KeptDocuments

_LINKS = {
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "health": "/healthz",
    "versions": "/versions",
    "latest": "/versions/latest",
    "schema": "/schema/{version}",
    "metadata": "/schema/{version}/metadata",
    "changelogs": "/changelog",
    "changelog": "/changelog/{version}",
    "diff": "/diff/{version}/{version}",
    "compatibility": "/compatibility",
    "client": "/client/{version}/{language}",
    "install": "/client/{version}/{language}/install",
    "python_index": "/simple/",
    "migrations": "/migrations/{version}",
    "feed": "/feed.atom",
    "signing_keys": "/-/npm/v1/keys",
}
_LINKS_OF_A_WORKSPACE = {
    "databases": "/databases",
    "runs": "/runs",
    "fleet_runs": "/fleet-runs",
    "drafts": "/drafts",
    "releases": "/releases",
}


def create_api(
    catalogue: Catalogue,
    settings: Settings,
    publishers: Mapping[Kind, Publisher],
    *,
    root: FolderPath | None = None,
) -> FastAPI:
    """The application. Every error is an RFC 9457 problem document that names the fix.

    With ``root``, the workspace's, it answers for registered databases and their runs, too.
    """
    # FastAPI's own pages load their scripts from a CDN, which a closed network can't reach.
    app = FastAPIOffline(
        redoc_url=None,
        title="Schema Service",
        description="Published versions of one database schema, and the packages that carry them.",
        version="1",
        responses=problem_answers(),
        dependencies=[Depends(refuse_unknown_parameters)],
    )
    answer_errors(app)
    kept = KeptDocuments(catalogue)
    app.add_middleware(AnswerKept, kept=kept)
    app.add_middleware(AnswerHead)
    app.add_middleware(LimitContent)
    links = _LINKS if root is None else {**_LINKS, **_LINKS_OF_A_WORKSPACE}
    views = _Views(catalogue, links)
    app.get("/", tags=["service"])(views.entry)
    app.get("/healthz", tags=["service"])(views.health)
    for router in reading_routes(catalogue, settings, publishers, root, kept):
        app.include_router(router)
    if root is not None:
        add_publishing(app, catalogue, settings, root)
        store = open_store(settings.artifacts, root)
        add_migration_runs(app, catalogue, settings, PublishedManifests(catalogue, dict(publishers), store))
        add_fleet_runs(app, catalogue, settings)
    return app


class _Views:
    def __init__(self, catalogue: Catalogue, links: dict[str, str]) -> None:
        self._catalogue = catalogue
        self._links = links

    def entry(self, request: Request) -> Entry:
        """What there is, and where."""
        links = {name: f"{base_path(request)}{path}" for name, path in self._links.items()}
        latest = self._catalogue.latest()
        return Entry(
            schema_name=self._catalogue.schema_name, latest=str(latest) if latest else None, links=links
        )

    def health(self) -> Health:
        """Whether this process answers; /readyz says whether it has all that it needs."""
        return Health(status="ok")
