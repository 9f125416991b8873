"""How much one client may ask for in a minute: of everything, of writes, and of answers that refuse it."""

from __future__ import annotations

import ipaddress
import math
import time
from http import HTTPStatus

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Problem

from ...config.api_settings import LimitsTable
from ..problem_details import problem_response
from .route_path import route_path

_READING = ("GET", "HEAD", "OPTIONS")
#: Whoever asks how the service is must be answered also when others at its address ask too much.
_UNLIMITED = ("/healthz", "/readyz")


class LimitRates:
    """Answers 429 with Retry-After. Counts are those of this process."""

    def __init__(self, app: ASGIApp, limits: LimitsTable) -> None:
        self._app = app
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(limits.requests_a_minute, namespace="requests")
        self._writes = RateLimitItemPerMinute(limits.writes_a_minute, namespace="writes")
        self._refusals = RateLimitItemPerMinute(limits.refusals_a_minute, namespace="refusals")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_path(scope) in _UNLIMITED:
            await self._app(scope, receive, send)
            return
        client = _client(scope)
        exceeded = self._exceeded(client, scope)
        if exceeded is not None:
            await self._refusal(exceeded, client)(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and message["status"] == HTTPStatus.UNAUTHORIZED and _has_credentials(scope):
                self._limiter.hit(self._refusals, client)
            await send(message)

        await self._app(scope, receive, counting)

    def _exceeded(self, client: str, scope: Scope) -> RateLimitItem | None:
        """Who sends nothing that could be refused isn't kept away by neighbours who do."""
        if _has_credentials(scope) and not self._limiter.test(self._refusals, client):
            return self._refusals
        if not self._limiter.hit(self._requests, client):
            return self._requests
        if scope["method"] not in _READING and not self._limiter.hit(self._writes, client):
            return self._writes
        return None

    def _refusal(self, exceeded: RateLimitItem, client: str) -> ASGIApp:
        reset = self._limiter.get_window_stats(exceeded, client).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        return problem_response(
            HTTPStatus.TOO_MANY_REQUESTS, _too_many(seconds), headers={"Retry-After": str(seconds)}
        )


def _client(scope: Scope) -> str:
    """The address; of IPv6 the network, since one machine has as many addresses as it likes."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    is_version_4 = address.ipv4_mapped is not None  # so a socket for both versions writes it
    return str(address if is_version_4 else ipaddress.ip_network((int(address), 64), strict=False))


def _has_credentials(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])


def _too_many(seconds: int) -> Problem:
    return Problem(
        code="rate-limited",
        message="too many requests came from this address in a minute",
        fix=f"send the next one in {seconds} s; [api.limits] says how many there may be",
    )
