"""Artifacts in S3-compatible storage, with the credentials of the environment, as the AWS tools read them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from schemas.errors import Problem

from ..config.artifacts import ArtifactsTable
from ..errors import ArtifactStoreError

_CONNECT_SECONDS, _REQUEST_SECONDS = 10, 120
_RETRIES, _RETRY_SECONDS = 3, 30
_NOTHING = "0" * 64  # what no content has as its digest
_DEFAULT_REGION = "us-east-1"


class ObjectStore:
    """Every method raises ArtifactStoreError."""

    def __init__(self, table: ArtifactsTable) -> None:
        self._url = table.url or ""
        parts = urlsplit(self._url)
        endpoint = table.endpoint_url.rstrip("/") if table.endpoint_url else None
        with self._told():
            self._store = S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                endpoint=endpoint,
                region=table.region or _DEFAULT_REGION,
                client_options={
                    "allow_http": (endpoint or "").startswith("http://"),
                    "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
                    "timeout": timedelta(seconds=_REQUEST_SECONDS),
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
                },
            )

    def put(self, content: bytes) -> str:
        """Store ``content`` and return its sha256 (hex)."""
        digest = hashlib.sha256(content).hexdigest()
        with self._told():
            self._store.put(digest, content)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The content with that sha256, or None if it isn't stored intact."""
        with self._told():
            try:
                content = self._store.get(digest).bytes().to_bytes()
            except FileNotFoundError:
                return None
        return content if hashlib.sha256(content).hexdigest() == digest else None

    def check(self) -> None:
        """Whether the bucket answers; that it takes something is seen when it is given that."""
        self.get(_NOTHING)

    def remove(self, digest: str, before: datetime) -> None:
        """Remove that content, unless somebody has put it there again since ``before``."""
        with self._told():
            try:
                if self._store.head(digest)["last_modified"] < before:
                    self._store.delete(digest)
            except FileNotFoundError:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise ArtifactStoreError(_unavailable(self._url, str(error).partition("\n")[0])) from error


def _unavailable(url: str, why: str) -> Problem:
    return Problem(
        code="artifact-store-unavailable",
        message=f"the artifacts at {url} can't be read or written: {why}",
        fix="check [artifacts] url, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the bucket exists, "
        "then run this again",
    )
