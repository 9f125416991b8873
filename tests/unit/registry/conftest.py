"""Fake registries for the tests of publishing, and the command line for those of its commands."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .command_line import CommandLine
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


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """``schema-service``, run in this process and in an empty folder."""
    yield CommandLine(tmp_path, monkeypatch, capsys)
    # DBOS' handler holds on to this test's standard error, and would write to it in the next test.
    logging.getLogger("dbos").handlers.clear()
