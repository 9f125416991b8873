"""SQL is compiled once for each shape of a query, and cached."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ..codecs import Convert
from ..input_errors import shown
from ..public.errors import InputError, MissingRequiredValueError

_T = TypeVar("_T")

#: What a ``dump`` raises for a value that its field can't take.
REFUSALS = (TypeError, ValueError, OverflowError)


class Statement(NamedTuple):
    """SQL (as psycopg sends it) with ``$1``-style placeholders, and a value for each.

    ``binary`` asks for the result in Postgres' binary form, which every codec can load and which is faster;
    ``named`` for the names of its columns. ``copied`` are the rows of a COPY.
    """

    sql: bytes
    parameters: Sequence[Any]
    binary: bool = True
    named: bool = False
    copied: Sequence[bytes] = ()


class Result(NamedTuple):
    """The result of a statement: its rows (none if it returns none) and how many rows it affected.

    ``names`` and ``types`` are its columns' names and the numbers of their types, if the statement asked for
    them.
    """

    rows: list[tuple[Any, ...]]
    row_count: int
    names: Sequence[str] = ()
    types: Sequence[int] = ()


#: An operation: yields statements, is sent their results, returns its value. It never waits, so one
#: implementation serves both clients.
Steps: TypeAlias = Generator[Statement, Result, _T]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled query: ``(dump, path)`` for each value of the walk, then values that the client makes."""

    sql: bytes
    values: tuple[tuple[Convert, str], ...]
    made: tuple[Callable[[datetime], Any], ...] = ()

    def statement(self, values: Sequence[Any]) -> Statement:
        """The statement for these values. Raises InputError for one that its field can't take."""
        try:
            parameters = [dump(value) for (dump, _), value in zip(self.values, values, strict=True)]
        except REFUSALS:
            # Which one, and why: only looked up now, so that valid values don't pay for it.
            for (dump, path), value in zip(self.values, values, strict=True):
                converted(dump, value, path)
            raise
        if self.made:
            now = datetime.now(UTC)
            parameters += [make(now) for make in self.made]
        return Statement(self.sql, parameters)


class Binder:
    """Collects the values of a statement while its SQL is written."""

    def __init__(self) -> None:
        self.values: list[tuple[Convert, str]] = []
        self._aliases = 0

    def alias(self) -> str:
        """A name for one more table in the statement: ``t1``, ``t2``, ..."""
        self._aliases += 1
        return f"t{self._aliases}"

    def bind(self, dump: Convert, type_: str, path: str) -> str:
        """A placeholder, cast to its type, for the walk's next value."""
        self.values.append((dump, path))
        return f"${len(self.values)}::{type_}"

    def plan(self, sql: str, made: Sequence[Callable[[datetime], Any]] = ()) -> Plan:
        """The finished plan. ``made`` are the values that follow the bound ones."""
        return Plan(sql.encode(), tuple(self.values), tuple(made))


def converted(dump: Convert, value: Any, path: str) -> Any:
    """``dump(value)``, with what is wrong and where if the field can't take it."""
    try:
        return dump(value)
    except REFUSALS as error:
        raise _refusal(value, path, error) from None


def _refusal(value: Any, path: str, error: Exception) -> InputError | MissingRequiredValueError:
    if not isinstance(error, TypeError):
        return InputError(f"{path}: {error}")
    if value is None:
        return MissingRequiredValueError(f"{path}: needs {error}, but got None")
    hint = "; wrap it: Json(...)" if "Json" in str(error) else ""
    return InputError(f"{path}: needs {error}, but got {shown(value, str(error))}{hint}")
