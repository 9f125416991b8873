"""Asks a database for its version, once, when an asyncio client connects."""

from __future__ import annotations

from ...compatibility.database_range import DatabaseRange
from ...compatibility.database_version import (
    LOCKED,
    NOT_ASKED,
    QUERY,
    Refusal,
    asked,
    locked,
    misplaced,
    recorded,
    refusal,
)
from ...connection.sqlstates import FAILURES, translated
from ...public.errors import DatabaseVersionError
from .connection import RawConnection


async def check_database(connection: RawConnection, database: DatabaseRange, schema: str | None) -> None:
    """Raises DatabaseVersionError where the client doesn't work, and what a query raises."""
    found = await _refusal(connection, database, schema)
    if found is not None:
        raise DatabaseVersionError(
            found.message,
            code=found.code,
            fix=found.fix,
            client_version=database.version,
            database_version=found.database_version,
        )


async def _refusal(connection: RawConnection, database: DatabaseRange, schema: str | None) -> Refusal | None:
    try:
        cursor = await connection.execute(QUERY.encode(), asked(database, schema), prepare=False)
        facts = [fact for (fact,) in await cursor.fetchall()]
    except FAILURES as error:
        code = getattr(error, "sqlstate", None)
        if code == LOCKED:
            return locked(database)
        if code in NOT_ASKED:
            return None
        raise translated(error) from error
    return misplaced(database, facts, schema) or refusal(database, recorded(facts))
