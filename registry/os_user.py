"""Who does what is done here, as what is recorded names them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

_acting: list[str] = []


def user_name() -> str:
    """For whom this process acts, or the login name; a container's user may have none."""
    if _acting:
        return _acting[-1]
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """What the process does until the block ends, in all its threads, is done for whoever asked for it."""
    _acting.append(name)
    try:
        yield
    finally:
        _acting.pop()
