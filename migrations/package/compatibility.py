"""Which older versions' packages and clients work on a database at a newer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.versions import SchemaVersion


def compatible_versions(
    versions: Iterable[SchemaVersion], declared: Mapping[SchemaVersion, SchemaVersion] | None = None
) -> dict[SchemaVersion, SchemaVersion]:
    """For each version the oldest that it is compatible with; it has no entry where that is itself alone.

    Publishing holds every version to its number: what breaks a client needs the next major one, or before
    1.0.0 the next minor one (``schemas.changes.problems_with_bump``). Nothing is promised of pre-releases.
    What an author has ``declared`` of a version (the oldest, or itself) counts instead; and what breaks with
    older ones there, breaks with them in later versions too.
    """
    declared = declared or {}
    oldest: dict[tuple[int, int], SchemaVersion] = {}
    compatible: dict[SchemaVersion, SchemaVersion] = {}
    for version in sorted(versions):
        line = (version.major, 0 if version.major else version.minor)
        first = version if version.is_prerelease else oldest.setdefault(line, version)
        if version in declared:
            first = declared[version]
            if not version.is_prerelease:
                oldest[line] = max(first, oldest[line])
        if first != version:
            compatible[version] = first
    return compatible
