"""Yara ORM, whose engine is written in Rust; its API is Tortoise's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import workloads
from yara_orm import Model, YaraOrm, fields, in_transaction


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class User(Model):
    id = fields.IntField(pk=True)
    email = fields.TextField()
    name = fields.TextField()
    bio = fields.TextField(null=True)
    age = fields.IntField()
    active = fields.BooleanField(default=True)
    score = fields.FloatField(default=0.0)
    created_at = fields.DatetimeField(default=_now)
    updated_at = fields.DatetimeField(default=_now)

    class Meta:
        table = "User"


class Post(Model):
    id = fields.IntField(pk=True)
    title = fields.TextField()
    slug = fields.TextField()
    body = fields.TextField(null=True)
    published = fields.BooleanField(default=False)
    views = fields.IntField(default=0)
    rating = fields.FloatField(default=0.0)
    created_at = fields.DatetimeField(default=_now)
    updated_at = fields.DatetimeField(default=_now)
    author: Any = fields.ForeignKeyField("User", related_name="posts")

    class Meta:
        table = "Post"


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    await YaraOrm.init(f"{dsn}{'&' if '?' in dsn else '?'}min_size=10&max_size=10")
    try:
        yield _operations()
    finally:
        await YaraOrm.close()


def _operations() -> dict[str, Callable[[int], Awaitable[Any]]]:
    async def find_unique(number: int) -> Any:
        return await User.get_or_none(id=workloads.user_id(number))

    async def find_many(number: int) -> Any:
        found = Post.filter(published=True, views__lt=500 + number % 400)
        return await found.order_by("-id").limit(100)

    async def include(number: int) -> Any:
        found = User.filter(id__gte=workloads.first_user_id(number))
        return await found.order_by("id").limit(50).prefetch_related("posts")

    async def create(number: int) -> Any:
        return await Post.create(**workloads.post(number))

    async def create_many(number: int) -> Any:
        return await Post.bulk_create([Post(**row) for row in workloads.posts(number)])

    async def update(number: int) -> Any:
        user = await User.get(id=workloads.user_id(number))
        user.name, user.updated_at = f"Name {number}", _now()
        await user.save(update_fields=["name", "updated_at"])
        return user

    async def tx(number: int) -> Any:
        async with in_transaction():
            await create(number)
            await update(number)
            return await find_unique(number)

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
