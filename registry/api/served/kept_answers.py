"""Answering what was asked before with what a route made of it: the same bytes and headers, without finding
the route and reading the request again.

All that stands before the routes (who may ask, how often, the log, the metrics) is passed as by any request.
"""

from __future__ import annotations

from collections.abc import Hashable
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import CatalogueError
from .answers import Answer, Headers, keep_answers, noted_documents
from .document import names_tag
from .kept_documents import KeptDocuments

_OF_CONTENT = (b"content-length", b"content-type")


class AnswerKept:
    """The application inside answers the rest."""

    def __init__(self, app: ASGIApp, kept: KeptDocuments) -> None:
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        key, known = _asked(scope)
        answer = await self._answer(key)
        if answer is None:
            await self._app(scope, receive, _keeping(scope, key, send))
            return
        scope["route"] = answer.route
        if known is not None and names_tag(known, answer.document.etag):
            headers = [each for each in answer.headers if each[0] not in _OF_CONTENT]
            await _send(send, HTTPStatus.NOT_MODIFIED, headers, b"")
        else:
            await _send(send, HTTPStatus.OK, list(answer.headers), answer.document.body)

    async def _answer(self, key: Hashable) -> Answer | None:
        try:
            return await self._kept.answer(key)
        except CatalogueError:
            return None  # the route says so


def _asked(scope: Scope) -> tuple[Hashable, str | None]:
    """All of a request that an answer depends on, and the tags of what the caller has."""
    accept: list[bytes] = []
    known: list[bytes] = []
    host = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept.append(value)
        elif name == b"host":
            host = value
        elif name == b"if-none-match":
            known.append(value)
    place = (scope["path"], scope["query_string"], scope.get("root_path", ""), scope["scheme"], host)
    return (*place, *accept), b", ".join(known).decode("latin-1") if known else None


def _keeping(scope: Scope, key: Hashable, send: Send) -> Send:
    """``send``, where the document that a route answers with is kept."""
    noted = noted_documents(scope)

    async def keep_and_send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
            keep_answers(noted, key, message["headers"], scope.get("route"))
        await send(message)

    return keep_and_send


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
