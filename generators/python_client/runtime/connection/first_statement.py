"""BEGIN together with the first statement of its transaction: one flush, and one round trip less.

libpq's pipeline mode does it. psycopg's own pipelines cost more than they save for two statements, so what
its cursor does is done here, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from ..sql.plans import Statement
from .pool import Slot, connected
from .transactions import control

_DONE, _BAD = int(ExecStatus.COMMAND_OK), int(ConnStatus.BAD)


def is_unsent(slot: Slot[Any, Any]) -> bool:
    """Whether the server knows nothing of the slot's transaction, so that there is nothing to end."""
    if slot.begin is None or slot.connection is None:
        return False
    return bool(slot.connection.pgconn.transaction_status == TransactionStatus.IDLE)


def begun(slot: Slot[Any, Any], begin: bytes) -> Generator[Any, Any, None]:
    """BEGIN alone, for a connection's ``wait()``."""
    yield from control(connected(slot), begin)
    slot.begin = None


def first_statement(
    cursor: Any, slot: Slot[Any, Any], begin: bytes, statement: Statement
) -> Generator[Any, Any, None]:
    """BEGIN and a statement, as the cursor's ``execute()`` would run it.

    Until the server has begun, ``slot.begin`` stays: whatever fails, the next statement can't run outside the
    transaction.
    """
    yield from cursor._start_query(statement.sql)
    query = cursor._convert_query(statement.sql, statement.parameters)
    pgconn, prepared = cursor._pgconn, cursor._conn._prepared
    prepare, name = cursor._get_prepared(query)
    is_prepared = prepare.name == "YES"
    if prepare.name == "SHOULD" or not (is_prepared or query.params or statement.binary):
        # A text of several statements, and what is prepared now, take other messages.
        yield from begun(slot, begin)
        yield from cursor._maybe_prepare_gen(query, binary=statement.binary)
    else:
        if is_prepared:
            sends = partial(cursor._send_query_prepared, name, query, binary=statement.binary)
        else:
            sends = partial(cursor._execute_send, query, force_extended=True, binary=statement.binary)
        results = yield from together(pgconn, slot, begin, sends)
        key = prepared.maybe_add_to_cache(query, prepare, name)
        if key is not None:
            prepared.validate(key, prepare, name, results)
        cursor._check_results(results)
        cursor._set_results(results)
    cursor._last_query = statement.sql
    yield from prepared.maintain_gen(cursor._conn)


def together(
    pgconn: Any, slot: Slot[Any, Any], begin: bytes, sends: Callable[[], None]
) -> Generator[Any, Any, list[Any]]:
    """BEGIN and what ``sends`` gives to libpq: the results of that, of which one may be an error."""
    pgconn.enter_pipeline_mode()
    pgconn.send_query_params(begin, None)
    refused: Exception | None = None
    try:
        sends()
    except Exception as error:  # libpq refuses too many values, and has BEGIN already
        refused = error
    pgconn.pipeline_sync()
    yield from send(pgconn)
    (beginning, *_) = yield from fetch_many(pgconn)
    if beginning.status == _DONE:
        slot.begin = None
    elif pgconn.status == _BAD:
        raise error_from_result(beginning)
    results = [] if refused is not None else (yield from fetch_many(pgconn))
    if pgconn.status == _BAD:
        raise refused or error_from_result(results[-1])
    yield from fetch_many(pgconn)  # the end of the pipeline
    pgconn.exit_pipeline_mode()
    if slot.begin is not None:
        raise error_from_result(beginning)
    if refused is not None:
        raise refused
    return results
