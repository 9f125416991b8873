"""Asking for a job: what is checked before it waits for a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..catalogue.lookup import published_version
from ..catalogue.release_jobs import OF_DRAFTS, Action, NewReleaseJob
from ..lifecycle.changes import checked_reason
from .uploading import chosen_upload


def job_request(
    catalogue: Catalogue,
    action: Action,
    version: str,
    *,
    draft: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> NewReleaseJob:
    """A job on a version that was uploaded, or that is published.

    Raises InvalidVersionError, UploadError, NotPublishedError, and ReleaseError for a reason that is none.
    What the version's content and the registries let be done is for the job to say.
    """
    target, asked = SchemaVersion.parse(version), dict(options or {})
    if action == "promote" and draft is None:
        published_version(catalogue, target)
        return NewReleaseJob(action=action, version=target, options=asked)
    if action in OF_DRAFTS:
        upload = chosen_upload(catalogue, target, draft)
        return NewReleaseJob(action=action, version=target, draft=upload.digest, options=asked)
    published_version(catalogue, target)
    if action == "withdraw":
        asked["reason"] = checked_reason(str(asked.get("reason", "")))
        if asked.get("latest") is not None:
            asked["latest"] = str(published_version(catalogue, SchemaVersion.parse(asked["latest"])).version)
    return NewReleaseJob(action=action, version=target, options=asked)
