"""The processes that workers start for what they find: each in a workspace, and ended in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path


def start_process(program: str, root: Path, worker: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Run ``program``, a line of Python, in the workspace at ``root``. It is given its worker's name, the id
    of this process, with which it ends, and ``arguments``."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, worker, str(os.getpid()), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=root,
        start_new_session=True,  # Ctrl-C is for this process, which ends its own in order
    )


def end_processes(processes: Collection[subprocess.Popen[bytes]], patience_seconds: float) -> None:
    """Ask them to end, which gives back what they work on; one that doesn't is killed."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
