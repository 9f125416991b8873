"""Oxyde, whose core is written in Rust; its models are pydantic's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import workloads
from oxyde import Field, Model, PoolSettings, db
from oxyde.db import transaction


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class User(Model):
    id: int | None = Field(default=None, db_pk=True)
    email: str
    name: str
    bio: str | None = Field(default=None)
    age: int
    active: bool = Field(default=True)
    score: float = Field(default=0.0)
    created_at: datetime = Field(default_factory=_now)
    updated_at: datetime = Field(default_factory=_now)
    posts: list[Post] = Field(db_reverse_fk="author")

    class Meta:
        is_table = True
        table_name = "User"


class Post(Model):
    id: int | None = Field(default=None, db_pk=True)
    title: str
    slug: str
    body: str | None = Field(default=None)
    published: bool = Field(default=False)
    views: int = Field(default=0)
    rating: float = Field(default=0.0)
    created_at: datetime = Field(default_factory=_now)
    updated_at: datetime = Field(default_factory=_now)
    author: User | None = Field(default=None)

    class Meta:
        is_table = True
        table_name = "Post"


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    # sqlx wants a host in the address, though the socket's folder is what counts.
    address = dsn.replace("@/", "@localhost/")
    await db.init(default=address, settings=PoolSettings(min_connections=10, max_connections=10))
    try:
        yield _operations()
    finally:
        await db.close()


def _operations() -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def find_unique(number: int) -> Any:
        return await User.objects.get_or_none(id=workloads.user_id(number))

    async def find_many(number: int) -> Any:
        found = Post.objects.filter(published=True, views__lt=500 + number % 400)
        return await found.order_by("-id").limit(100).all()

    async def include(number: int) -> Any:
        found = User.objects.filter(id__gte=workloads.first_user_id(number))
        return await found.order_by("id").limit(50).prefetch("posts").all()

    async def create(number: int) -> Any:
        return await Post.objects.create(**workloads.post(number))

    async def create_many(number: int) -> Any:
        return await Post.objects.bulk_create(workloads.posts(number))

    async def update(number: int) -> Any:
        found = User.objects.filter(id=workloads.user_id(number))
        (user,) = await found.update(name=f"Name {number}", updated_at=_now(), returning=True)
        return user

    async def tx(number: int) -> Any:
        async with transaction.atomic():
            await create(number)
            await update(number)
            return await find_unique(number)

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
