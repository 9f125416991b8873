"""Runs a command with its temporary files in memory: ``python tests/in_memory.py COMMAND…``.

What tests write are databases and workspaces, thousands of small files each: making and removing them takes a
fifth of a run's processor time on a disk, and hardly any in memory. Where that is short, they go to the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

_MEMORY = Path("/dev/shm")
_PREFIX = "schema-tests-"
_NEW_SECONDS = 60.0  # before it is locked, a new folder looks abandoned
# A whole run has some 2 GB at once, and its processes need as much as that again.
_FILES, _ALL = 4 << 30, 10 << 30
_LIMITS = (  # of a container: by version of cgroups
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def _has_plenty() -> bool:
    try:
        room = os.statvfs(_MEMORY)
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    except OSError:  # not Linux
        return False
    runs_programs = not room.f_flag & getattr(os, "ST_NOEXEC", 0)
    available = int(lines["MemAvailable"].split()[0]) << 10
    return runs_programs and room.f_bavail * room.f_frsize > _FILES and min(available, *_allowed()) > _ALL


def _allowed() -> Iterator[float]:
    for limit, used in _LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max"
            yield int(Path(limit).read_text()) - int(Path(used).read_text())
    yield float("inf")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder in memory for the block. Those of runs that were killed are removed."""
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # in use, or somebody else's
            if time.time() - left.stat().st_mtime > _NEW_SECONDS:
                os.close(_locked(left))
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY))
    lock = _locked(folder)
    folder.chmod(0o711)  # started by root, Postgres runs as somebody else
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def main() -> int:
    command = sys.argv[1:]
    if not _has_plenty():
        return subprocess.run(command, check=False).returncode
    with _folder() as folder:
        # uv's cache is on the disk, and what it installs isn't: it warns of files that can't be linked.
        environment = {**os.environ, "TMPDIR": str(folder), "UV_LINK_MODE": "copy"}
        process = subprocess.Popen(command, env=environment)

        def pass_on(number: int, _: FrameType | None) -> None:
            process.send_signal(number)

        signal.signal(signal.SIGTERM, pass_on)
        signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends it to both
        code = process.wait()
    return code if code >= 0 else 128 - code  # of a signal, as shells tell it


if __name__ == "__main__":
    sys.exit(main())
