"""Where a worker can be asked by other processes of the same user, while `up` keeps one for them."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from pathlib import Path

_LONGEST = 100  # an address of a Unix socket holds 104 bytes, and 108 on Linux
_CONNECT_SECONDS = 1.0


def shared_address(folder: Path, programs: list[Path]) -> Path | None:
    """The socket in ``folder`` for workers that run exactly ``programs`` (files, or folders that stay).

    After an upgrade of this tool it is another one. None where there can be none.
    """
    digest = hashlib.sha256()
    for program in programs:
        digest.update(program.read_bytes() if program.is_file() else os.fsencode(program))
    address = folder.absolute() / f"prisma-{digest.hexdigest()[:12]}.sock"
    has_room = len(os.fsencode(address)) <= _LONGEST
    return address if has_room and hasattr(socket, "AF_UNIX") else None


def joined(address: Path) -> socket.socket | None:
    """A connection to the worker there, if one of this user's answers."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        found = address.lstat()
        if stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid():
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(os.fspath(address))
            return connection
    except OSError:
        pass  # nobody is there, or not any more
    connection.close()
    return None
