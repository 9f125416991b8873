"""How the service is: ready or not, its metrics, and what its problems mean."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Path, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from schemas.errors import Problem, ServiceError

from ...catalogue import Catalogue
from ...config.settings import Settings
from ...errors import NotReadyError
from ..problem_details import PROBLEM_PAGES
from .metrics import MEDIA_TYPE, RequestMetrics
from .problem_page import index_page, problem_page

CodePath = Annotated[str, Path(description="a problem's code", examples=["not-published"], max_length=80)]


class Readiness(BaseModel):
    """All that the service needs is there."""

    status: str = Field(examples=["ready"])
    workers: int | None = Field(
        description="how many look for runs; null where no database is registered", examples=[2]
    )


def add_health(app: FastAPI, catalogue: Catalogue, settings: Settings, metrics: RequestMetrics) -> None:
    """Let ``app`` answer whoever operates it."""

    def ready() -> Readiness:
        """Whether the state database answers and has this tool's tables, and whether workers live; 503 names
        what is missing."""
        return Readiness(status="ready", workers=_checked(catalogue, settings))

    def scrape() -> Response:
        """Prometheus' text format: requests by route, runs by state, queue, releases, deliveries, workers."""
        return Response(metrics.text(), media_type=MEDIA_TYPE)

    def problems() -> HTMLResponse:
        """Every code of a problem, with what it means."""
        return HTMLResponse(index_page())

    def problem(code: CodePath) -> HTMLResponse:
        """What a code means, with examples: where `type` of a problem document points."""
        return HTMLResponse(problem_page(code))

    plain: dict[int | str, dict[str, Any]] = {
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
    }
    app.get("/readyz", tags=["service"])(ready)
    app.get("/metrics", tags=["service"], response_class=Response, responses=plain)(scrape)
    app.get(PROBLEM_PAGES, tags=["service"], response_class=HTMLResponse)(problems)
    app.get(f"{PROBLEM_PAGES}/{{code}}", tags=["service"], response_class=HTMLResponse)(problem)


def _checked(catalogue: Catalogue, settings: Settings) -> int | None:
    """How many workers live. Raises NotReadyError with everything that is missing."""
    try:
        catalogue.operation.check()
        if not settings.databases:
            return None
        alive = len(catalogue.workers.alive())
    except ServiceError as error:
        raise NotReadyError(*error.problems) from None
    if not alive:
        raise NotReadyError(_no_worker())
    return alive


def _no_worker() -> Problem:
    return Problem(
        code="no-worker",
        message="databases are registered, and no worker looks for their runs",
        fix="start one: schema-service worker; one that was started just now needs some seconds",
    )
