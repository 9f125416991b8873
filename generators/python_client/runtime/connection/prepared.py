"""Statements that psycopg has prepared on a connection, executed without one of its cursors.

A cursor's ``execute()`` finds out in Python, each time, what is known by then: the statement's name, its
dumpers, its loaders. That is half of the CPU of a small statement. psycopg still decides what is prepared,
and what is forgotten: what it has no name for is left to its cursors.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as ThisTransformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, Format

from ..sql.plans import Statement
from .cursors import IS_KNOWN
from .first_statement import together
from .pool import Slot, connected

_ROWS, _DONE, _BINARY = int(ExecStatus.TUPLES_OK), int(ExecStatus.COMMAND_OK), Format.BINARY
_MOST = 256
_NO_TYPES: tuple[int, ...] = ()
_NONE = b"", None

#: A statement's result, and what loads its rows.
Answer: TypeAlias = tuple[Any, Transformer]


class Message(NamedTuple):
    """What libpq is told of a statement that has been prepared; ``loads`` loads its rows."""

    name: bytes
    values: Sequence[Any] | None
    formats: Sequence[Format] | None
    loads: Transformer


class PreparedStatement:
    """What is known of a statement on one connection. Each combination of the types of its values is prepared
    by itself."""

    __slots__ = ("_by_types", "_dumps", "_formats", "_sql")

    def __init__(self, connection: Any, statement: Statement) -> None:
        self._sql = statement.sql
        self._dumps = ThisTransformer(connection)
        self._formats = [PyFormat.AUTO] * len(statement.parameters)
        #: By the types of the values: the name, which psycopg never gives again, and what loads the rows.
        self._by_types: dict[tuple[int, ...], tuple[bytes, Transformer]] = {}

    def add(self, connection: Any, types: tuple[int, ...], name: bytes, result: Any) -> None:
        """Keep the loaders of a result: a prepared statement always has the same columns."""
        loads = ThisTransformer(connection)
        loads.set_pgresult(result, format=_BINARY)
        loads.set_pgresult(None, set_loaders=False)
        self._by_types[types] = name, loads

    def message(self, connection: Any, values: Sequence[Any]) -> Message | None:
        """What to send; None if psycopg has not prepared it for values of these types, or forgot it."""
        dumps, types = self._dumps, _NO_TYPES
        dumped = dumps.dump_sequence(values, self._formats) if values else None
        if values:
            types = dumps.types or _NO_TYPES
        names, key = connection._prepared._names, (self._sql, types)
        name, loads = self._by_types.get(types, _NONE)
        if loads is None or names.get(key) != name:
            return None
        names.move_to_end(key)  # the one that was used longest ago is forgotten first
        return Message(name, dumped, dumps.formats if values else None, loads)


def executed(
    slot: Slot[Any, Any], known: PreparedStatement, statement: Statement
) -> Generator[Any, Any, Answer | None]:
    """Run it, for a connection's ``wait()``; None if it has to be left to a cursor. A BEGIN goes with it."""
    connection = connected(slot)
    message = None if connection._pipeline else known.message(connection, statement.parameters)
    if message is None:
        return None
    pgconn = connection.pgconn
    if slot.begin is None:
        pgconn.send_query_prepared(message.name, message.values, message.formats, _BINARY)
        results = yield from execute(pgconn)
    else:
        sends = partial(pgconn.send_query_prepared, message.name, message.values, message.formats, _BINARY)
        results = yield from together(pgconn, slot, slot.begin, sends)
    result = results[0]
    if result.status not in (_ROWS, _DONE):
        raise error_from_result(result, encoding=pgconn._encoding)
    return result, message.loads


def remember(slot: Slot[Any, Any], cursor: Any, statement: Statement) -> None:
    """After a cursor has executed a statement: keep what is known of it, if that is prepared by now."""
    if not IS_KNOWN or not statement.binary or statement.named:
        return
    connection = cursor._conn
    types = (cursor._tx.types if statement.parameters else None) or _NO_TYPES
    name = connection._prepared._names.get((statement.sql, types))
    if name is not None:
        known = slot.prepared.get(statement.sql)
        if known is None:
            if len(slot.prepared) >= _MOST:
                slot.prepared.clear()
            known = slot.prepared[statement.sql] = PreparedStatement(connection, statement)
        known.add(connection, types, name, cursor.pgresult)
