"""The two tables for SQLAlchemy's ORM."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import workloads
from sqlalchemy import ForeignKey, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "User"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - as SQLAlchemy's documentation writes it

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    bio: Mapped[str | None]
    age: Mapped[int]
    active: Mapped[bool]
    score: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)
    posts: Mapped[list[Post]] = relationship(back_populates="author")


class Post(Base):
    __tablename__ = "Post"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str]
    body: Mapped[str | None]
    published: Mapped[bool]
    views: Mapped[int]
    rating: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)
    author_id: Mapped[int] = mapped_column(ForeignKey("User.id"))
    author: Mapped[User] = relationship(back_populates="posts")


def a_hundred_posts(number: int) -> Any:
    found = select(Post).where(Post.published.is_(True), Post.views < 500 + number % 400)
    return found.order_by(Post.id.desc()).limit(100)


def fifty_users(number: int) -> Any:
    found = select(User).where(User.id >= workloads.first_user_id(number)).order_by(User.id).limit(50)
    return found.options(selectinload(User.posts))


INSERT = insert(Post)
