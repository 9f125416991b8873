"""Inserts that another transaction may make at the same time. They run inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..public.errors import UniqueViolationError
from ..sql.plans import Statement, Steps

_SAVE = Statement(b"SAVEPOINT attempt", ())
_GO_BACK = Statement(b"ROLLBACK TO SAVEPOINT attempt", ())
_FORGET = Statement(b"RELEASE SAVEPOINT attempt", ())


def found_or(find: Callable[[], Steps[Any]], make: Callable[[], Steps[Any]]) -> Steps[Any]:
    """What is found; if that is None or False, what is made.

    If another transaction has made the same meanwhile, it is found after all: without the savepoint, its
    unique violation would end the transaction.
    """
    found = yield from find()
    if found is not None and found is not False:
        return found
    yield _SAVE
    try:
        made = yield from make()
    except UniqueViolationError:
        yield _GO_BACK
        made = yield from find()
        if made is None or made is False:
            raise
    yield _FORGET
    return made
