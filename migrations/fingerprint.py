"""Everything a database's schema consists of, one line an object, and one digest of them all.

Two databases with equal fingerprints behave the same. The order of columns and rows' contents don't count;
names, hand-written views, triggers, functions and checks do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import Any

import psycopg

_QUERY = "fingerprint.sql"


def read_objects(connection: psycopg.Connection[tuple[Any, ...]]) -> frozenset[str]:
    """One line an object: what it is, and its definition as Postgres itself writes it."""
    query = resources.files(__package__ or "migrations").joinpath(_QUERY).read_bytes()
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")  # so that every name is spelled in full
        return frozenset(row[0] for row in connection.execute(query))


def fingerprint(objects: Iterable[str]) -> str:
    """sha256 (hex) of the objects, in whatever order they came."""
    digest = hashlib.sha256()
    for line in sorted(objects):
        digest.update(line.encode() + b"\0")
    return digest.hexdigest()
