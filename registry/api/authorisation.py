"""Who may write: a token of the Bearer scheme (RFC 6750), with a scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.errors import Problem

from ..catalogue import Catalogue
from ..catalogue.access import Scope, Token, Writer
from ..errors import ForbiddenError, UnauthenticatedError

_BEARER = HTTPBearer(auto_error=False, description="made by `schema-service token create`")


def writer_with(catalogue: Catalogue, scope: Scope) -> Callable[..., Writer]:
    """A dependency: who asks, whose token permits ``scope``. Raises UnauthenticatedError, ForbiddenError."""

    def writer(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Writer:
        token = catalogue.access.used(credentials.credentials) if credentials else None
        if token is None:
            if not catalogue.access.has_valid():
                raise ForbiddenError(_no_tokens(scope))
            raise UnauthenticatedError(_invalid() if credentials else _missing())
        if not token.permits(scope):
            raise ForbiddenError(_too_little(token, scope))
        return Writer(who=f"token {token.name}", origin=request.client.host if request.client else "unknown")

    return writer


def _no_tokens(scope: Scope) -> Problem:
    return Problem(
        code="no-tokens",
        message="writing needs a token, and none has been made that is valid",
        fix=f"on the server: schema-service token create NAME --scope {scope}",
    )


def _missing() -> Problem:
    return Problem(
        code="token-missing",
        message="writing needs a token",
        fix="send the header: Authorization: Bearer TOKEN",
    )


def _invalid() -> Problem:
    return Problem(
        code="token-invalid",
        message="this token is unknown, expired or revoked",
        fix="`schema-service token list`, on the server, shows which are valid; create another one",
    )


def _too_little(token: Token, scope: Scope) -> Problem:
    return Problem(
        code="token-scope",
        message=f"the token {token.name} has the scope {token.scope}, and this needs {scope}",
        fix=f"use another one: schema-service token create NAME --scope {scope}",
    )
