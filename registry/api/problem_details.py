"""Errors as RFC 9457 problem details, each with the fix."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.errors import ExitCode, InvalidVersionError, Problem, ServiceError

from ..errors import NotPublishedError
from .documents import ProblemDocument, ProblemItem

_MEDIA_TYPE = "application/problem+json"


def answer_errors(app: FastAPI) -> None:
    """Make ``app`` answer every expected failure as problem details."""
    app.exception_handler(ServiceError)(_service_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_invalid_request)


async def _service_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ServiceError):
        raise error
    return _answer(_status_of(error), *error.problems)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    problem = Problem(
        code=f"http-{status}", message=status.phrase, fix="/docs lists the addresses that this API answers"
    )
    return _answer(status, problem)


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    details = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [
        Problem(
            code="invalid-request",
            message=f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}",
            fix="/docs shows what this API accepts",
        )
        for detail in details
    ]
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, *problems)


def _status_of(error: ServiceError) -> HTTPStatus:
    if isinstance(error, NotPublishedError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, InvalidVersionError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if error.exit_code == ExitCode.SERVICE:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.BAD_REQUEST


def _answer(status: HTTPStatus, *problems: Problem) -> JSONResponse:
    items = [ProblemItem(code=p.code, message=p.message, fix=p.fix) for p in problems]
    document = ProblemDocument(
        title=status.phrase,
        status=status,
        detail="; ".join(problem.message for problem in problems),
        problems=items,
    )
    return JSONResponse(document.model_dump(), status_code=status, media_type=_MEDIA_TYPE)
