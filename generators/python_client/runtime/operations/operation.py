"""Drives an operation from outside: its next statement, and in the end its value."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from psycopg.pq import ExecStatus

from ..public.errors import PrismaError, UnreadableCell, UnreadableValueError, unreadable
from ..sql.plans import Result, Statement, Steps

_T = TypeVar("_T")

#: A cursor keeps its last result alive; after one of more rows than this it is dropped.
LARGE_RESULT = 1000
_TUPLES_OK = int(ExecStatus.TUPLES_OK)


class Operation(Generic[_T]):
    """A running operation; ``value`` is set once ``statement`` is None.

    Creating one runs it to its first statement, so a mistake in the arguments is raised before a connection
    is taken. Errors of the types ``asked_elsewhere`` are kept from it: another server is given the statement.
    """

    __slots__ = ("_steps", "asked_elsewhere", "statement", "value")

    value: _T

    def __init__(self, steps: Steps[_T]) -> None:
        self._steps = steps
        self.asked_elsewhere: tuple[type[PrismaError], ...] = ()
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

    def throw(self, error: PrismaError) -> Statement | None:
        """Tell the operation that its statement failed. It may go on with another one, and knows more about
        the error, which it raises otherwise."""
        if isinstance(error, self.asked_elsewhere):
            raise error
        try:
            self.statement = self._steps.throw(error)
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


def column_types(cursor: Any) -> list[int]:
    """The numbers of the types of the columns of a statement's rows."""
    return [column.type_code for column in cursor.description or ()]


def loaded(result: Any, transformer: Any) -> Result:
    """The rows of a result, by a transformer that knows their types. Raises UnreadableValueError."""
    if result.status != _TUPLES_OK:
        count = result.command_tuples
        return Result([], -1 if count is None else count)
    transformer.set_pgresult(result, set_loaders=False)
    try:
        rows = transformer.load_rows(0, result.ntuples, tuple)
    except Exception as error:
        raise _unread(result, transformer, error) from error
    finally:
        transformer.set_pgresult(None, set_loaders=False)  # it would keep the rows alive
    return Result(rows, len(rows))


def unread(cursor: Any, error: Exception) -> UnreadableValueError:
    """The error for a cursor's result that psycopg could not load."""
    return _unread(cursor.pgresult, cursor._tx, error)


def _unread(result: Any, transformer: Any, error: Exception) -> UnreadableValueError:
    """The error for a result that psycopg could not load: which value it is, is only looked up now."""
    for number in range(result.ntuples):
        loaded: list[Any] = []
        refused: tuple[int, Exception] | None = None
        for position in range(result.nfields):
            data = result.get_value(number, position)
            load = transformer.get_loader(result.ftype(position), result.fformat(position)).load
            try:
                loaded.append(None if data is None else load(data))
            except Exception as each:
                loaded.append(None)
                refused = refused or (position, each)
        if refused is not None:
            position, error = refused
            name = (result.fname(position) or b"").decode(errors="replace")
            return UnreadableValueError(
                f"column {name!r} of row {number + 1}: the database has {unreadable(error)}; "
                f'select it as text: "{name}"::text',
                cell=UnreadableCell(number, position, tuple(loaded), unreadable(error)),
            )
    return UnreadableValueError(f"the database has {unreadable(error)}")
