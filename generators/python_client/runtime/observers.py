"""Watches what is sent: a call for each statement that has run, or that failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from .places import callers_place
from .plans import Steps

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class QueryEvent:
    """One statement. ``row_count`` is None if it failed. Parameters may be secrets: log them with care."""

    sql: str
    parameters: Sequence[Any]
    seconds: float
    row_count: int | None
    place: str | None


Observer: TypeAlias = Callable[[QueryEvent], None]


def observed(steps: Steps[_T], observer: Observer) -> Steps[_T]:
    """The same operation, watched. What the observer raises is raised where the query was asked."""
    place = callers_place()
    try:
        statement = next(steps)
        while True:
            begin = time.perf_counter()
            is_done = False
            try:
                result = yield statement
                is_done = True
            finally:
                if not is_done:  # it failed, and nobody asks for the rest of the operation
                    failed = (statement.sql.decode(), statement.parameters, time.perf_counter() - begin)
                    observer(QueryEvent(*failed, None, place))
            taken = time.perf_counter() - begin
            sql = statement.sql.decode()
            observer(QueryEvent(sql, statement.parameters, taken, result.row_count, place))
            statement = steps.send(result)
    except StopIteration as done:
        value: _T = done.value
        return value


def logging_observer(logger: logging.Logger) -> Observer:
    """An observer that logs each statement, without its parameters."""

    def observe(event: QueryEvent) -> None:
        outcome = "failed" if event.row_count is None else f"{event.row_count} rows"
        logger.info("%s (%.1f ms, %s)", event.sql, event.seconds * 1000, outcome)

    return observe
