"""One line of the log, and one count, for each request; and an id by which the caller finds it."""

from __future__ import annotations

import logging
import re
import time
from contextvars import ContextVar
from http import HTTPStatus
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Problem

from ..problem_details import problem_response
from .metrics import RequestMetrics

HEADER = "X-Request-ID"
_LOG = logging.getLogger(__name__)
_USABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """That of the request that is answered here; None outside of any."""
    return _REQUEST_ID.get()


class LogRequests:
    """Neither the query nor any header is logged: both may hold what is secret."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _USABLE.fullmatch(given) else uuid4().hex
        token = _REQUEST_ID.set(request_id)
        started = time.perf_counter()
        status: int | None = None

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        except Exception:
            _LOG.exception("a request failed: this is a bug in schema-service")
            if status is not None:
                raise
            await problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, _bug(request_id))(
                scope, receive, with_id
            )
        finally:
            seconds = time.perf_counter() - started
            self._metrics.count(scope, status, seconds)
            _LOG.info("request", extra={"fields": _fields(scope, status, seconds)})
            _REQUEST_ID.reset(token)


def _fields(scope: Scope, status: int | None, seconds: float) -> dict[str, object]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "client": scope["client"][0] if scope.get("client") else None,
    }


def _bug(request_id: str) -> Problem:
    return Problem(
        code="internal-error",
        message="this request failed because of a bug in schema-service",
        fix=f"please report it with the lines of the service's log that have the request id {request_id}",
    )
