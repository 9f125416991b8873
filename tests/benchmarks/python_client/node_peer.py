"""The Node peer as a child process: a batch in, its time out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def opened(command: list[str], tasks: int) -> Iterator[Callable[[str, int, int], float]]:
    """``run(operation, first, times)`` gives the seconds that Node measured itself."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        read, write = process.stdout, process.stdin

        def run(operation: str, first: int, times: int) -> float:
            batch = {"operation": operation, "first": first, "times": times, "tasks": tasks}
            write.write(json.dumps(batch) + "\n")
            write.flush()
            return float(json.loads(read.readline())["seconds"])

        try:
            yield run
        finally:
            write.close()
