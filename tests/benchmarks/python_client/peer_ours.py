"""The generated client, blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import workloads
from schema_client import Client


@contextmanager
def opened(dsn: str) -> Iterator[dict[str, Callable[[int], Any]]]:
    with Client(dsn) as db:
        yield _operations(db)


def _operations(db: Client) -> dict[str, Callable[[int], Any]]:
    def find_unique(number: int) -> Any:
        return db.user.find_unique(where={"id": workloads.user_id(number)})

    def find_many(number: int) -> Any:
        where = {"published": True, "views": {"lt": 500 + number % 400}}
        return db.post.find_many(where=where, order={"id": "desc"}, take=100)

    def include(number: int) -> Any:
        where = {"id": {"gte": workloads.first_user_id(number)}}
        return db.user.find_many(where=where, order={"id": "asc"}, take=50, include={"posts": True})

    def create(number: int) -> Any:
        return db.post.create(data=workloads.post(number))

    def create_many(number: int) -> Any:
        return db.post.create_many(data=workloads.posts(number))

    def update(number: int) -> Any:
        return db.user.update(where={"id": workloads.user_id(number)}, data={"name": f"Name {number}"})

    def tx(number: int) -> Any:
        with db.tx() as inside:
            inside.post.create(data=workloads.post(number))
            inside.user.update(where={"id": workloads.user_id(number)}, data={"name": f"Name {number}"})
            return inside.user.find_unique(where={"id": workloads.user_id(number)})

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
