"""Errors as RFC 9457 problem details, each with the fix."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from schemas.errors import ExitCode, InvalidVersionError, Problem, ServiceError

from ..errors import (
    CheckoutError,
    ConflictingOptionsError,
    ForbiddenError,
    NotPublishedError,
    RunStateError,
    UnauthenticatedError,
    UnknownDatabaseError,
    UnknownRunError,
    UnknownSchemaError,
    UnknownUploadError,
    UnknownWriteError,
    UsageError,
)
from .documents import ProblemDocument, ProblemItem
from .route_path import route_path

PROBLEM_PAGES = "/problems"
_ADDRESSES = "/docs lists the addresses that this API answers"
_ACCEPTED = "/docs shows what this API accepts"
_SEND_JSON = "send the header: Content-Type: application/json"
_HTTP_FIXES = {HTTPStatus.BAD_REQUEST: _ACCEPTED}
_MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)
# What every address may answer; the first problem of each decides.
_STATUSES = (400, 401, 403, 404, 405, 411, 413, 421, 422, 429, 503)
# What an address that writes may answer, too.
_WRITE_STATUSES = (409,)
_STATUS_OF: tuple[tuple[type[ServiceError], HTTPStatus], ...] = (
    (NotPublishedError, HTTPStatus.NOT_FOUND),
    (UnknownDatabaseError, HTTPStatus.NOT_FOUND),
    (UnknownRunError, HTTPStatus.NOT_FOUND),
    (UnknownSchemaError, HTTPStatus.NOT_FOUND),
    (InvalidVersionError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownUploadError, HTTPStatus.NOT_FOUND),
    (UnknownWriteError, HTTPStatus.NOT_FOUND),
    (CheckoutError, HTTPStatus.CONFLICT),
    (ConflictingOptionsError, HTTPStatus.BAD_REQUEST),  # no description of a request can say it
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (RunStateError, HTTPStatus.CONFLICT),
)


def answer_errors(app: FastAPI) -> None:
    """Make ``app`` answer every expected failure as problem details, and say so in its description."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        document = describe()
        for path in document["paths"].values():
            for operation in path.values():
                _as_problems(operation["responses"])
        return document

    setattr(app, "openapi", described)  # noqa: B010 - FastAPI's own way to extend it is to replace a method
    app.exception_handler(ServiceError)(_service_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_invalid_request)


async def _service_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ServiceError):
        raise error
    return error_response(error)


def error_response(error: ServiceError) -> JSONResponse:
    """The answer to a request that fails so."""
    status = _status_of(error)
    # RFC 6750, section 3: whoever is asked for a token is told of which kind.
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return problem_response(status, *error.problems, headers=headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(_methods_at(request) or [headers["Allow"]])
    said = str(error.detail) if status == HTTPStatus.BAD_REQUEST else status.phrase
    problem = Problem(code=f"http-{status}", message=said, fix=_HTTP_FIXES.get(status, _ADDRESSES))
    return problem_response(status, problem, headers=headers)


def _methods_at(request: Request) -> list[str]:
    """What the address of a request takes; of the routes that it has, each knows its own method only."""
    path = route_path(request.scope)
    found: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        if _pattern(template).match(path):
            found |= {method.upper() for method in operations}
    return sorted(found | {"HEAD"} if "GET" in found else found)


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    details = error.errors() if isinstance(error, RequestValidationError) else ()
    is_json = "json" in request.headers.get("Content-Type", "json")
    problems = [
        Problem(
            code="invalid-request",
            message=f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}",
            # Without that header FastAPI takes the whole body for a text.
            fix=_ACCEPTED if is_json or detail["loc"] != ("body",) else _SEND_JSON,
        )
        for detail in details
    ]
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, *problems)


def _status_of(error: ServiceError) -> HTTPStatus:
    for kind, status in _STATUS_OF:
        if isinstance(error, kind):
            return status
    if error.exit_code == ExitCode.SERVICE:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.BAD_REQUEST


def problem_answers() -> dict[int | str, dict[str, Any]]:
    """What every address may answer, for FastAPI. It builds a validator wherever a model is named, thousands
    in all: so one answer of each address names it, and the others refer to it."""
    first, *others = _STATUSES
    return {first: {"model": ProblemDocument}, **_referring(*others)}


def write_answers() -> dict[int | str, dict[str, Any]]:
    """What an address that writes may answer, too."""
    return _referring(*_WRITE_STATUSES)


def _referring(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {status: {"content": {_MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def _as_problems(responses: dict[str, Any]) -> None:
    """FastAPI declares each model as what the route answers otherwise: JSON, or HTML."""
    for status, response in responses.items():
        content = response.get("content", {})
        if status in map(str, (*_STATUSES, *_WRITE_STATUSES)) and content:
            (schema,) = content.values()
            response["content"] = {_MEDIA_TYPE: schema}


def problem_page(code: str) -> str:
    """Where this service explains a code, relative to its own address."""
    return f"{PROBLEM_PAGES}/{code}"


def problem_response(
    status: HTTPStatus, *problems: Problem, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """One answer that names every problem."""
    items = [_item(problem) for problem in problems]
    document = ProblemDocument(
        type=problem_page(problems[0].code),
        title=status.phrase,
        status=status,
        detail="; ".join(item.message for item in items),
        problems=items,
    )
    return JSONResponse(document.model_dump(), status_code=status, media_type=_MEDIA_TYPE, headers=headers)


def _item(problem: Problem) -> ProblemItem:
    """Its texts may quote bytes that are no text, which an answer can't have. Where the state database is,
    and who asks it, is for the log only."""
    if problem.code == "catalogue-unavailable":
        _LOG.warning(problem.message)
        fix = "try again later; on the server, the log says why: check [state] url, and the database"
        problem = replace(problem, message="the state database can't be used", fix=fix)
    return ProblemItem(code=problem.code, message=_text(problem.message), fix=_text(problem.fix))


def _text(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
