"""How much one client may ask for in a minute: of everything, of writes, and of answers that refuse it."""

from __future__ import annotations

import ipaddress
import math
import time
from functools import lru_cache
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Problem

from ...config.api_settings import LimitsTable
from ..problem_details import problem_response
from ..route_path import route_path

_READING = ("GET", "HEAD", "OPTIONS")
#: Whoever asks how the service is must be answered also when others at its address ask too much.
_UNLIMITED = ("/healthz", "/readyz")
_MINUTE_SECONDS = 60


class LimitRates:
    """Answers 429 with Retry-After. Counts are those of this process."""

    def __init__(self, app: ASGIApp, limits: LimitsTable) -> None:
        self._app = app
        self._requests = _Minutes(limits.requests_a_minute)
        self._writes = _Minutes(limits.writes_a_minute)
        self._refusals = _Minutes(limits.refusals_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_path(scope) in _UNLIMITED:
            await self._app(scope, receive, send)
            return
        client = _client(scope["client"][0] if scope.get("client") else "unknown")
        exceeded = self._exceeded(client, scope)
        if exceeded is not None:
            await _refusal(exceeded.seconds_left(client))(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and message["status"] == HTTPStatus.UNAUTHORIZED and _has_credentials(scope):
                self._refusals.take(client)
            await send(message)

        await self._app(scope, receive, counting)

    def _exceeded(self, client: str, scope: Scope) -> _Minutes | None:
        """Who sends nothing that could be refused isn't kept away by neighbours who do."""
        if self._refusals.is_used_up(client) and _has_credentials(scope):
            return self._refusals
        if not self._requests.take(client):
            return self._requests
        if scope["method"] not in _READING and not self._writes.take(client):
            return self._writes
        return None


class _Minutes:
    """What each client has had in its minute, which begins with its first request."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: dict[str, tuple[float, int]] = {}
        self._swept = time.monotonic()

    def take(self, client: str) -> bool:
        """One more for ``client``; False where it has had all."""
        began, count = self._minute(client)
        if count >= self._most:
            return False
        self._begun[client] = (began, count + 1)
        return True

    def is_used_up(self, client: str) -> bool:
        return self._minute(client)[1] >= self._most

    def seconds_left(self, client: str) -> int:
        return max(1, math.ceil(self._minute(client)[0] + _MINUTE_SECONDS - time.monotonic()))

    def _minute(self, client: str) -> tuple[float, int]:
        now = time.monotonic()
        if now - self._swept >= _MINUTE_SECONDS:  # so there is never more to keep than two minutes' clients
            self._swept = now
            self._begun = {name: each for name, each in self._begun.items() if _is_going_on(each[0], now)}
        found = self._begun.get(client)
        return found if found is not None and _is_going_on(found[0], now) else (now, 0)


def _is_going_on(began: float, now: float) -> bool:
    return now - began < _MINUTE_SECONDS


def _refusal(seconds: int) -> ASGIApp:
    headers = {"Retry-After": str(seconds)}
    return problem_response(HTTPStatus.TOO_MANY_REQUESTS, _too_many(seconds), headers=headers)


@lru_cache(maxsize=1024)
def _client(host: str) -> str:
    """The address; of IPv6 the network, since one machine has as many addresses as it likes."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
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
