"""The address of a request as routes know it."""

from __future__ import annotations

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """Below the address that the application has: a service answers for each of its schemas below another."""
    path = str(scope["path"])
    root = str(scope.get("root_path", ""))
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
