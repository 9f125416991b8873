"""Which names a request may call the service by: a page of another site that has its own name point here (DNS
rebinding) calls it by a name that isn't ours."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import Problem

from ..problem_details import problem_response

_HOST = re.compile(r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:[0-9]{1,5})?")


class AllowedHosts:
    """Answers 421 for any name but ``hosts`` and localhost. Nobody can repoint an address."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._names = {"localhost", *(host for host in hosts if not host.startswith("*"))}
        self._endings = tuple(host[1:] for host in hosts if host.startswith("*."))
        self._is_any = "*" in hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_any:
            host = ", ".join(Headers(scope=scope).getlist("Host"))  # of two, the next server takes either
            if not self._is_ours(_name(host)):
                refused = problem_response(HTTPStatus.MISDIRECTED_REQUEST, _not_allowed(host))
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, name: str) -> bool:
        if name in self._names or name.endswith(self._endings):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _name(host: str) -> str:
    """Without the port, and without the brackets of an IPv6 address; empty where it is neither."""
    found = _HOST.fullmatch(host.lower())
    return (found["address"] or found["name"].rstrip(".")) if found else ""


def _not_allowed(host: str) -> Problem:
    return Problem(
        code="host-not-allowed",
        message=f"this service is not called {host[:100]!r}",
        fix="call it by another name, or add this one to hosts under [api] in schema-service.toml",
    )
