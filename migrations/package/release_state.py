"""What a version's database consists of, as the rehearsal found it: `verify` compares with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.versions import SchemaVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedState:
    """One version, its schema's digest (sha256, hex) and the objects of its database.

    ``objects`` are the definitions by kind and name that :func:`migrations.runner.fingerprint.read_objects`
    reads, of a database that the migrations up to this version made.
    """

    version: SchemaVersion
    schema_digest: str
    objects: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A published version, or the one that is being made: what it is called and its schema's digest.

    ``compatible_from``: the oldest version whose packages work on a database at this one, where the author
    declares it (itself: no other's).
    """

    version: SchemaVersion
    schema_digest: str
    compatible_from: SchemaVersion | None = None
