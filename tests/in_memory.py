"""Runs a command with its temporary files in memory: ``python tests/in_memory.py COMMAND…``.

What tests write are databases and workspaces, thousands of small files each: making and removing them takes a
fifth of a run's processor time on a disk, and hardly any in memory. Where that is short, they go to the disk.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")
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


def main() -> int:
    command = sys.argv[1:]
    if not _has_plenty():
        return subprocess.run(command, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="tests-", dir=_MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # started by root, Postgres runs as somebody else
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command ends by it
        ended = subprocess.run(
            command,
            # uv's cache is on the disk, and what it installs isn't: it warns of files that can't be linked.
            env={**os.environ, "TMPDIR": folder, "UV_LINK_MODE": "copy"},
            preexec_fn=_interruptible,
            check=False,
        )
        return ended.returncode


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
