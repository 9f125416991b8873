"""At most one publisher of a schema at a time.

The lock belongs to the process: the operating system or Postgres releases it when that process dies. So a
release that is unfinished when we get the lock was interrupted, and can be resumed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import sqlalchemy as sa
from filelock import FileLock, Timeout

from schemas.errors import Problem

from ..errors import CatalogueError, ReleaseBusyError


@contextmanager
def only_publisher(state: sa.URL, schema_name: str) -> Iterator[None]:
    """Hold the lock for ``schema_name``. Raises ReleaseBusyError at once if another publisher has it."""
    hold = _hold_file if state.drivername == "sqlite" else _hold_advisory_lock
    with hold(state, schema_name):
        yield


@contextmanager
def _hold_file(state: sa.URL, schema_name: str) -> Iterator[None]:
    suffix = hashlib.sha256(schema_name.encode()).hexdigest()[:12]
    lock = FileLock(f"{state.database}.{suffix}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ReleaseBusyError(_busy(schema_name)) from None
    except OSError as error:
        raise CatalogueError(_unlockable(error.strerror or "can't be locked")) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _hold_advisory_lock(state: sa.URL, schema_name: str) -> Iterator[None]:
    # https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS: 64 bits a key.
    digest = hashlib.sha256(f"schema-service publish {schema_name}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    dsn = state.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise CatalogueError(_unlockable(str(error).strip())) from error
    with connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        if row is None or row[0] is not True:
            raise ReleaseBusyError(_busy(schema_name))
        try:
            yield
        finally:
            # Closing releases it too, but only once the server notices; the next publisher may be quicker.
            with suppress(psycopg.OperationalError):
                connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def _busy(schema_name: str) -> Problem:
    return Problem(
        code="release-busy",
        message=f"another publish of {schema_name!r} is running",
        fix="wait until it has finished, then run this again",
    )


def _unlockable(why: str) -> Problem:
    return Problem(
        code="catalogue-unavailable",
        message=f"the state database can't be locked: {why}",
        fix="check [state] url and that the database is up and writable, then run this again",
    )
