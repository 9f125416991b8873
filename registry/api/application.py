"""The Schema API over one catalogue. Only registered databases need the workspace: all else is in the state
database."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path as FolderPath
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi_offline import FastAPIOffline

from generators.target import Kind, Language
from migrations.scripts.locks import script_locks
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin, base_of
from schemas.workspace.migration import Migration

from ..artifacts.store import open_store
from ..catalogue import Catalogue, Correction, PublishedDraft, PublishedVersion, VersionSummary
from ..config.settings import Settings
from ..consumers.install_commands import install_lines
from ..databases.manifests import PublishedManifests
from ..errors import NotPublishedError
from ..notify.feed import MEDIA_TYPE, MOST_ENTRIES, releases_feed
from ..publishers.publisher import Publisher
from ..versions.amend import corrected, corrected_descriptions, correction_document
from .addresses import below
from .artifact_bytes import artifact_response
from .content_limit import LimitContent
from .documents import (
    ChangelogDocument,
    ClientDocument,
    CorrectionDocument,
    DraftDocument,
    Entry,
    Health,
    LockDocument,
    MigrationDocument,
    MigrationList,
    MigrationLocksDocument,
    ProblemDocument,
    SchemaDocument,
    VersionDocument,
    VersionList,
)
from .head_requests import AnswerHead
from .migration_runs import add_migration_runs
from .npm_registry import add_npm_registry
from .problem_details import PROBLEM_STATUSES, answer_errors
from .publishing.routes import add_publishing

VersionPath = Annotated[str, Path(description="a semantic version, or `latest`", examples=["2.0.0"])]
DraftsQuery = Annotated[bool, Query(description="list the packages of drafts, too")]
StagedQuery = Annotated[bool, Query(description="list versions that wait to be promoted, too")]
_LATEST = "latest"
_LINKS = {
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "health": "/healthz",
    "versions": "/versions",
    "latest": "/versions/latest",
    "schema": "/schema/{version}",
    "changelog": "/changelog/{version}",
    "client": "/client/{version}/{language}",
    "migrations": "/migrations/{version}",
    "feed": "/feed.atom",
    "signing_keys": "/-/npm/v1/keys",
}
_LINKS_OF_A_WORKSPACE = {
    "databases": "/databases",
    "runs": "/runs",
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
        responses={status: {"model": ProblemDocument} for status in PROBLEM_STATUSES},
    )
    answer_errors(app)
    app.add_middleware(AnswerHead)
    app.add_middleware(LimitContent)
    links = _LINKS if root is None else {**_LINKS, **_LINKS_OF_A_WORKSPACE}
    views = _Views(catalogue, settings, publishers, links)
    app.get("/", tags=["service"])(views.entry)
    app.get("/healthz", tags=["service"])(views.health)
    app.get("/versions", tags=["versions"])(views.versions)
    app.get("/versions/latest", tags=["versions"])(views.latest)
    app.get("/schema/{version}", tags=["versions"])(views.schema)
    app.get("/changelog/{version}", tags=["versions"])(views.changelog)
    app.get("/client/{version}/{language}", tags=["packages"])(views.client)
    download = app.get("/client/{version}/{language}/download", tags=["packages"], response_class=Response)
    download(views.download)
    app.get("/migrations/{version}", tags=["migrations"])(views.migrations)
    app.get("/feed.atom", tags=["versions"], response_class=Response)(views.feed)
    add_npm_registry(app, catalogue, settings, publishers)
    if root is not None:
        add_publishing(app, catalogue, settings, root)
        store = open_store(settings.artifacts, root)
        add_migration_runs(app, catalogue, settings, PublishedManifests(catalogue, dict(publishers), store))
    return app


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of versions besides what they were published with: corrections, withdrawals, what waits to
    be promoted, and where they come from."""

    corrections: Sequence[Correction]
    withdrawn: Mapping[SchemaVersion, str]
    staged: Container[SchemaVersion]
    origins: Mapping[SchemaVersion, Origin]


