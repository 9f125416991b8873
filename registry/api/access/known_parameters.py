"""Parameters that a route doesn't have: a misspelt filter must not show everything."""

from __future__ import annotations

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

#: Package managers send what they like.
_OF_PACKAGE_MANAGERS = ("/simple/", "/npm/", "/-/npm/")


def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of all routes. Raises RequestValidationError with each that the route doesn't know."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    if route.path.startswith(_OF_PACKAGE_MANAGERS):
        return
    elsewhere = (params.Path, params.Header, params.Cookie)
    fields = get_flat_params(route.dependant)
    known = {field.alias for field in fields if not isinstance(field.field_info, elsewhere)}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": "there is no such parameter"}
                for name in unknown
            ]
        )
