"""The generated client, asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import workloads
from schema_client import AsyncClient


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    async with AsyncClient(dsn) as db:
        yield _operations(db)


def _operations(db: AsyncClient) -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def find_unique(number: int) -> Any:
        return await db.user.find_unique(where={"id": workloads.user_id(number)})

    async def find_many(number: int) -> Any:
        where = {"published": True, "views": {"lt": 500 + number % 400}}
        return await db.post.find_many(where=where, order={"id": "desc"}, take=100)

    async def include(number: int) -> Any:
        where = {"id": {"gte": workloads.first_user_id(number)}}
        return await db.user.find_many(where=where, order={"id": "asc"}, take=50, include={"posts": True})

    async def create(number: int) -> Any:
        return await db.post.create(data=workloads.post(number))

    async def create_many(number: int) -> Any:
        return await db.post.create_many(data=workloads.posts(number))

    async def update(number: int) -> Any:
        return await db.user.update(where={"id": workloads.user_id(number)}, data={"name": f"Name {number}"})

    async def tx(number: int) -> Any:
        async with db.tx() as inside:
            await inside.post.create(data=workloads.post(number))
            await inside.user.update(where={"id": workloads.user_id(number)}, data={"name": f"Name {number}"})
            return await inside.user.find_unique(where={"id": workloads.user_id(number)})

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
