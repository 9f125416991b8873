"""Who may do what: a token of the Bearer scheme (RFC 6750), with scopes, ours or that of a trusted CI job."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.errors import Problem

from ..catalogue import Catalogue
from ..catalogue.access import PREFIX, Access, Writer
from ..config.scopes import Scope, permits
from ..config.settings import Settings
from ..errors import ForbiddenError, UnauthenticatedError
from .oidc.trusted_jobs import TrustedJobs

BEARER = HTTPBearer(
    auto_error=False,
    description="made by `schema-service token create`, or signed by a CI system that is trusted",
)
#: Where the middleware keeps the jobs that are trusted, in the state of each request.
TRUSTED_JOBS = "trusted_jobs"


def writer_with(catalogue: Catalogue, scope: Scope) -> Callable[..., Writer]:
    """A dependency: who asks, whose token permits ``scope``. Raises UnauthenticatedError, ForbiddenError."""

    def writer(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    ) -> Writer:
        text = credentials.credentials if credentials else None
        return authorised(catalogue.access, request.scope, text, scope)

    return writer


def authorised(access: Access, request: Any, text: str | None, scope: Scope) -> Writer:
    """Who asks with the token ``text``, which has to permit ``scope`` in the schema of ``access``.

    ``request`` is its ASGI scope. Raises UnauthenticatedError, ForbiddenError.
    """
    if text is None:
        raise UnauthenticatedError(_missing(scope))
    origin = request["client"][0] if request.get("client") else "unknown"
    if text.startswith(PREFIX):
        token = access.used(text)
        found = [(f"token {token.name}", token.scopes, token.labels)] if token else []
    else:
        jobs: TrustedJobs = request.get("state", {}).get(TRUSTED_JOBS) or TrustedJobs({})
        found = [
            (job.who, job.scopes, job.labels)
            for job in jobs.find(text)
            if job.schemas is None or access.schema_name in job.schemas
        ]
    if not found:
        raise UnauthenticatedError(_invalid())
    for who, scopes, labels in found:
        if permits(scopes, scope):
            return Writer(who=who, origin=origin, labels=labels)
    raise ForbiddenError(_too_little(found[0][0], found[0][1], scope))


def check_databases(by: Writer, settings: Settings, names: Iterable[str]) -> None:
    """Whether the token's labels permit to change all of these databases. One that isn't registered is as
    good as one of others. Raises ForbiddenError."""
    for name in names:
        table = settings.databases.get(name)
        if not by.may_change(table.labels if table is not None else ()):
            raise ForbiddenError(_other_labels(by, name))


def _missing(scope: Scope) -> Problem:
    return Problem(
        code="token-missing",
        message="this needs a token",
        fix="send the header: Authorization: Bearer TOKEN; on the server, a token is made by: "
        f"schema-service token create NAME --scope {scope}",
    )


def _invalid() -> Problem:
    return Problem(
        code="token-invalid",
        message="this token is unknown, expired or revoked",
        fix="`schema-service token list`, on the server, shows which are valid; create another one",
    )


def _too_little(who: str, scopes: Collection[Scope], wanted: Scope) -> Problem:
    return Problem(
        code="token-scope",
        message=f"{who} has the scope {', '.join(scopes)}, and this needs {wanted}",
        fix=f"use another one: schema-service token create NAME --scope {wanted}",
    )


def _other_labels(by: Writer, database: str) -> Problem:
    return Problem(
        code="token-label",
        message=f"{by.who} may change databases with the label {', '.join(by.labels or ())}, "
        f"and {database[:60]} has none of these",
        fix="use another token: schema-service token create NAME --scope migrate --label LABEL",
    )
