"""Which older versions' packages and clients work on a database at a newer version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine


def compatible_on_lines(
    versions: Collection[SchemaVersion],
    lines: Sequence[VersionLine],
    declared: Mapping[SchemaVersion, SchemaVersion] | None = None,
) -> dict[SchemaVersion, SchemaVersion]:
    """The same as :func:`compatible_versions`, where a version promises nothing to those that it doesn't
    contain. ``lines`` are empty where the versions are one line."""
    if not lines:
        return compatible_versions(versions, declared)
    compatible: dict[SchemaVersion, SchemaVersion] = {}
    for line in lines:
        contained = [each for each in line.contains if each in versions]
        oldest = compatible_versions(contained, declared).get(line.version)
        if oldest is not None:
            compatible[line.version] = oldest
    return compatible


def compatible_versions(
    versions: Iterable[SchemaVersion], declared: Mapping[SchemaVersion, SchemaVersion] | None = None
) -> dict[SchemaVersion, SchemaVersion]:
    """For each version the oldest one that it is compatible with; no entry if that is only itself.

    Publishing checks every version number: what breaks a client needs the next major version, or before 1.0.0
    the next minor one (:func:`schemas.comparison.number.problems_with_bump`). Pre-releases promise nothing.
    What an author has ``declared`` for a version (the oldest, or itself) is used instead, and also limits
    later versions.
    """
    declared = declared or {}
    oldest: dict[tuple[int, int], SchemaVersion] = {}
    compatible: dict[SchemaVersion, SchemaVersion] = {}
    for version in sorted(versions):
        line = _line(version)
        first = version if version.is_prerelease else oldest.setdefault(line, version)
        if version in declared:
            first = declared[version]
            if not version.is_prerelease:
                oldest[line] = max(first, oldest[line])
        if first != version:
            compatible[version] = first
    return compatible


def next_breaking(version: SchemaVersion) -> SchemaVersion:
    """The first number after ``version`` that may break its clients."""
    return version.bumped("major" if version.major else "minor")


def _line(version: SchemaVersion) -> tuple[int, int]:
    return version.major, 0 if version.major else version.minor
