"""notify: call the configured webhook. The release is complete by now, so a failing webhook can't undo it."""

from __future__ import annotations

from typing import Any

import requests

from ...catalogue import PublishedArtifact
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts

_TIMEOUT_SECONDS = 10


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Never raises for a webhook that fails: the result says so, and the release remains published."""
    if context.webhook_url is None:
        return {"summary": "skipped: [notify] webhook_env is not set", "notified": False}
    body = _announcement(snapshot, packed_artifacts(results))
    try:
        answer = requests.post(
            context.webhook_url, json=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        # The exception's own text holds the URL, and a webhook's URL is a secret.
        return {"summary": f"the webhook failed ({type(error).__name__})", "notified": False}
    return {"summary": "the webhook was called", "notified": True}


def _announcement(snapshot: Snapshot, artifacts: tuple[PublishedArtifact, ...]) -> dict[str, Any]:
    return {
        "event": "published",
        "schema": snapshot.schema_name,
        "version": str(snapshot.version),
        "description": snapshot.description,
        "changelog": snapshot.changelog,
        "packages": [{"name": a.name, "version": a.version, "sha256": a.sha256} for a in artifacts],
    }
