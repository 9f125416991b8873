"""The folders of an embedded server, and who owns them."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .claims import claimed_folder

#: ``durable``: committed data survives a crash of the machine. ``kept``: a scratch server whose data is there
#: at the next start if it was shut down cleanly. ``throw_away``: its data is removed when it stops.
Lifetime: TypeAlias = Literal["durable", "kept", "throw_away"]

_SOCKETS_PREFIX = "schema-service-pg-"
_SCRATCH_PREFIX = "scratch-"
# 107 bytes, less the folder's own name with its random end, and less "/.s.PGSQL.65535".
_LONGEST_SOCKETS_PARENT = 107 - len(_SOCKETS_PREFIX) - 10 - 16
# Creating a cluster never takes this long: after that, its folder was abandoned.
_UNFINISHED_SECONDS = 600.0
# Started by root, the server runs as the first of these users that exists: Postgres refuses to run as root.
_UNPRIVILEGED_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folders of one run."""

    data: Path
    #: Where a new cluster is created; it does not exist yet, and is renamed to ``data`` when complete.
    unfinished: Path
    sockets: Path
    log: Path
    #: File descriptors that the supervisor has to inherit.
    claims: tuple[int, ...]
    #: What is removed when the server stops.
    removed: tuple[Path, ...]
    #: The user that the server runs as; None for the current one.
    owner: pwd.struct_passwd | None


@contextlib.contextmanager
def make_place(folder: Path, lifetime: Lifetime) -> Iterator[Place]:
    """Create the folders of one run in ``folder``, and one with a path short enough for a socket (107 bytes).

    Raises OSError if they can't be created, KeyError if we are root and there is no user for Postgres.
    """
    owner = _unprivileged_user()
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with contextlib.ExitStack() as stack:
        sockets, *claims = _claim(stack, _sockets_parent(), _SOCKETS_PREFIX)
        removed = [sockets]
        home = folder
        if lifetime == "throw_away":
            home, claim = _claim(stack, folder, _SCRATCH_PREFIX)
            claims.append(claim)
            removed.append(home)
        data = home / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        if owner:
            if home != folder:
                home.chmod(0o711)
            for path in (data, sockets):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        yield Place(
            data=data,
            unfinished=_unfinished(data),
            sockets=sockets,
            log=folder / "postgres.log",
            claims=tuple(claims),
            removed=tuple(removed),
            owner=owner,
        )


def _unfinished(data: Path) -> Path:
    prefix = f"{data.name}.new-"
    for left in data.parent.glob(f"{prefix}*"):  # left by a supervisor that was killed
        with contextlib.suppress(OSError):
            if time.time() - left.lstat().st_mtime > _UNFINISHED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    return data.with_name(prefix + secrets.token_hex(4))


def _sockets_parent() -> Path:
    """The temporary folder, or ``/tmp`` if its path leaves too little of the 107 bytes."""
    chosen = Path(tempfile.gettempdir())
    return chosen if len(os.fsencode(chosen)) <= _LONGEST_SOCKETS_PARENT else Path("/tmp")  # noqa: S108


def is_open(path: Path) -> bool:
    """Whether every user can enter all folders above ``path``."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _claim(stack: contextlib.ExitStack, parent: Path, prefix: str) -> tuple[Path, int]:
    folder, claim = claimed_folder(parent, prefix)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)  # already removed if the supervisor ended well
    stack.callback(os.close, claim)
    return folder, claim


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise KeyError("Postgres won't run as root, and this system has no user called 'nobody'")
