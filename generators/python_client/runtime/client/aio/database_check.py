"""Asks a database for its version, once, when an asyncio client connects."""

from __future__ import annotations

from ...connection.database_version import NOT_ASKED, QUERY, asked, recorded, refusal
from ...connection.sqlstates import FAILURES, translated
from ...database_range import DatabaseRange
from ...public.errors import DatabaseVersionError
from .connection import RawConnection


async def check_database(connection: RawConnection, database: DatabaseRange, schema: str | None) -> None:
    """Raises DatabaseVersionError where the client doesn't work, and what a query raises."""
    try:
        cursor = await connection.execute(QUERY.encode(), asked(database, schema), prepare=False)
        facts = [fact for (fact,) in await cursor.fetchall()]
    except FAILURES as error:
        if getattr(error, "sqlstate", None) in NOT_ASKED:
            return
        raise translated(error) from error
    found = refusal(database, recorded(facts))
    if found is not None:
        raise DatabaseVersionError(
            found.message,
            code=found.code,
            fix=found.fix,
            client_version=database.version,
            database_version=found.database_version,
        )
