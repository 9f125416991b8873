"""Several schemas at one address: each answers below /schemas/NAME, and the first of them everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from ..api.problem_details import problem_response
from ..api.served.document import base_path
from .hosted import unknown_schema

_PREFIX = "/schemas"


class HostedSchemaDocument(BaseModel):
    name: str
    is_default: bool = Field(description="whether the short routes are its own, too")
    api: str = Field(examples=["/schemas/billing"])
    documentation: str = Field(examples=["/schemas/billing/docs"])


class HostedSchemaList(BaseModel):
    schemas: list[HostedSchemaDocument]


def add_schemas(apis: Mapping[str, FastAPI]) -> FastAPI:
    """The first of ``apis``, by the names of their schemas, which answers for all of them from now on."""
    (default, app), *_ = apis.items()

    def schemas(request: Request) -> HostedSchemaList:
        """The schemas that this service has. Each answers all routes below its own address."""
        found = []
        for name in apis:
            place = f"{base_path(request)}{_PREFIX}/{name}"
            found.append(
                HostedSchemaDocument(
                    name=name, is_default=name == default, api=place, documentation=f"{place}/docs"
                )
            )
        return HostedSchemaList(schemas=found)

    app.get(_PREFIX, tags=["service"])(schemas)
    others = {name: api for name, api in apis.items() if name != default}
    app.add_middleware(_BySchema, default=default, others=others)
    return app


class _BySchema:
    """Hands a request to the schema that its path names. `root_path` is ASGI's word for what an application
    is mounted below."""

    def __init__(self, app: ASGIApp, default: str, others: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._apis = {default: app, **others}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        path = scope.get("path", "").removeprefix(root)
        if scope["type"] != "http" or not path.startswith(f"{_PREFIX}/"):
            await self._app(scope, receive, send)
            return
        name = path.split("/")[2]
        if name not in self._apis:
            unknown = unknown_schema(name, list(self._apis))
            await problem_response(HTTPStatus.NOT_FOUND, unknown)(scope, receive, send)
            return
        place = f"{root}{_PREFIX}/{name}"
        whole = scope["path"] if scope["path"] != place else f"{place}/"
        await self._apis[name]({**scope, "root_path": place, "path": whole}, receive, send)
