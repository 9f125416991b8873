"""Everything that a database's schema consists of, one entry per object, and a digest of it all.

Two databases with equal fingerprints behave the same. The order of columns and the rows are ignored; names,
hand-written views, triggers, functions and checks are included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .pg_catalog_query import OBJECTS, SPELLING

if TYPE_CHECKING:
    from ..connection.connection import Connection


#: A role's or a database's own limits are meant for applications: a large schema takes its time, and a view's
#: definition waits for who changes its tables.
_IN_TIME = "; ".join(
    f"SET LOCAL {name} = {seconds * 1000}"
    for name, seconds in {
        "statement_timeout": 60,
        "lock_timeout": 0,
        "idle_in_transaction_session_timeout": 0,
    }.items()
)


def read_objects(connection: Connection) -> dict[str, str]:
    """Definitions by kind and name (``column public.users.email``: ``text not null``), sorted by both.

    The connection is in autocommit mode. Needs only the right to connect: pg_catalog is public.
    """
    with connection.transaction():
        connection.execute(f"{SPELLING}; {_IN_TIME}".encode())
        rows = connection.execute(OBJECTS.encode()).fetchall()
    return dict(sorted((f"{kind} {name}", definition) for kind, name, definition in rows))


def fingerprint(objects: Mapping[str, str]) -> str:
    """sha256 (hex) of the objects, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(objects):
        digest.update(f"{name}\0{objects[name]}\0".encode())
    return digest.hexdigest()
