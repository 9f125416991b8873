"""Drafts and release jobs over HTTP. Every write needs a token with the scope `publish`."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path as FolderPath
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from schemas.versions import SchemaVersion

from ...artifacts.store import ArtifactStore, open_store
from ...catalogue import Catalogue
from ...catalogue.access import Writer
from ...catalogue.release_jobs import Action
from ...config.settings import Settings
from ...release_jobs.checkout import archive_of
from ...release_jobs.request import job_request
from ...release_jobs.uploading import keep_upload
from ..authorisation import writer_with
from ..event_stream import MEDIA_TYPE, LastEvent, event_stream
from ..problem_details import write_answers
from ..served.document import base_path
from ..version_patterns import VERSION
from .documents import (
    ChangeRequest,
    RefRequest,
    ReleaseJobDocument,
    ReleaseJobList,
    ReleaseRequest,
    UploadDocument,
    UploadList,
    WithdrawRequest,
    job_document,
    upload_document,
)

VersionPath = Annotated[
    str, Path(description="a semantic version", examples=["2.0.0"], max_length=80, **VERSION)
]
JobPath = Annotated[str, Path(description="a release job's id", max_length=40, examples=["d011ac73701a"])]
MostQuery = Annotated[int, Query(description="how many", ge=1, le=1000, examples=[50])]
VersionQuery = Annotated[
    str | None, Query(description="only those of this one", max_length=80, examples=["2.0.0"], **VERSION)
]
#: What kind of archive it is, it tells itself.
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the folder of the version, or the workspace, as a zip, a tar or a tar.gz",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
#: A body that may be left out. It isn't nullable: what generators make of that sends no request without one.
_Release = Annotated[ReleaseRequest, Body(default_factory=ReleaseRequest)]
_Change = Annotated[ChangeRequest, Body(default_factory=ChangeRequest)]
_DRAFTS, _RELEASES = "drafts", "releases"
_Answers = dict[int | str, dict[str, Any]]


def add_publishing(app: FastAPI, catalogue: Catalogue, settings: Settings, root: FolderPath) -> None:
    """Let ``app`` take drafts, and release and change versions. ``root`` is the workspace's."""
    views = _Views(catalogue, settings, root)
    writes = write_answers()
    _add_drafts(app, catalogue, views, writes)
    _add_jobs(app, catalogue, views, writes)
    app.get("/drafts", tags=[_DRAFTS])(views.drafts)
    app.get("/releases", tags=[_RELEASES])(views.releases)
    app.get("/releases/{job_id}", tags=[_RELEASES])(views.release)
    stream: _Answers = {200: {"content": {MEDIA_TYPE: {}}}}
    events = app.get(
        "/releases/{job_id}/events", tags=[_RELEASES], response_class=StreamingResponse, responses=stream
    )
    events(views.release_events)


def _add_drafts(app: FastAPI, catalogue: Catalogue, views: _Views, answers: _Answers) -> None:
    may_publish = Depends(writer_with(catalogue, "publish"))

    async def upload_draft(
        version: VersionPath, request: Request, by: Writer = may_publish
    ) -> UploadDocument:
        """Upload a draft as one archive: its version's folder, or a workspace. The same files are the same
        draft."""
        content = await request.body()  # as long as it may be, which was looked at before
        return await run_in_threadpool(views.keep, version, content, by)

    def draft_from_ref(version: VersionPath, asked: RefRequest, by: Writer = may_publish) -> UploadDocument:
        """Take a draft from the configured checkout, as it is at a branch, a tag or a commit."""
        return views.keep_ref(version, asked.ref, by)

    put = app.put("/drafts/{version}", tags=[_DRAFTS], responses=answers, openapi_extra=_UPLOAD)
    put(upload_draft)
    app.post("/drafts/{version}/ref", tags=[_DRAFTS], responses=answers)(draft_from_ref)


