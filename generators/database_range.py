"""Which versions of its database a client works with, as its package carries it."""

from __future__ import annotations

from dataclasses import dataclass

from migrations.package.compatibility import next_breaking
from schemas.versions import SchemaVersion

from .target import GenerationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRange:
    """``oldest`` has the same migrations as the client's version; ``until`` is the next one that may break
    clients. What a database between or beyond them works with it says itself
    (:func:`migrations.package.compatibility.compatible_versions`).
    ``has_schemas``: the models name their Postgres schemas themselves."""

    oldest: SchemaVersion
    until: SchemaVersion
    has_lines: bool
    has_schemas: bool


def database_range(request: GenerationRequest) -> DatabaseRange:
    """The range of the clients of ``request``: a database older than ``oldest`` lacks what they need."""
    return DatabaseRange(
        oldest=_oldest_on_lines(request) if request.lines else _oldest(request),
        until=next_breaking(request.version),
        has_lines=bool(request.lines),
        has_schemas=request.schema.names_schemas,
    )


def _oldest(request: GenerationRequest) -> SchemaVersion:
    versions = {migration.version for migration in request.migrations}
    # A draft's number sorts before the pre-releases that it follows.
    newest = max(versions - {request.version}, default=request.version)
    return request.version if request.version in versions or newest > request.version else newest


def _oldest_on_lines(request: GenerationRequest) -> SchemaVersion:
    histories = {line.version: frozenset(line.history) for line in request.lines}
    oldest = request.version
    own = next((line for line in request.lines if line.version == request.version), None)
    if own is not None:
        for version in sorted(own.contains, reverse=True):
            if version > request.version or histories.get(version) != frozenset(own.history):
                break
            oldest = version
    return oldest
