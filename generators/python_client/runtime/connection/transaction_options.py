"""The options of a transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, TypeAlias

from ..public.errors import InputError

#: Prisma's names, or PostgreSQL's in lower case.
IsolationLevel: TypeAlias = Literal[
    "ReadUncommitted",
    "ReadCommitted",
    "RepeatableRead",
    "Serializable",
    "read uncommitted",
    "read committed",
    "repeatable read",
    "serializable",
]

#: Those of Prisma Client Python.
MAX_WAIT = timedelta(seconds=2)
TIMEOUT = timedelta(seconds=5)

_LEVELS = {
    "readuncommitted": b"READ UNCOMMITTED",
    "readcommitted": b"READ COMMITTED",
    "repeatableread": b"REPEATABLE READ",
    "serializable": b"SERIALIZABLE",
}


def begin_statement(isolation_level: str | None, *, read_only: bool) -> bytes:
    """BEGIN with these options. Raises InputError for no such level."""
    statement = b"BEGIN"
    if isolation_level is not None:
        level = _LEVELS.get(str(isolation_level).lower().replace(" ", "").replace("_", ""))
        if level is None:
            known = ", ".join(name.decode().lower() for name in _LEVELS.values())
            raise InputError(f"isolation_level: needs one of {known}, but got {isolation_level!r:.60}")
        statement += b" ISOLATION LEVEL " + level
    return statement + b" READ ONLY" * read_only


def seconds(given: int | timedelta | None, name: str) -> float | None:
    """A duration in seconds; an int counts milliseconds, as in Prisma. None is no limit."""
    if given is None:
        return None
    duration = (
        timedelta(milliseconds=given) if isinstance(given, int) and not isinstance(given, bool) else given
    )
    if not isinstance(duration, timedelta) or duration < timedelta(0):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{name}: needs a timedelta or milliseconds, but got {given!r:.60}")
    return duration.total_seconds()
