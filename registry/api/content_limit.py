"""How much a request may send: it is read whole, and before anybody knows who asks."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import Problem

from .problem_details import problem_response
from .route_path import route_path

MOST_BYTES = 64 * 1024
#: Of an archive with a draft, which is read only once it is known who sends it.
MOST_UPLOADED_BYTES = 16 * 1024 * 1024
_UPLOADS = re.compile(r"/drafts/[^/]+")


class LimitContent:
    """Refuses requests with more content than any of ours has, or that don't say how much they have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("Content-Length", "0")
            if "Transfer-Encoding" in headers:
                await problem_response(HTTPStatus.LENGTH_REQUIRED, _no_length())(scope, receive, send)
                return
            # What isn't a number is refused by the server.
            most = _most(scope)
            if length.isdecimal() and int(length) > most:
                refused = problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(length, most))
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _no_length() -> Problem:
    return Problem(
        code="request-too-large",
        message="the request doesn't say how much it sends",
        fix="send the header Content-Length, and no Transfer-Encoding",
    )


def _most(scope: Scope) -> int:
    is_upload = scope["method"] == "PUT" and _UPLOADS.fullmatch(route_path(scope)) is not None
    return MOST_UPLOADED_BYTES if is_upload else MOST_BYTES


def _too_large(length: str, most: int) -> Problem:
    return Problem(
        code="request-too-large",
        message=f"the request sends {length[:20]} bytes, and {most} are the most",
        fix="send only what /docs shows",
    )
