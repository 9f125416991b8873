"""How much a request may send: it is read whole, and before anybody knows who asks."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import Problem

from .problem_details import problem_response

MOST_BYTES = 64 * 1024


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
            if length.isdecimal() and int(length) > MOST_BYTES:
                refused = problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(length))
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _no_length() -> Problem:
    return Problem(
        code="request-too-large",
        message="the request doesn't say how much it sends",
        fix="send the header Content-Length, and no Transfer-Encoding",
    )


def _too_large(length: str) -> Problem:
    return Problem(
        code="request-too-large",
        message=f"the request sends {length[:20]} bytes, and {MOST_BYTES} are the most",
        fix="send only what /docs shows",
    )
