"""SQLAlchemy's asyncio ORM on asyncpg, its faster driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import tables
import workloads
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from tables import Post, User


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    async def connect() -> Any:
        return await asyncpg.connect(dsn)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, pool_size=10)
    try:
        yield _operations(engine)
    finally:
        await engine.dispose()


def _operations(engine: AsyncEngine) -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def find_unique(number: int) -> Any:
        async with AsyncSession(engine) as session:
            return await session.get(User, workloads.user_id(number))

    async def find_many(number: int) -> Any:
        async with AsyncSession(engine) as session:
            return (await session.scalars(tables.a_hundred_posts(number))).all()

    async def include(number: int) -> Any:
        async with AsyncSession(engine) as session:
            return (await session.scalars(tables.fifty_users(number))).all()

    async def create(number: int) -> Any:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            row = Post(**workloads.post(number))
            session.add(row)
            await session.commit()
            return row

    async def create_many(number: int) -> Any:
        async with AsyncSession(engine) as session:
            await session.execute(tables.INSERT, workloads.posts(number))
            await session.commit()

    async def create_objects(number: int) -> Any:
        async with AsyncSession(engine) as session:
            session.add_all([Post(**values) for values in workloads.posts(number)])
            await session.commit()

    async def update(number: int) -> Any:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            row = await session.get_one(User, workloads.user_id(number))
            row.name = f"Name {number}"
            await session.commit()
            return row

    async def tx(number: int) -> Any:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            session.add(Post(**workloads.post(number)))
            row = await session.get_one(User, workloads.user_id(number))
            row.name = f"Name {number}"
            await session.flush()
            return await session.get(User, workloads.user_id(number), populate_existing=True)

    functions = (find_unique, find_many, include, create, create_many, create_objects, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
