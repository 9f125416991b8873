"""Where a worker can be asked by other processes of the same user, while `up` keeps one for them."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from pathlib import Path

_LONGEST = 100  # an address holds 104 bytes, and 108 on Linux
_CONNECT_SECONDS = 1.0


def shared_address(folder: Path, name: str, programs: list[Path]) -> Path | None:
    """The socket in ``folder`` for workers called ``name`` that run exactly ``programs`` (files, or
    folders that stay).

    After an upgrade of this tool it is another one. None where there can be none.
    """
    digest = hashlib.sha256()
    for program in programs:
        digest.update(program.read_bytes() if program.is_file() else os.fsencode(program))
    return (
        folder.absolute() / f"{name}-{digest.hexdigest()[:12]}.sock" if hasattr(socket, "AF_UNIX") else None
    )


def joined(address: Path) -> socket.socket | None:
    """A connection to the worker there, if one of this user's answers."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        found = address.lstat()
        if stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid():
            connection.settimeout(_CONNECT_SECONDS)
            _connect(connection, address)
            return connection
    except OSError:
        pass  # nobody is there, or not any more, or the address is too long on a system other than Linux
    connection.close()
    return None


def _connect(connection: socket.socket, address: Path) -> None:
    """An address of a Unix socket holds about a hundred bytes, and a workspace may lie deep."""
    if len(os.fsencode(address)) <= _LONGEST:
        connection.connect(os.fspath(address))
        return
    folder = os.open(address.parent, os.O_RDONLY)
    try:
        connection.connect(f"/proc/self/fd/{folder}/{address.name}")
    finally:
        os.close(folder)
