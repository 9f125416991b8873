"""DBOS on an SQLite older than 3.42.

On Python 3.12 and later DBOS lets SQLite write times with ``unixepoch('subsec')``, which SQLite supports
since 3.42 (https://sqlite.org/lang_datefunc.html); older ones return NULL. That combination is common:
Debian 12 has 3.40, and a state database made elsewhere may be opened there.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import sqlalchemy as sa

_KNOWS_SUBSEC = (3, 42)


class _Connection(sqlite3.Connection):
    """Implements ``unixepoch('subsec')``: seconds since 1970, with milliseconds."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.create_function("unixepoch", 1, _unixepoch)


def engine_arguments(state: sa.URL) -> dict[str, Any]:
    """The engine options, besides the URL, with which DBOS opens the state database."""
    if state.drivername != "sqlite" or sqlite3.sqlite_version_info >= _KNOWS_SUBSEC:
        return {}
    return {"connect_args": {"factory": _Connection}}


def _unixepoch(argument: object) -> float:
    if argument != "subsec":
        raise ValueError("only unixepoch('subsec') is supported here")
    return round(time.time(), 3)
