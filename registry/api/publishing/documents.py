"""What publishing over HTTP takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from ...catalogue.facts.uploads import Upload
from ...catalogue.release_jobs import ReleaseJob
from ...release_jobs.checkout import REF_PATTERN
from ..documents import ProblemItem, RequestBody
from ..version_patterns import VERSION

_DIGEST = r"^[0-9a-f]{64}$"


class RefRequest(RequestBody):
    """What the configured checkout is asked for."""

    ref: str = Field(
        description="a branch, a tag or a commit",
        examples=["v2.0.0", "refs/heads/main"],
        max_length=200,
        pattern=REF_PATTERN,
    )


class ReleaseRequest(RequestBody):
    """What is to be released."""

    draft: str | None = Field(
        default=None,
        description="the digest of an upload; the newest of the version by default",
        pattern=_DIGEST,
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class ChangeRequest(RequestBody):
    dry_run: bool = Field(default=False, description="only tell what would be done")


class WithdrawRequest(ChangeRequest):
    """Why nobody should use the version any more."""

    reason: str = Field(max_length=300, examples=["loses orders on upgrade"])
    latest: str | None = Field(
        default=None,
        description="what becomes latest, where the version is",
        max_length=80,
        **VERSION,
        examples=["1.1.0"],
    )


class UploadDocument(BaseModel):
    version: str
    draft: str = Field(description="the digest of its files: the same files are the same draft")
    files: int
    size: int = Field(description="in bytes, unpacked")
    commit: str | None = Field(description="of one that was taken from the checkout")
    uploaded_at: datetime
    uploaded_by: str


class UploadList(BaseModel):
    drafts: list[UploadDocument] = Field(description="newest first")


class ReleaseJobDocument(BaseModel):
    id: str
    action: str = Field(examples=["check", "publish", "push", "promote", "latest", "rollback", "withdraw"])
    version: str
    draft: str | None = Field(description="of what was uploaded: its digest")
    options: dict[str, Any]
    state: str = Field(examples=["queued", "running", "succeeded", "failed", "cancelled"])
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int = Field(description="how often it was begun: again where a worker ended")
    is_publishing: bool = Field(
        description="whether it has begun to change what consumers see: it can't be cancelled any more"
    )
    result: dict[str, Any] | None = Field(
        description="of one that succeeded; of a publish with the files to commit, by their paths"
    )
    problems: list[ProblemItem] = Field(description="of one that failed, each with its place in the draft")


class ReleaseJobList(BaseModel):
    releases: list[ReleaseJobDocument] = Field(description="newest first")


def upload_document(upload: Upload) -> UploadDocument:
    return UploadDocument(
        version=str(upload.version),
        draft=upload.digest,
        files=upload.files,
        size=upload.size,
        commit=upload.origin,
        uploaded_at=upload.uploaded_at,
        uploaded_by=upload.uploaded_by,
    )


def job_document(job: ReleaseJob) -> ReleaseJobDocument:
    facts = asdict(job)
    outcome: Mapping[str, Any] = facts.pop("outcome") or {}
    for own in ("worker", "cancel_asked"):
        del facts[own]
    is_done = job.state == "succeeded"
    return ReleaseJobDocument(
        **{**facts, "version": str(job.version)},
        result=dict(outcome) if is_done else None,
        problems=[] if is_done else [_item(problem) for problem in outcome.get("problems", ())],
    )


def _item(problem: Mapping[str, Any]) -> ProblemItem:
    place = ":".join(str(problem[part]) for part in ("file", "line", "column") if problem.get(part))
    message = f"{place}: {problem['message']}" if place else problem["message"]
    return ProblemItem.model_validate({**problem, "message": message})
