"""How work of a queue ends that nobody could finish: the same for every kind of it."""

from __future__ import annotations

from typing import Final

from schemas.errors import Problem

#: How often work is begun: what ends its process each time must not go on for ever.
MOST_ATTEMPTS: Final = 50


def ended_each_time(what: str, attempt: int, retry: str) -> Problem:
    """The problem of ``what``, as "run 5f0c4d3e2b1a", in its ``attempt``; ``retry`` begins it anew."""
    return Problem(
        code="run-given-up",
        message=f"{what} was begun {attempt - 1} times, and each time its process ended",
        fix=f"see what ends it on the worker's machine, such as a lack of memory, then: {retry}",
    )


def bug(what: str, error: Exception) -> Problem:
    """The problem of an error that nobody expected."""
    return Problem(
        code="run-bug",
        message=f"a bug in schema-service ended {what}: {type(error).__name__}: {error}",
        fix="please report it with this message",
    )
