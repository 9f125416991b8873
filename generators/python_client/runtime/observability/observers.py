"""Watches what is sent: a call for each statement that has run, or that failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from ..call_site import callers_place
from ..connection.dsn import Server
from ..public.errors import PrismaError
from ..sql.plans import Statement, Steps

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class QueryEvent:
    """One statement. Parameters may be secrets: log them with care."""

    sql: str
    parameters: Sequence[Any]
    seconds: float
    row_count: int | None  # None if it failed
    place: str | None  # the line of the caller's code
    error: PrismaError | None = None  # why it failed; None also if it was interrupted
    is_raw: bool = False  # a raw query, whose text is the caller's
    server: Server | None = None  # the replica that answered; None for the primary


Observer: TypeAlias = Callable[[QueryEvent], None]

#: The replica that answers the current statement.
ANSWERING: ContextVar[Server | None] = ContextVar("ANSWERING", default=None)


def observed(steps: Steps[_T], observers: Sequence[Observer], server: Server | None) -> Steps[_T]:
    """The same operation, observed. An observer's exception is raised at the caller's query."""
    place = callers_place()

    def tell(
        statement: Statement, begin: float, row_count: int | None, error: PrismaError | None = None
    ) -> None:
        event = QueryEvent(
            statement.sql.decode(),
            statement.parameters,
            time.perf_counter() - begin,
            row_count,
            place,
            error,
            not statement.binary,
            ANSWERING.get() or server,
        )
        for observer in observers:
            observer(event)

    try:
        statement = next(steps)
        while True:
            begin = time.perf_counter()
            is_told = False
            try:
                result = yield statement
                is_told = True
            except PrismaError as error:
                is_told = True
                tell(statement, begin, None, error)
                statement = steps.throw(error)
                continue
            finally:
                if not is_told:  # it was interrupted, and nobody needs the rest of the operation
                    tell(statement, begin, None)
            tell(statement, begin, result.row_count)
            statement = steps.send(result)
    except StopIteration as done:
        value: _T = done.value
        return value


def ended(steps: Steps[Any], error: PrismaError, *, is_observed: bool) -> None:
    """End an operation that failed; its observers get the error."""
    if not is_observed:
        steps.close()
        return
    with suppress(PrismaError, StopIteration):
        steps.throw(error)


def logging_observer(logger: logging.Logger) -> Observer:
    """An observer that logs each statement, without its parameters."""

    def observe(event: QueryEvent) -> None:
        outcome = "failed" if event.row_count is None else f"{event.row_count} rows"
        logger.info("%s (%.1f ms, %s)", event.sql, event.seconds * 1000, outcome)

    return observe
