"""Clients that ask one server as fast as it answers, and how long each answer took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles
from typing import cast
from urllib.parse import urlsplit

import httptools
import uvloop

CONNECTIONS = 16
_MOST_CONNECTIONS = 1000


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
    began = time.perf_counter()
    taken: list[float] = []
    clients = [
        _client(str(place.hostname), place.port or 80, requests, began + seconds, taken)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*clients)
    return Load(len(taken) / (time.perf_counter() - began), sorted(taken))


async def _client(host: str, port: int, requests: Iterator[bytes], end: float, taken: list[float]) -> None:
    """Ask until the end. A server may close a connection: it is asked again over another one."""
    for _ in range(_MOST_CONNECTIONS):
        client = _Connection(requests, end, taken)
        await asyncio.get_running_loop().create_connection(lambda each=client: each, host, port)
        await client.done
        if time.perf_counter() >= end:
            return
    raise AssertionError("the server closes its connections")


class _Connection(asyncio.Protocol):
    """Sends the next request once the last one is answered."""

    def __init__(self, requests: Iterator[bytes], end: float, taken: list[float]) -> None:
        self._requests, self._end, self._taken = requests, end, taken
        self._parser = httptools.HttpResponseParser(self)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        status = self._parser.get_status_code()
        if status != 200:
            self.done.set_exception(AssertionError(f"answered with {status}"))
            self._transport.close()
            return
        self._taken.append(now - self._began)
        if now < self._end and self._parser.should_keep_alive():
            self._parser = httptools.HttpResponseParser(self)
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))
