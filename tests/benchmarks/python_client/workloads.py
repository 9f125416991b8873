"""The operations that every peer does, and how often in one round.

A peer is a module with ``opened(dsn)``, a context manager (an asynchronous one where the peer is) that gives
a dict of functions by operation. Each takes a number, on which its arguments depend, and gives what it read.

"create_many 1000, objects" differs from the one before it for SQLAlchemy alone, which has two ways: one
statement for dicts ("ORM bulk insert"), and objects that are added to the session.
"""

from __future__ import annotations

from typing import Any

#: How often an operation runs in one round: 10 to 30 ms of it, so that a round is over before the machine's
#: load has changed.
TIMES = {
    "find_unique": 250,
    "find_many 100": 40,
    "include 50 × 10": 15,
    "create": 120,
    "create_many 1000": 1,
    "create_many 1000, objects": 1,
    "update": 120,
    "tx of 3": 40,
}
USERS = 1000
COLUMNS = ("title", "slug", "body", "published", "views", "rating", "author_id")


def user_id(number: int) -> int:
    """Any user's id."""
    return number * 37 % USERS + 1


def first_user_id(number: int) -> int:
    """The first of fifty users in a row."""
    return number * 37 % (USERS - 51) + 1


def post(number: int) -> dict[str, Any]:
    """A new post, of the one author whom no include reads."""
    return {
        "title": f"Title {number}",
        "slug": f"title-{number}",
        "body": "text " * 20,
        "published": number % 2 == 0,
        "views": number % 1000,
        "rating": 4.5,
        "author_id": USERS,
    }


def posts(number: int) -> list[dict[str, Any]]:
    """A thousand new posts."""
    return [post(number + offset) for offset in range(1000)]
