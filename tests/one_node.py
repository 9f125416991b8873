"""One Node process of a kind for the commands that run in this process, as `up` has them for its workspace.

A command that starts its own spends more on that than on all else.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from unittest import mock

from schemas.prisma.worker import NodeWorker
from schemas.prisma.worker_process import WorkerProgram, shared_worker

_TEMPORARY = tempfile.gettempdir()  # before any test has one of its own
_USERS = ("schemas.prisma.bridge", "registry.package_checks.npm_checks")
_START_SECONDS = 60.0


@contextlib.contextmanager
def one_node() -> Iterator[None]:
    """Who would start one in the block asks it. It is started when the first of them needs it."""
    with contextlib.ExitStack() as patched:
        for module in _USERS:
            patched.enter_context(mock.patch(f"{module}.shared_worker", _joining))
        yield


def _joining(program: WorkerProgram, *, shared_in: Path | None, offered_in: Path | None) -> NodeWorker:
    worker = shared_worker(program, shared_in=shared_in, offered_in=offered_in)
    if offered_in is None:
        worker._shared = partial(_address, program)
    return worker


def _address(program: WorkerProgram) -> Path | None:
    # It is another one if a test has tools of its own: nobody is there, and it starts what it has.
    return program.address(_offered_in(program))


@cache
def _offered_in(program: WorkerProgram) -> Path:
    """The folder of one that has been started, and listens."""
    folder = Path(tempfile.mkdtemp(prefix="one-node-", dir=_TEMPORARY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    running = shared_worker(program, shared_in=None, offered_in=folder)
    atexit.register(running.close)
    running.start()
    deadline = time.monotonic() + _START_SECONDS
    while not list(folder.glob("*.sock")) and time.monotonic() < deadline:
        time.sleep(0.01)
    return folder
