"""asyncpg from its own pool; its records are handed out as they are."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
import statements
import workloads


def _numbered(sql: str) -> str:
    """``sql`` with ``$1``-style placeholders."""
    numbers = count(1)
    return re.sub(r"%(\(\w+\))?s", lambda _: f"${next(numbers)}", sql)


FIND_UNIQUE, FIND_MANY, FIFTY_USERS, THEIR_POSTS, INSERT, CREATE, UPDATE = map(
    _numbered,
    (
        statements.FIND_UNIQUE,
        statements.FIND_MANY,
        statements.FIFTY_USERS,
        statements.THEIR_POSTS,
        statements.INSERT,
        statements.CREATE,
        statements.UPDATE,
    ),
)


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    async with asyncpg.create_pool(dsn, min_size=10, max_size=10) as pool:
        yield _operations(pool)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _operations(pool: Any) -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def find_unique(number: int) -> Any:
        return await pool.fetchrow(FIND_UNIQUE, workloads.user_id(number))

    async def find_many(number: int) -> Any:
        return await pool.fetch(FIND_MANY, True, 500 + number % 400, 100)

    async def include(number: int) -> Any:
        async with pool.acquire() as connection:
            users = await connection.fetch(FIFTY_USERS, workloads.first_user_id(number))
            by_id: dict[int, list[Any]] = {user["id"]: [] for user in users}
            for post in await connection.fetch(THEIR_POSTS, list(by_id)):
                by_id[post["author_id"]].append(post)
            return [(user, by_id[user["id"]]) for user in users]

    async def create(number: int) -> Any:
        return await pool.fetchrow(CREATE, *workloads.post(number).values(), _now())

    async def create_many(number: int) -> Any:
        now = _now()
        await pool.executemany(INSERT, [(*row.values(), now) for row in workloads.posts(number)])

    async def update(number: int) -> Any:
        return await pool.fetchrow(UPDATE, f"Name {number}", _now(), workloads.user_id(number))

    async def tx(number: int) -> Any:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(CREATE, *workloads.post(number).values(), _now())
            await connection.fetchrow(UPDATE, f"Name {number}", _now(), workloads.user_id(number))
            return await connection.fetchrow(FIND_UNIQUE, workloads.user_id(number))

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
