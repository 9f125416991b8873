"""Which older versions' packages and clients work on a database at a newer one."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.versions import SchemaVersion


def compatible_versions(versions: Iterable[SchemaVersion]) -> dict[SchemaVersion, SchemaVersion]:
    """For each version the oldest that it is compatible with; it has no entry where that is itself alone.

    Publishing holds every version to its number: what breaks a client needs the next major one, or before
    1.0.0 the next minor one (``schemas.changes.problems_with_bump``). Nothing is promised of pre-releases.
    """
    oldest: dict[tuple[int, int], SchemaVersion] = {}
    compatible: dict[SchemaVersion, SchemaVersion] = {}
    for version in sorted(version for version in versions if not version.is_prerelease):
        line = (version.major, 0 if version.major else version.minor)
        first = oldest.setdefault(line, version)
        if first != version:
            compatible[version] = first
    return compatible
