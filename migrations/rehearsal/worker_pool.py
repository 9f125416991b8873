"""Threads for the parts of a rehearsal that run side by side, mostly waiting for their own database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from ..scratch.scratch_server import ScratchServer

# In addition to the thread that hands out the work. A given server has other users too.
_MOST = 3


@contextlib.contextmanager
def worker_pool(server: ScratchServer) -> Iterator[Executor]:
    """Threads that work on databases of ``server``, until the block ends.

    If the block ends in an error or is interrupted, the statements that they run are ended in the server:
    their results are no longer needed.
    """
    pool = ThreadPoolExecutor(max_workers=min(_MOST, max(1, os.cpu_count() or 1)))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        server.abandon()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
