"""Who is connected to registered databases: which versions of the schema's clients."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from migrations.runner.connection.clients import Users
from schemas.errors import Problem, ServiceError
from schemas.versions import SchemaVersion

from . import database as one
from .manifests import PublishedManifests
from .registered import RegisteredDatabase

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUsers:
    """Where there are ``problems``, nothing is known."""

    name: str
    users: Users | None
    problems: tuple[Problem, ...] = ()


def users(
    databases: Sequence[RegisteredDatabase],
    manifests: PublishedManifests,
    latest: SchemaVersion,
    *,
    below: SchemaVersion | None,
    broken_by: SchemaVersion | None,
) -> tuple[DatabaseUsers, ...]:
    """For each of ``databases``; one that doesn't answer says why. Raises what reading the package of
    ``broken_by``, or of ``latest`` without one, raises."""
    manifest = manifests.of(broken_by or latest)

    def asked(database: RegisteredDatabase) -> DatabaseUsers:
        try:
            found = one.users(database, manifest, below=below, broken_by=broken_by, options=one.LOOKING)
        except ServiceError as error:
            return DatabaseUsers(name=database.name, users=None, problems=error.problems)
        return DatabaseUsers(name=database.name, users=found)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="database") as pool:
        return tuple(pool.map(asked, databases))