def _add_jobs(app: FastAPI, catalogue: Catalogue, views: _Views, answers: _Answers) -> None:
    may_publish = Depends(writer_with(catalogue, "publish"))
    said: dict[str, Any] = {"status_code": HTTPStatus.ACCEPTED, "responses": answers, "tags": [_RELEASES]}

    def add_release(action: Action, what: str) -> None:
        def start(
            request: Request,
            response: Response,
            version: VersionPath,
            asked: _Release,
            by: Writer = may_publish,
        ) -> ReleaseJobDocument:
            return views.start(request, response, by, action, version, draft=asked.draft)

        name = f"{action}_version"
        app.post(f"/versions/{{version}}/{action}", name=name, description=what, **said)(start)

    def add_change(action: Action, what: str) -> None:
        def start(
            request: Request,
            response: Response,
            version: VersionPath,
            asked: _Change,
            by: Writer = may_publish,
        ) -> ReleaseJobDocument:
            return views.start(request, response, by, action, version, options=asked.model_dump())

        name = f"{action}_version"
        app.post(f"/versions/{{version}}/{action}", name=name, description=what, **said)(start)

    def withdraw_version(
        request: Request,
        response: Response,
        version: VersionPath,
        asked: WithdrawRequest,
        by: Writer = may_publish,
    ) -> ReleaseJobDocument:
        """Mark a version as one that nobody should use. Nothing is deleted."""
        return views.start(request, response, by, "withdraw", version, options=asked.model_dump())

    def cancel_release(job_id: JobPath, by: Writer = may_publish) -> ReleaseJobDocument:
        """Cancel a job that waits, or that hasn't published anything yet: it ends after the step that it is
        at. One that has begun to publish is finished."""
        return job_document(catalogue.release_jobs.cancel(job_id, by))

    def retry_release(job_id: JobPath, by: Writer = may_publish) -> ReleaseJobDocument:
        """Queue a job again that failed or was cancelled: a release goes on where it stopped."""
        return job_document(catalogue.release_jobs.retry(job_id, by))

    add_release("check", "Check an uploaded draft: all that `schema-service check` finds, and its rehearsal.")
    add_release("publish", "Publish an uploaded draft. The same asked for twice is one release.")
    add_release("push", "Upload and seal a draft that consumers don't get unasked yet.")
    add_release("promote", "Make a version visible that was pushed.")
    add_change("latest", "Make a published version the latest, whatever its number.")
    add_change("rollback", "Move latest back to a version below it. Databases are migrated by runs.")
    add_change("restore", "Take back that a version is withdrawn.")
    app.post("/versions/{version}/withdraw", **said)(withdraw_version)
    app.post("/releases/{job_id}/cancel", **said)(cancel_release)
    app.post("/releases/{job_id}/retry", **said)(retry_release)


class _Views:
    def __init__(self, catalogue: Catalogue, settings: Settings, root: FolderPath) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._root = root

    @property
    def _store(self) -> ArtifactStore:
        return open_store(self._settings.artifacts, self._root)

    def keep(self, version: str, content: bytes, by: Writer) -> UploadDocument:
        return upload_document(
            keep_upload(self._catalogue, self._store, SchemaVersion.parse(version), content, by)
        )

    def keep_ref(self, version: str, ref: str, by: Writer) -> UploadDocument:
        wanted = SchemaVersion.parse(version)
        commit, content = archive_of(self._settings.publishing, self._root, ref)
        kept = keep_upload(self._catalogue, self._store, wanted, content, by, origin=commit)
        return upload_document(kept)

    def start(
        self, request: Request, response: Response, by: Writer, action: Action, version: str, **asked: Any
    ) -> ReleaseJobDocument:
        """`Location` is where to ask how it goes."""
        job = self._catalogue.release_jobs.add(job_request(self._catalogue, action, version, **asked), by)
        response.headers["Location"] = f"{base_path(request)}/releases/{job.id}"
        return job_document(job)

    def drafts(self) -> UploadList:
        """The drafts that were uploaded, newest first."""
        return UploadList(drafts=[upload_document(each) for each in self._catalogue.uploads.all()])

    def releases(self, limit: MostQuery = 50, version: VersionQuery = None) -> ReleaseJobList:
        """The release jobs, newest first."""
        wanted = SchemaVersion.parse(version) if version is not None else None
        found = self._catalogue.release_jobs.newest(limit, version=wanted)
        return ReleaseJobList(releases=[job_document(job) for job in found])

    def release(self, job_id: JobPath) -> ReleaseJobDocument:
        """One release job, with its result or its problems."""
        return job_document(self._catalogue.release_jobs.find(job_id))

    def release_events(self, job_id: JobPath, last_event_id: LastEvent = 0) -> StreamingResponse:
        """What happens in a job, as server-sent events, until it is over; resumes by `Last-Event-ID`."""
        jobs = self._catalogue.release_jobs
        content = event_stream(jobs, jobs.find(job_id).id, after=last_event_id)
        return StreamingResponse(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
