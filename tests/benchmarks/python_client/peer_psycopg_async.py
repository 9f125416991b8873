"""psycopg's asyncio connections, from its own pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import statements
import workloads
from peer_psycopg import new_post
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    options = {"autocommit": True, "row_factory": dict_row}
    async with AsyncConnectionPool(dsn, min_size=10, max_size=10, kwargs=options, open=False) as pool:
        await pool.wait()
        yield _operations(pool)


def _operations(pool: AsyncConnectionPool[Any]) -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def one(connection: AsyncConnection[Any], sql: str, values: Any) -> Any:
        return await (await connection.execute(sql, values)).fetchone()

    async def update_on(connection: AsyncConnection[Any], number: int) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        return await one(connection, statements.UPDATE, (f"Name {number}", now, workloads.user_id(number)))

    async def find_unique(number: int) -> Any:
        async with pool.connection() as connection:
            return await one(connection, statements.FIND_UNIQUE, (workloads.user_id(number),))

    async def find_many(number: int) -> Any:
        async with pool.connection() as connection:
            cursor = await connection.execute(statements.FIND_MANY, (True, 500 + number % 400, 100))
            return await cursor.fetchall()

    async def include(number: int) -> Any:
        async with pool.connection() as connection:
            cursor = await connection.execute(statements.FIFTY_USERS, (workloads.first_user_id(number),))
            users = await cursor.fetchall()
            by_id = {user["id"]: user for user in users}
            for user in users:
                user["posts"] = []
            cursor = await connection.execute(statements.THEIR_POSTS, (list(by_id),))
            for post in await cursor.fetchall():
                by_id[post["author_id"]]["posts"].append(post)
            return users

    async def create(number: int) -> Any:
        async with pool.connection() as connection:
            return await one(connection, statements.CREATE, new_post(number))

    async def create_many(number: int) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [{**row, "updated_at": now} for row in workloads.posts(number)]
        async with pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(statements.INSERT, rows)

    async def update(number: int) -> Any:
        async with pool.connection() as connection:
            return await update_on(connection, number)

    async def tx(number: int) -> Any:
        async with pool.connection() as connection, connection.transaction():
            await one(connection, statements.CREATE, new_post(number))
            await update_on(connection, number)
            return await one(connection, statements.FIND_UNIQUE, (workloads.user_id(number),))

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
