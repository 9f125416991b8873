"""A document as it is sent: its bytes, what they are, and how long they may be kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel

#: For an address whose content never changes. Not ``public``: readers may have to show a token.
IMMUTABLE: Final = "max-age=31536000, immutable"
#: For one whose content may: it is kept, and asked for again with its ETag.
REVALIDATED: Final = "no-cache"
JSON: Final = "application/json"
_TAGS = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Document:
    """``etag`` is of the bytes. One that is not ``is_whole`` lacks what couldn't be read: it isn't kept."""

    body: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = True
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", f'"{hashlib.sha256(self.body).hexdigest()}"')

    @classmethod
    def of(cls, model: BaseModel, headers: Mapping[str, str] | None = None) -> Document:
        """A model as JSON."""
        return cls(model.model_dump_json().encode(), headers=headers or {})

    @property
    def size(self) -> int:
        return len(self.body)


def respond(
    request: Request, document: Document, *, caching: str = REVALIDATED, location: str | None = None
) -> Response:
    """The whole document, or 304 for who has it. ``location`` is the address of what a moving one, such as
    `latest`, stands for now."""
    headers = {"ETag": document.etag, "Cache-Control": caching, **document.headers}
    if location is not None:
        headers["Content-Location"] = location
    if is_known(request, document.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(document.body, media_type=document.media_type, headers=headers)


def is_known(request: Request, etag: str) -> bool:
    """Whether the request is conditional on another content than it would get (RFC 9110, section 13.1.2)."""
    known = request.headers.get("If-None-Match")
    return known is not None and names_tag(known, etag)


def names_tag(known: str, etag: str) -> bool:
    """Whether ``known``, the value of If-None-Match, has ``etag``."""
    return known.strip() == "*" or etag in _TAGS.findall(known)


def base_path(request: Request) -> str:
    """Where this API begins, below the host: what a document's own links start with."""
    path: str = request.scope.get("root_path", "")
    return path.rstrip("/")
