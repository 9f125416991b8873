"""Where a command server is found, by those processes only that would run a command exactly as it does.

The address contains a digest of all that a process takes from where and by whom it was started, and that
can't be handed over later: the tool's files, the interpreter, limits, privileges, namespaces, and the
variables that are read while modules are imported. Whoever differs in any of it finds nothing, and runs the
command itself.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

#: Below the workspace's private folder, where `up` keeps what is for this user alone.
FOLDER = "local"
PREFIX = "commands-"

_ROOMS = ("registry", "generators", "migrations", "schemas")
_TREE = Path(__file__).parents[3]
# Variables that the interpreter, its libraries and what is imported read once. The rest is handed over.
_STARTUP_PREFIXES = (
    *("DBOS_", "PSYCOPG_", "PYDANTIC_", "TYPER_"),
    *("LC_", "LD_", "MALLOC_", "OPENSSL_", "PYTHON", "_PYTHON"),
)
_STARTUP_VARIABLES = frozenset(
    {"ANDROID_DATA", "GLIBC_TUNABLES", "HOME", "LANG", "LANGUAGE", "LOCPATH", "TZ", "TZDIR"}
)
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
# In /proc/self/status, of which proc(5) says what they mean.
_STATUS = (
    b"Umask:",
    b"Uid:",
    b"Gid:",
    b"Groups:",
    b"CapInh:",
    b"CapPrm:",
    b"CapEff:",
    b"CapBnd:",
    b"CapAmb:",
    b"NoNewPrivs:",
    b"Seccomp:",
    b"Cpus_allowed:",
    b"Mems_allowed:",
)


def server_name() -> str | None:
    """The name of the socket that a server for processes like this one has; None where there can be none."""
    if sys.platform != "linux":
        return None
    try:
        facts = repr((_interpreter(), _variables(), _privileges(), sorted(_files())))
    except OSError:
        return None
    return f"{PREFIX}{hashlib.sha256(facts.encode()).hexdigest()[:24]}.sock"


def _interpreter() -> object:
    names = [name for name in dir(sys.flags) if not name.startswith(("_", "n_"))]
    flags = [(name, value) for name in names if isinstance(value := getattr(sys.flags, name), int)]
    # The server's alone: nothing of ours is in the folder that it leaves out of sys.path.
    flags = [(name, value) for name, value in flags if name != "safe_path"]
    return sys.executable, sys.prefix, sys.version, sys.warnoptions, flags, sorted(sys._xoptions.items())


def _variables() -> object:
    return sorted(item for item in os.environ.items() if is_for_startup(item[0]))


def is_for_startup(name: str) -> bool:
    """Whether the variable has to be the same for the server as for whoever asks it."""
    return name.startswith(_STARTUP_PREFIXES) or name in _STARTUP_VARIABLES


def _privileges() -> object:
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    limits = [(name, resource.getrlimit(getattr(resource, name))) for name in names]
    spaces = [os.readlink(f"/proc/self/ns/{name}") for name in _NAMESPACES]  # noqa: PTH115
    root = os.stat("/")  # noqa: PTH116
    lines = [line for line in Path("/proc/self/status").read_bytes().splitlines() if line.startswith(_STATUS)]
    return limits, spaces, (root.st_dev, root.st_ino), lines, os.getpriority(os.PRIO_PROCESS, 0)


def _files() -> Iterator[tuple[str, int, int]]:
    """The tool's files, and the folders of what it depends on, which change with what is installed there."""
    for room in _ROOMS:
        yield from _files_in(os.fspath(_TREE / room))
    for folder in sys.path:
        if folder.endswith("site-packages") and os.path.isdir(folder):  # noqa: PTH112
            status = os.stat(folder)  # noqa: PTH116
            yield folder, status.st_mtime_ns, 0


def _files_in(folder: str) -> Iterator[tuple[str, int, int]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _files_in(entry.path)
        else:
            status = entry.stat()
            yield entry.path, status.st_mtime_ns, status.st_size
