"""Tortoise ORM on asyncpg, its faster driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import workloads
from psycopg.conninfo import conninfo_to_dict
from tortoise import Tortoise, fields
from tortoise.models import Model
from tortoise.transactions import in_transaction


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class User(Model):
    id = fields.IntField(primary_key=True)
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
    id = fields.IntField(primary_key=True)
    title = fields.TextField()
    slug = fields.TextField()
    body = fields.TextField(null=True)
    published = fields.BooleanField(default=False)
    views = fields.IntField(default=0)
    rating = fields.FloatField(default=0.0)
    created_at = fields.DatetimeField(default=_now)
    updated_at = fields.DatetimeField(default=_now)
    author: Any = fields.ForeignKeyField("models.User", related_name="posts")

    class Meta:
        table = "Post"


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[dict[str, Callable[[int], Awaitable[Any]]]]:
    given = conninfo_to_dict(dsn)
    credentials = {
        "host": given["host"],
        "port": int(given.get("port") or 5432),
        "user": given["user"],
        "password": given.get("password"),
        "database": given["dbname"],
        "minsize": 10,
        "maxsize": 10,
    }
    await Tortoise.init(
        config={
            "connections": {
                "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials},
            },
            "apps": {"models": {"models": [__name__], "default_connection": "default"}},
            "use_tz": False,
        },
        _enable_global_fallback=True,  # the operations run in tasks of their own
    )
    try:
        yield _operations()
    finally:
        await Tortoise.close_connections()


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
