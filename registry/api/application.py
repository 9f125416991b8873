"""The Schema API over one catalogue. It needs no workspace: all it needs is in the state database."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from typing import Annotated

from fastapi import FastAPI, Path, Query, Response
from fastapi_offline import FastAPIOffline

from generators.target import Kind, Language
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue, PublishedDraft, PublishedVersion, VersionSummary
from ..config.settings import Settings
from ..consumers.install_commands import install_lines
from ..errors import NotPublishedError, VerificationError
from ..publishers.publisher import Publisher
from .documents import (
    ClientDocument,
    DraftDocument,
    Entry,
    Health,
    MigrationDocument,
    MigrationList,
    ProblemDocument,
    SchemaDocument,
    VersionDocument,
    VersionList,
)
from .head_requests import AnswerHead
from .problem_details import PROBLEM_STATUSES, answer_errors

VersionPath = Annotated[str, Path(description="a semantic version, or `latest`", examples=["2.0.0"])]
DraftsQuery = Annotated[bool, Query(description="list the packages of drafts, too")]
StagedQuery = Annotated[bool, Query(description="list versions that wait to be promoted, too")]
_MEDIA_TYPES: Mapping[Kind, str] = {"wheel": "application/zip", "npm": "application/gzip"}
_LATEST = "latest"
_LINKS = {
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "health": "/healthz",
    "versions": "/versions",
    "latest": "/versions/latest",
    "schema": "/schema/{version}",
    "client": "/client/{version}/{language}",
    "migrations": "/migrations/{version}",
}


def create_api(catalogue: Catalogue, settings: Settings, publishers: Mapping[Kind, Publisher]) -> FastAPI:
    """The application. Every error is an RFC 9457 problem document that names the fix."""
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
    views = _Views(catalogue, settings, publishers)
    app.get("/", tags=["service"])(views.entry)
    app.get("/healthz", tags=["service"])(views.health)
    app.get("/versions", tags=["versions"])(views.versions)
    app.get("/versions/latest", tags=["versions"])(views.latest)
    app.get("/schema/{version}", tags=["versions"])(views.schema)
    app.get("/client/{version}/{language}", tags=["packages"])(views.client)
    download = app.get("/client/{version}/{language}/download", tags=["packages"], response_class=Response)
    download(views.download)
    app.get("/migrations/{version}", tags=["migrations"])(views.migrations)
    return app


class _Views:
    def __init__(
        self, catalogue: Catalogue, settings: Settings, publishers: Mapping[Kind, Publisher]
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._publishers = publishers

    def entry(self) -> Entry:
        """What there is, and where."""
        latest = self._catalogue.latest()
        return Entry(
            schema_name=self._catalogue.schema_name, latest=str(latest) if latest else None, links=_LINKS
        )

    def health(self) -> Health:
        """Whether the state database answers; 503 if not."""
        latest = self._catalogue.latest()
        return Health(status="ok", latest=str(latest) if latest else None)

    def versions(self, drafts: DraftsQuery = False, staged: StagedQuery = False) -> VersionList:
        """Every published version, newest first."""
        latest, waiting = self._catalogue.latest(), self._catalogue.staged.all()
        return VersionList(
            schema_name=self._catalogue.schema_name,
            latest=str(latest) if latest else None,
            versions=[
                VersionDocument(**_facts(each, latest, waiting))
                for each in reversed(self._catalogue.summaries())
                if staged or each.version not in waiting
            ],
            drafts=[_draft(each) for each in reversed(self._catalogue.drafts.all())] if drafts else [],
        )

    def latest(self) -> VersionDocument:
        """The version that consumers get when they don't name one."""
        published = self._published(_LATEST)
        return VersionDocument(**_facts(published, published.version, self._catalogue.staged.all()))

    def schema(self, version: VersionPath) -> SchemaDocument:
        """The schema of a version, as it was published."""
        published = self._published(version)
        return SchemaDocument(
            **_facts(published, self._catalogue.latest(), self._catalogue.staged.all()),
            schema_text=published.schema_text,
            partial_types=published.partial_types,
            changelog=published.changelog,
        )

    def client(self, version: VersionPath, language: Language) -> ClientDocument:
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
            download=f"/client/{published.version}/{language}/download",
        )

    def download(self, version: VersionPath, language: Language) -> Response:
        """The file itself, read from its registry and checked against the digest of its release."""
        artifact = self._published(version).artifact(language)
        publisher = self._publishers[artifact.kind]
        content = publisher.download(artifact.name, artifact.version, artifact.filename)
        if hashlib.sha256(content).hexdigest() != artifact.sha256:
            raise VerificationError(_altered(artifact.filename))
        headers = {
            "Content-Disposition": f'attachment; filename="{artifact.filename}"',
            "ETag": f'"{artifact.sha256}"',
        }
        return Response(content, media_type=_MEDIA_TYPES[artifact.kind], headers=headers)

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
    staged: Container[SchemaVersion],
) -> dict[str, object]:
    return {
        "version": str(published.version),
        "description": published.description,
        "author": published.author,
        "latest": published.version == latest,
        "staged": published.version in staged,
        "published_at": published.published_at,
        "published_by": published.published_by,
        "schema_digest": published.schema_digest,
    }


def _not_published(text: str, latest: SchemaVersion | None) -> Problem:
    fix = f"latest is {latest}; GET /versions lists all" if latest else "nothing is published yet"
    return Problem(code="not-published", message=f"{text[:80]} is not published", fix=fix)


def _altered(filename: str) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry serves other bytes for {filename} than were published",
        fix="check for a proxy or a plug-in that rewrites packages",
    )
