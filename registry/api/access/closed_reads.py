"""Reading with a token only, where `reads` is "closed"; and what the dependencies of all routes ask."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress

from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import ServiceError

from ...catalogue import Catalogue
from ..authorisation import TRUSTED_JOBS, authorised
from ..oidc.trusted_jobs import TrustedJobs
from ..problem_details import error_response
from ..route_path import route_path

#: Open in any case: how the service is, what it takes, what its problems mean; nothing of the team's.
OPEN_PATHS = ("/healthz", "/readyz", "/docs", "/openapi.json", "/problems")
_OPEN_FOLDERS = ("/problems/", "/static-offline-docs/")
_SCHEMAS = "/schemas/"
#: Whose password a token is, as on PyPI.
_INSTALLER = "__token__"


class Authorise:
    """Keeps the trusted jobs where ``authorised`` looks for them; refuses whoever may not read."""

    def __init__(self, app: ASGIApp, catalogue: Catalogue, jobs: TrustedJobs, *, is_closed: bool) -> None:
        self._app = app
        self._access = catalogue.access
        self._jobs = jobs
        self._is_closed = is_closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})[TRUSTED_JOBS] = self._jobs
            if self._is_closed and not is_open(route_path(scope)):
                try:
                    await run_in_threadpool(self._check, scope)
                except ServiceError as error:
                    await error_response(error)(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Before it is known whether there is what is asked for: that is for readers to know."""
        path = scope["path"]
        access = self._access
        if path.startswith(_SCHEMAS):
            access = access.of(path.removeprefix(_SCHEMAS).partition("/")[0])
        authorised(access, scope, _token(scope), "read")


def _token(scope: Scope) -> str | None:
    """Of the Bearer scheme, or as the password of `__token__`: installers have no other way. Browsers send
    passwords unasked, also for pages of other sites, so that one doesn't permit to write."""
    scheme, text = get_authorization_scheme_param(Headers(scope=scope).get("Authorization"))
    if scheme.lower() == "bearer":
        return text
    if scheme.lower() == "basic" and scope["method"] in ("GET", "HEAD"):
        with suppress(ValueError):
            user, _, password = b64decode(text, validate=True).decode().partition(":")
            return password if user == _INSTALLER else None
    return None


def is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(_OPEN_FOLDERS)
