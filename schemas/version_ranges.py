"""Ranges of versions as npm writes them: ``^1.2``, ``~1.2.0``, ``1``, ``1.2`` and ``1.x``.

Rules: the README of node-semver ("Ranges"). A pre-release is in a range only where the range itself names one
of the same three numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import InvalidVersionError, Problem
from .versions import SchemaVersion

_RANGE = re.compile(
    r"(?P<how>[\^~]?)(?P<major>0|[1-9][0-9]*)"
    r"(?:\.(?P<minor>0|[1-9][0-9]*|[xX*])(?:\.(?P<patch>0|[1-9][0-9]*|[xX*])(?P<pre>-[a-z]+\.[0-9]+)?)?)?"
)
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class VersionRange:
    """From ``lowest``, up to and without the three numbers ``end``."""

    lowest: SchemaVersion
    end: SchemaVersion

    def __contains__(self, version: SchemaVersion) -> bool:
        if version.is_prerelease and not (self.lowest.is_prerelease and self.lowest.final == version.final):
            return False
        return self.lowest <= version and version.final < self.end

    def best(self, versions: Iterable[SchemaVersion], latest: SchemaVersion | None) -> SchemaVersion | None:
        """What npm takes: ``latest`` if the range has it, else the highest."""
        found = [version for version in versions if version in self]
        return latest if latest in found else max(found, default=None)


def parse_range(text: str) -> VersionRange | None:
    """The range that ``text`` is; None for what is no range, such as one whole version. Raises
    InvalidVersionError for numbers that no version has."""
    match = _RANGE.fullmatch(text[:_LONGEST])
    if match is None:
        return None
    how = match["how"]
    given = [
        None if part in (None, "x", "X", "*") else int(part)
        for part in match.group("major", "minor", "patch")
    ]
    major, minor, patch = given
    if (not how and patch is not None) or (minor is None and patch is not None):
        return None
    lowest = SchemaVersion.parse(f"{major}.{minor or 0}.{patch or 0}{match['pre'] or ''}")
    return VersionRange(lowest, _end(how, lowest, minor, patch))


def _end(how: str, lowest: SchemaVersion, minor: int | None, patch: int | None) -> SchemaVersion:
    """A caret lets everything right of the first number change that isn't 0, a tilde the last one."""
    if how == "^" and patch is not None and lowest.major == 0 and lowest.minor == 0:
        return lowest.bumped("patch")
    if minor is None or (how == "^" and lowest.major > 0):
        return lowest.bumped("major")
    return lowest.bumped("minor")


def version_or_range(text: str) -> SchemaVersion | VersionRange:
    """What ``text`` is. Raises InvalidVersionError for what is neither."""
    found = parse_range(text)
    if found is not None:
        return found
    try:
        return SchemaVersion.parse(text)
    except InvalidVersionError as error:
        (problem,) = error.problems
        fix = f"{problem.fix}, or a range such as ^1 or ~1.2"
        raise InvalidVersionError(Problem(code=problem.code, message=problem.message, fix=fix)) from None
