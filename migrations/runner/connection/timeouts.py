"""A statement of the runner's own that Postgres has ended: by a timeout that somebody has set, or cancelled.

Steps of migrations run without the timeouts of roles and databases (``session.py``); what the runner asks
before and after them does not. Source: the Postgres manual, "Statement Behavior" and "pg_db_role_setting".
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..errors import RefusedError, RunnerError, TryAgainError
from ..options import Address
from .timeout_settings import timeout_of

_CONNECT_SECONDS = 5
_ATTEMPTS = 5  # the timeout ends this question, too, until it is off
_OFF = "BEGIN; SET LOCAL statement_timeout = 0"
_VALUE = "SELECT reset_val, current_database(), session_user FROM pg_settings WHERE name = %s"
#: What is set for a role in a database wins over what is set for the role, and that over the database's.
_SET_FOR = """
SELECT s.setrole <> 0, s.setdatabase <> 0
FROM pg_db_role_setting s, unnest(s.setconfig) AS entry
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
  AND split_part(entry, '=', 1) = %s
ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC
"""


def ended_statement(error: psycopg.Error, address: Address) -> RunnerError | None:
    """Why Postgres has ended a statement; None where it was for something else. Asks the database for it."""
    setting = timeout_of(error)
    if setting is None:
        return None
    said = str(error).strip().splitlines()[0]
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(psycopg.Error):
            return _too_short(setting, said, address) or _cancelled(said)
    return _cancelled(said)


def _too_short(setting: str, said: str, address: Address) -> RunnerError | None:
    """None where the sessions of this address have no such timeout."""
    opened = psycopg.connect(
        address.conninfo, autocommit=True, prepare_threshold=None, connect_timeout=_CONNECT_SECONDS
    )
    with contextlib.closing(opened) as connection:
        connection.execute(_OFF)
        row = connection.execute(_VALUE, (setting,)).fetchone()
        if row is None or row[0] == "0":
            return None
        value, database, role = row
        for_role, in_database = connection.execute(_SET_FOR, (setting,)).fetchone() or (False, False)
        names = (sql.Identifier(name).as_string(connection) for name in (role, database))
        fix = "let this role have none here: ALTER ROLE {} IN DATABASE {} SET {} = 0".format(*names, setting)
    where = {
        (True, True): f"for the role {role} in database {database}",
        (True, False): f"for the role {role}",
        (False, True): f"for the database {database}",
        (False, False): "in the server's configuration",
    }[for_role, in_database]
    if setting in _options(address):
        where, fix = "in the options of its address", "leave it out of the options there, or set it to 0"
    return RefusedError(
        "timeout-too-short",
        f"the {setting} of {value} ms, which is set {where}, has ended what this command asks: {said}",
        fix,
    )


def _options(address: Address) -> str:
    """Those that libpq sends: they win over what roles and databases have."""
    given: dict[str, Any] = conninfo_to_dict(address.conninfo)
    return str(given.get("options") or os.environ.get("PGOPTIONS", ""))


def _cancelled(said: str) -> RunnerError:
    return TryAgainError(
        "statement-cancelled",
        f"the database has cancelled a statement of this command: {said}",
        "run this again; what was committed is recorded",
    )
