"""psycopg as its documentation uses it: one connection, rows as dicts, prepared on its own account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import statements
import workloads
from psycopg.rows import dict_row


@contextmanager
def opened(dsn: str) -> Iterator[dict[str, Callable[[int], Any]]]:
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        yield _operations(connection)


def new_post(number: int) -> dict[str, Any]:
    return {**workloads.post(number), "updated_at": datetime.now(UTC).replace(tzinfo=None)}


def _operations(connection: psycopg.Connection[dict[str, Any]]) -> dict[str, Callable[[int], Any]]:
    def find_unique(number: int) -> Any:
        return connection.execute(statements.FIND_UNIQUE, (workloads.user_id(number),)).fetchone()

    def find_many(number: int) -> Any:
        return connection.execute(statements.FIND_MANY, (True, 500 + number % 400, 100)).fetchall()

    def include(number: int) -> Any:
        users = connection.execute(statements.FIFTY_USERS, (workloads.first_user_id(number),)).fetchall()
        by_id = {user["id"]: user for user in users}
        for user in users:
            user["posts"] = []
        for post in connection.execute(statements.THEIR_POSTS, (list(by_id),)).fetchall():
            by_id[post["author_id"]]["posts"].append(post)
        return users

    def create(number: int) -> Any:
        return connection.execute(statements.CREATE, new_post(number)).fetchone()

    def create_many(number: int) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [{**row, "updated_at": now} for row in workloads.posts(number)]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(statements.INSERT, rows)
            return cursor.rowcount

    def update(number: int) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        return connection.execute(
            statements.UPDATE, (f"Name {number}", now, workloads.user_id(number))
        ).fetchone()

    def tx(number: int) -> Any:
        with connection.transaction():
            create(number)
            update(number)
            return find_unique(number)

    functions = (find_unique, find_many, include, create, create_many, create_many, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
