"""What psycopg's cursors have found out about a statement, kept for the next time.

A cursor forgets its loaders and dumpers as soon as it is given another statement, so statements in turn, as
in a transaction, would look them up again each time: a tenth of a small one.
"""

from __future__ import annotations

from typing import Any

import psycopg

from .pool import Slot

#: Whether the insides of psycopg's cursors are as they are in the minor versions that were looked at. With
#: another one they are left alone.
IS_KNOWN = psycopg.__version__.startswith(("3.2.", "3.3."))
#: BEGIN goes with a statement in libpq's pipeline mode, which an old one, used without psycopg's, lacks.
CAN_PIPELINE = IS_KNOWN and psycopg.Pipeline.is_supported()

_MOST = 64


def turn_to(cursor: Any, slot: Slot[Any, Any], sql: bytes) -> None:
    """Before a cursor executes a statement: what is known of it, in place of what is known of the last."""
    last = cursor._last_query
    if last is sql or not IS_KNOWN:
        return
    known = slot.transformers
    if last is not None:
        if len(known) >= _MOST:
            known.clear()
        cursor._tx.set_pgresult(None)  # it would keep the rows alive
        known[last] = cursor._tx
    transformer = known.pop(sql, None)
    if transformer is not None:
        cursor._tx, cursor._last_query = transformer, sql
