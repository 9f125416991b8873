"""Rows sent as one COPY: the server reads, stores and indexes them in two thirds of the time of an INSERT."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.generators import copy_end, copy_to, execute, fetch_many
from psycopg.pq import ConnStatus, ExecStatus

from ..connection.pool import AnyConnection
from ..sql.plans import Result, Statement


def copied(connection: AnyConnection, statement: Statement) -> Generator[Any, Any, Result]:
    """Send a COPY and its rows, for a connection's ``wait()``; how many rows were stored.

    Nothing is stored unless all is: the server ends the COPY only when it has been told that no more comes.
    """
    pgconn = connection.pgconn
    pgconn.send_query(statement.sql)
    begun = (yield from execute(pgconn))[-1]
    if begun.status != ExecStatus.COPY_IN:
        raise error_from_result(begun)
    try:
        for chunk in statement.copied:
            yield from copy_to(pgconn, chunk)
        ended = yield from copy_end(pgconn, None)
    except OperationalError:
        if pgconn.status == ConnStatus.BAD:
            raise
        # The server has refused a row while later ones were on their way.
        raise error_from_result((yield from fetch_many(pgconn))[-1]) from None
    return Result([], ended.command_tuples or 0)
