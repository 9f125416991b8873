"""The API as it is served: what it answers, and all that stands between it and whoever asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from generators.target import Kind

from ..catalogue import Catalogue
from ..config.settings import Settings
from ..publishers.publisher import Publisher
from .access.audit_log import add_audit_log
from .access.closed_reads import Authorise, is_open
from .access.hosts import AllowedHosts
from .access.rates import LimitRates
from .application import create_api
from .authorisation import BEARER
from .oidc.trusted_jobs import TrustedJobs
from .operating.health import add_health
from .operating.metrics import RequestMetrics
from .operating.request_log import HEADER, LogRequests
from .operating.stopping import EndStreams

_SENT = ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", HEADER]
_READABLE = ["Content-Location", "ETag", "Link", "Location", "Retry-After", HEADER]


def create_service(
    catalogue: Catalogue,
    settings: Settings,
    publishers: Mapping[Kind, Publisher],
    *,
    root: Path | None = None,
) -> FastAPI:
    """``create_api`` with everything that ``[api]`` asks for. ``app.state.stopping`` ends its streams."""
    app = create_api(catalogue, settings, publishers, root=root)
    table, metrics = settings.api, RequestMetrics(catalogue)
    app.state.stopping = asyncio.Event()
    add_health(app, catalogue, settings, metrics)
    add_audit_log(app, catalogue)
    # The last one is asked first.
    jobs, is_closed = TrustedJobs(table.trusted), table.reads == "closed"
    app.add_middleware(Authorise, catalogue=catalogue, jobs=jobs, is_closed=is_closed)
    app.add_middleware(LimitRates, limits=table.limits)
    if table.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(table.cors_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_READABLE,
        )
    app.add_middleware(AllowedHosts, hosts=table.hosts)
    app.add_middleware(EndStreams, stopping=app.state.stopping)
    app.add_middleware(LogRequests, metrics=metrics)
    if table.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(table.proxies))
    _describe(app, is_closed=is_closed)
    return app


def _describe(app: FastAPI, *, is_closed: bool) -> None:
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe()
            _name_operations(app.openapi_schema)
            if is_closed:
                _say_that_reads_need_tokens(app.openapi_schema)
        return app.openapi_schema

    setattr(app, "openapi", described)  # noqa: B010 - FastAPI's own way to extend it is to replace a method


def _name_operations(document: dict[str, Any]) -> None:
    """Generated clients call their functions so: by the names of ours, where these are unique."""
    names: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            ending = re.sub(r"\W", "_", path) + f"_{method}"  # FastAPI's own, which makes them unique
            names.setdefault(operation["operationId"].removesuffix(ending), []).append(operation)
    for name, found in names.items():
        if len(found) == 1:
            found[0]["operationId"] = name


def _say_that_reads_need_tokens(document: dict[str, Any]) -> None:
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes.setdefault(BEARER.scheme_name, BEARER.model.model_dump(by_alias=True, exclude_none=True))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if not is_open(path):
                operation.setdefault("security", [{BEARER.scheme_name: []}])
