"""Drives an operation from outside: its next statement, and in the end its value."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from psycopg.pq import ExecStatus

from ..sql.plans import Result, Statement, Steps

_T = TypeVar("_T")

#: A cursor keeps its last result alive; after one of more rows than this it is dropped.
LARGE_RESULT = 1000
_TUPLES_OK = int(ExecStatus.TUPLES_OK)


class Operation(Generic[_T]):
    """A running operation; ``value`` is set once ``statement`` is None.

    Creating one runs it to its first statement, so a mistake in the arguments is raised before a connection
    is taken.
    """

    __slots__ = ("_steps", "statement", "value")

    value: _T

    def __init__(self, steps: Steps[_T]) -> None:
        self._steps = steps
        self.statement: Statement | None = None
        try:
            self.statement = next(steps)
        except StopIteration as done:
            self.value = done.value

    def send(self, result: Result) -> Statement | None:
        """Send the statement's result, and run to the next statement."""
        try:
            self.statement = self._steps.send(result)
        except StopIteration as done:
            self.statement, self.value = None, done.value
        return self.statement


def has_rows(cursor: Any) -> bool:
    """Whether the statement returns rows. ``cursor.description`` would make an object for each column."""
    result = cursor.pgresult
    return result is not None and result.status == _TUPLES_OK


def column_names(cursor: Any) -> list[str]:
    """The names of the columns of a statement's rows."""
    return [column.name for column in cursor.description or ()]
