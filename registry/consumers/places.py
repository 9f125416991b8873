"""Where throw-away consumers are made: always in the same folder of this machine's cache, if that is free.

A folder that stays where it is keeps what Python compiled there, and installers can link files into it from
their own caches, which a workspace on another disk would make them copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.prisma.toolchain import cache_folder


@contextmanager
def consumer_place() -> Iterator[Path]:
    """An empty folder for consumers, and for nobody else until the block ends. It is beside ``bytecode``,
    which stays. Raises OSError where the cache can't be written."""
    for number in count():
        place = cache_folder().absolute() / "consumers" / str(number)
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / "lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        try:
            yield from _emptied(place / "now")
        finally:
            lock.release()
        return


def _emptied(folder: Path) -> Iterator[Path]:
    shutil.rmtree(folder, ignore_errors=True)  # what a killed process left
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