class _Views:
    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        publishers: Mapping[Kind, Publisher],
        links: dict[str, str],
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._publishers = publishers
        self._links = links

    def entry(self, request: Request) -> Entry:
        """What there is, and where."""
        links = {name: below(request, path) for name, path in self._links.items()}
        latest = self._catalogue.latest()
        return Entry(
            schema_name=self._catalogue.schema_name, latest=str(latest) if latest else None, links=links
        )

    def health(self) -> Health:
        """Whether the state database answers; 503 if not."""
        latest = self._catalogue.latest()
        return Health(status="ok", latest=str(latest) if latest else None)

    def _said(self) -> _Said:
        known = self._catalogue
        return _Said(known.corrections.all(), known.events.withdrawn(), known.staged.all(), known.origins())

    def versions(self, drafts: DraftsQuery = False, staged: StagedQuery = False) -> VersionList:
        """Every published version, newest first."""
        latest, said = self._catalogue.latest(), self._said()
        return VersionList(
            schema_name=self._catalogue.schema_name,
            latest=str(latest) if latest else None,
            versions=[
                VersionDocument(**_facts(each, latest, said))
                for each in reversed(self._catalogue.summaries())
                if staged or each.version not in said.staged
            ],
            drafts=[_draft(each) for each in reversed(self._catalogue.drafts.all())] if drafts else [],
        )

    def latest(self) -> VersionDocument:
        """The version that consumers get when they don't name one."""
        published = self._published(_LATEST)
        return VersionDocument(**_facts(published, published.version, self._said()))

    def schema(self, version: VersionPath) -> SchemaDocument:
        """The schema of a version, as it was published."""
        said = self._said()
        published = self._published(version)
        now = corrected(published, _of(published.version, said.corrections)).published
        return SchemaDocument(
            **_facts(published, self._catalogue.latest(), said),
            schema_text=published.schema_text,
            partial_types=published.partial_types,
            changelog=now.changelog,
            notes=now.notes,
        )

    def changelog(self, version: VersionPath) -> ChangelogDocument:
        """What changed in a version, how to upgrade, and what its migrations lock and for how long."""
        published = self._published(version)
        now = corrected(published, self._catalogue.corrections.of(published.version))
        durations = dict(published.rehearsed_ms)
        return ChangelogDocument(
            version=str(published.version),
            changelog=now.published.changelog,
            original=published.changelog,
            corrections=[CorrectionDocument(**correction_document(each)) for each in now.corrections],
            migrations=[_locks(each, durations.get(each.id)) for each in published.migrations],
        )

    def client(self, version: VersionPath, language: Language, request: Request) -> ClientDocument:
        """The package of a version for one language: its name, its digest and how to install it."""
        published = self._published(version)
        artifact = published.artifact(language)
        return ClientDocument(
            version=str(published.version),
            language=language,
            name=artifact.name,
            package_version=artifact.version,
            kind=artifact.kind,
            filename=artifact.filename,
            sha256=artifact.sha256,
            size_bytes=artifact.size,
            registry=self._registry_of(artifact.kind),
            install=list(
                install_lines(
                    artifact, self._settings, is_staged=published.version in self._catalogue.staged.all()
                ).commands
            ),
            withdrawn=self._catalogue.events.withdrawn().get(published.version),
            download=below(request, f"/client/{published.version}/{language}/download"),
        )

    def download(self, version: VersionPath, language: Language) -> Response:
        """The file itself, read from its registry and checked against the digest of its release."""
        artifact = self._published(version).artifact(language)
        return artifact_response(artifact, self._publishers)

    def migrations(self, version: VersionPath) -> MigrationList:
        """Every migration up to a version, in order, with its SQL."""
        published = self._published(version)
        documents = [
            MigrationDocument(
                id=m.id, number=m.number, name=m.name, version=str(m.version), up=m.up, down=m.down
            )
            for m in self._catalogue.migrations_up_to(published.version)
        ]
        return MigrationList(version=str(published.version), migrations=documents)

    def feed(self, request: Request) -> Response:
        """The releases as an Atom feed, with what was corrected and withdrawn since."""
        releases = self._catalogue.release_log.newest(MOST_ENTRIES)
        content = releases_feed(
            self._catalogue.schema_name, releases, url=str(request.url), base_url=str(request.base_url)
        )
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        if etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
        return Response(content, media_type=MEDIA_TYPE, headers={"ETag": etag})

    def _published(self, text: str) -> PublishedVersion:
        version = self._catalogue.latest() if text == _LATEST else SchemaVersion.parse(text)
        published = self._catalogue.find(version) if version else None
        if published is None:
            raise NotPublishedError(
                _not_published(str(version) if version else text, self._catalogue.latest())
            )
        return published

    def _registry_of(self, kind: Kind) -> str | None:
        registries = self._settings.registries
        if kind == "wheel":
            return registries.pypi.simple_url if registries.pypi else None
        return registries.npm.url if registries.npm else None


def _locks(migration: Migration, rehearsed_ms: float | None) -> MigrationLocksDocument:
    locks = [
        LockDocument(table=lock.table, mode=lock.mode, waiting=lock.waiting, works=list(lock.works))
        for lock in script_locks(migration.up)
    ]
    return MigrationLocksDocument(id=migration.id, rehearsed_ms=rehearsed_ms, locks=locks)


def _of(version: SchemaVersion, corrections: Sequence[Correction]) -> tuple[Correction, ...]:
    return tuple(each for each in corrections if each.version == version)


def _draft(draft: PublishedDraft) -> DraftDocument:
    return DraftDocument(
        version=str(draft.version),
        draft=str(draft.number),
        published_at=draft.published_at,
        published_by=draft.published_by,
    )


def _facts(
    published: PublishedVersion | VersionSummary,
    latest: SchemaVersion | None,
    said: _Said,
) -> dict[str, Any]:
    made = _of(published.version, said.corrections)
    description = corrected_descriptions(made).get(published.version, published.description)
    base = base_of(published.version, said.origins)
    takes = said.origins[published.version].takes
    return {
        "version": str(published.version),
        "description": description,
        "corrected": sorted({each.what for each in made}),
        "author": published.author,
        "latest": published.version == latest,
        "withdrawn": said.withdrawn.get(published.version),
        "staged": published.version in said.staged,
        "follows": str(base) if base else None,
        "takes": {str(version): dict(answers) for version, answers in takes.items()},
        "published_at": published.published_at,
        "published_by": published.published_by,
        "schema_digest": published.schema_digest,
    }


def _not_published(text: str, latest: SchemaVersion | None) -> Problem:
    fix = f"latest is {latest}; GET /versions lists all" if latest else "nothing is published yet"
    return Problem(code="not-published", message=f"{text[:80]} is not published", fix=fix)
