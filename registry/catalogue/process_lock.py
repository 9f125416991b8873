"""A lock beside the state database, which belongs to a process: the operating system or Postgres releases it
when that process dies, so nothing is ever left locked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

from schemas.errors import Problem

from ..errors import CatalogueError

_POLL_SECONDS = 0.1


@contextmanager
def held_alone(state: sa.URL, key: str, *, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Hold the lock called ``key`` until the block ends; False if another process has it, after waiting.

    Raises CatalogueError where the database or its folder can't be locked.
    """
    hold = _hold_file if state.drivername == "sqlite" else _hold_advisory_lock
    with hold(state, key, wait_seconds) as is_ours:
        yield is_ours


@contextmanager
def _hold_file(state: sa.URL, key: str, wait_seconds: float) -> Iterator[bool]:
    suffix = hashlib.sha256(key.encode()).hexdigest()[:12]
    lock = FileLock(f"{state.database}.{suffix}.lock")
    try:
        lock.acquire(timeout=wait_seconds, poll_interval=_POLL_SECONDS)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise CatalogueError(_unlockable(error.strerror or "can't be locked")) from error
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _hold_advisory_lock(state: sa.URL, key: str, wait_seconds: float) -> Iterator[bool]:
    import psycopg  # noqa: PLC0415 - only needed where Postgres holds the state

    # https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS: 64 bits a key.
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
    dsn = state.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise CatalogueError(_unlockable(str(error).strip())) from error
    with connection:
        try:
            is_taken = _taken(connection, number, wait_seconds)
        except psycopg.OperationalError as error:  # the server went away meanwhile
            raise CatalogueError(_unlockable(str(error).strip())) from error
        if not is_taken:
            yield False
            return
        try:
            yield True
        finally:
            # Closing releases it too, but only once the server notices; the next process may be quicker.
            with suppress(psycopg.OperationalError):
                connection.execute("SELECT pg_advisory_unlock(%s)", (number,))


def _taken(connection: Any, number: int, wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while True:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
        if row is not None and row[0] is True:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)


def _unlockable(why: str) -> Problem:
    return Problem(
        code="catalogue-unavailable",
        message=f"the state database can't be locked: {why}",
        fix="check [state] url and that the database is up and writable, then run this again",
    )
