"""One Node process for the commands that run in this process, as `up` has one for those of its workspace.

A command that starts its own spends more on that than on all else.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from schemas.prisma import bridge
from schemas.prisma.worker import NodeWorker

_TEMPORARY = tempfile.gettempdir()  # before any test has one of its own


@contextlib.contextmanager
def one_node() -> Iterator[None]:
    """Bridges that are made in the block ask it. It is started when the first of them needs one."""
    with mock.patch.object(bridge, "NodeWorker", _Joining):
        yield


class _Joining(NodeWorker):
    def __init__(self, *arguments: Any, folder: Path | None = None, **options: Any) -> None:
        if folder is None:  # with one, it is offered itself
            options["shared"] = _address
        super().__init__(*arguments, folder=folder, **options)


def _address() -> Path | None:
    # It is another one if a test has engines of its own: nobody is there, and it starts what it has.
    return bridge._shared_address(_offered_in())


@functools.cache
def _offered_in() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="one-node-", dir=_TEMPORARY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    running = bridge.PrismaBridge(offered_in=folder)
    atexit.register(running.close)
    running.format("")  # it listens before it answers
    return folder
