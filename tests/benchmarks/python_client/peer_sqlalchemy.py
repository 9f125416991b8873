"""SQLAlchemy's ORM on psycopg: a session for each operation, as a web request has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import tables
import workloads
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from tables import Post, User


@contextmanager
def opened(dsn: str, **options: Any) -> Iterator[dict[str, Callable[[int], Any]]]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), **options)
    try:
        yield _operations(engine)
    finally:
        engine.dispose()


def _operations(engine: Engine) -> dict[str, Callable[[int], Any]]:
    def find_unique(number: int) -> Any:
        with Session(engine) as session:
            return session.get(User, workloads.user_id(number))

    def find_many(number: int) -> Any:
        with Session(engine) as session:
            return session.scalars(tables.a_hundred_posts(number)).all()

    def include(number: int) -> Any:
        with Session(engine) as session:
            return session.scalars(tables.fifty_users(number)).all()

    def create(number: int) -> Any:
        with Session(engine, expire_on_commit=False) as session:
            row = Post(**workloads.post(number))
            session.add(row)
            session.commit()
            return row

    def create_many(number: int) -> Any:
        with Session(engine) as session:
            session.execute(tables.INSERT, workloads.posts(number))
            session.commit()

    def create_objects(number: int) -> Any:
        with Session(engine) as session:
            session.add_all([Post(**values) for values in workloads.posts(number)])
            session.commit()

    def update(number: int) -> Any:
        with Session(engine, expire_on_commit=False) as session:
            row = session.get_one(User, workloads.user_id(number))
            row.name = f"Name {number}"
            session.commit()
            return row

    def tx(number: int) -> Any:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            session.add(Post(**workloads.post(number)))
            row = session.get_one(User, workloads.user_id(number))
            row.name = f"Name {number}"
            session.flush()
            return session.get(User, workloads.user_id(number), populate_existing=True)

    functions = (find_unique, find_many, include, create, create_many, create_objects, update, tx)
    return dict(zip(workloads.TIMES, functions, strict=True))
