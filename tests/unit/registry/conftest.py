"""Fake registries for the tests of publishing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from .fake_registry import FakeRegistry


@pytest.fixture
def registries() -> Iterator[Callable[[], FakeRegistry]]:
    running: list[tuple[FakeRegistry, threading.Thread]] = []

    def start() -> FakeRegistry:
        registry = FakeRegistry()
        thread = threading.Thread(target=registry.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((registry, thread))
        return registry

    yield start
    for registry, thread in running:
        registry.server.shutdown()
        registry.server.server_close()
        thread.join()
