"""Where one embedded server keeps its files while it runs, and who owns them."""

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

#: ``durable``: what is committed survives the machine's failure. ``kept``: a scratch server whose data is
#: there at the next start if it was stopped in order. ``throw_away``: its data goes with it.
Lifetime: TypeAlias = Literal["durable", "kept", "throw_away"]

_SOCKETS_PREFIX = "schema-service-pg-"
_SCRATCH_PREFIX = "scratch-"
# 107 bytes, less the folder's own name with its random end, and less "/.s.PGSQL.65535".
_LONGEST_SOCKETS_PARENT = 107 - len(_SOCKETS_PREFIX) - 10 - 16
# No cluster takes so long to be made: its folder is of no use to anyone any more.
_UNFINISHED_SECONDS = 600.0
# Where the server can't be read from, root included, these own it instead: Postgres refuses root.
_UNPRIVILEGED_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``claims`` are descriptors that the supervisor has to inherit; ``owner`` is None for ourselves.
    A new cluster is made in ``unfinished``, a folder yet to be made, and becomes ``data`` when it's whole."""

    data: Path
    unfinished: Path
    sockets: Path
    log: Path
    claims: tuple[int, ...]
    removed: tuple[Path, ...]
    owner: pwd.struct_passwd | None


@contextlib.contextmanager
def make_place(folder: Path, lifetime: Lifetime) -> Iterator[Place]:
    """The folders of one run below ``folder``, and one whose path is short enough for a socket (107 bytes).

    Raises OSError where they can't be made, KeyError where root finds no user for Postgres.
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
    for left in data.parent.glob(f"{prefix}*"):  # by a supervisor that was killed
        with contextlib.suppress(OSError):
            if time.time() - left.lstat().st_mtime > _UNFINISHED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    return data.with_name(prefix + secrets.token_hex(4))


def _sockets_parent() -> Path:
    """The temporary folder, or ``/tmp`` where that one's path leaves too little of the 107 bytes."""
    chosen = Path(tempfile.gettempdir())
    return chosen if len(os.fsencode(chosen)) <= _LONGEST_SOCKETS_PARENT else Path("/tmp")  # noqa: S108


def is_open(path: Path) -> bool:
    """Whether any user can pass through every folder above ``path``."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _claim(stack: contextlib.ExitStack, parent: Path, prefix: str) -> tuple[Path, int]:
    folder, claim = claimed_folder(parent, prefix)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)  # gone already, if the supervisor ended well
    stack.callback(os.close, claim)
    return folder, claim


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise KeyError("Postgres won't run as root, and this system has no user called 'nobody'")
