"""What a version's database consists of, as rehearsed: ``verify`` compares databases with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.versions import SchemaVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseState:
    """One version, its schema's digest (sha256, hex) and the objects of its database.

    ``objects`` are definitions by kind and name, which
    :func:`migrations.runner.verification.fingerprint.read_objects` read from a database at this version.
    """

    version: SchemaVersion
    schema_digest: str
    objects: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version that is published or being published, and its schema's digest.

    ``compatible_from``: the oldest version whose packages work on a database at this one, if the author
    declares it (itself: no other version's do).
    """

    version: SchemaVersion
    schema_digest: str
    compatible_from: SchemaVersion | None = None
