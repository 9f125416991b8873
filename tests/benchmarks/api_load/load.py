"""Clients that ask one server as fast as it answers, and how long each answer took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles
from urllib.parse import urlsplit

import httptools
import uvloop

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What one round found; ``seconds`` are those of each request, in order of length."""

    requests_a_second: float
    seconds: Sequence[float]

    @property
    def p99_ms(self) -> float:
        return quantiles(self.seconds, n=100)[98] * 1000

    @property
    def median_ms(self) -> float:
        return self.seconds[len(self.seconds) // 2] * 1000


def load(address: str, paths: Sequence[str], accept: str, *, seconds: float) -> Load:
    """Ask for ``paths`` in turn. Raises AssertionError for any answer but 200."""
    return uvloop.run(_load(address, paths, accept, seconds))


async def _load(address: str, paths: Sequence[str], accept: str, seconds: float) -> Load:
    place = urlsplit(address)
    head = f"Host: {place.netloc}\r\nAccept: {accept}\r\nAccept-Encoding: identity\r\n\r\n"
    requests = cycle([f"GET {path} HTTP/1.1\r\n{head}".encode() for path in paths])
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    taken: list[float] = []
    clients = []
    for _ in range(CONNECTIONS):
        client = _Client(requests, began + seconds, taken)
        await loop.create_connection(lambda each=client: each, place.hostname, place.port)
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    return Load(len(taken) / (time.perf_counter() - began), sorted(taken))


class _Client(asyncio.Protocol):
    """Sends the next request once the last one is answered."""

    def __init__(self, requests: Iterator[bytes], end: float, taken: list[float]) -> None:
        self._requests, self._end, self._taken = requests, end, taken
        self._parser = httptools.HttpResponseParser(self)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._taken.append(now - self._began)
        status = self._parser.get_status_code()
        if status != 200:
            self.done.set_exception(AssertionError(f"answered with {status}"))
        elif now < self._end:
            self._parser = httptools.HttpResponseParser(self)
            self._send()
            return
        else:
            self.done.set_result(None)
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or AssertionError("the server closed the connection"))

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))
