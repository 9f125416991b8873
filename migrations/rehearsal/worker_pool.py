"""Parts of a rehearsal that go on beside each other: each waits for its own database most of the time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from ..scratch.scratch_server import ScratchServer

# Beside the thread that hands out the work. A given server has other users too.
_MOST = 3


@contextlib.contextmanager
def workers(server: ScratchServer) -> Iterator[Executor]:
    """Threads that work on databases of ``server``, until the block ends.

    Where it ends in an error, or somebody interrupts it, what they run is ended in the server: nobody waits
    for a statement whose result isn't wanted any more.
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
