"""At most one publisher of a schema at a time.

The lock belongs to the process. So a release that is unfinished when we get the lock was interrupted, and can
be resumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from schemas.errors import Problem

from ..catalogue.process_lock import held_alone
from ..errors import ReleaseBusyError


@contextmanager
def only_publisher(state: sa.URL, schema_name: str) -> Iterator[None]:
    """Hold the lock for ``schema_name``. Raises ReleaseBusyError at once if another publisher has it."""
    with held_alone(state, f"schema-service publish {schema_name}") as is_ours:
        if not is_ours:
            raise ReleaseBusyError(_busy(schema_name))
        yield


def _busy(schema_name: str) -> Problem:
    return Problem(
        code="release-busy",
        message=f"another publish of {schema_name!r} is running",
        fix="wait until it has finished, then run this again",
    )
