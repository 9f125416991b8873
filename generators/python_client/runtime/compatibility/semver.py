"""The order of versions. Source: semver.org 2.0.0, section 11."""

from __future__ import annotations


def precedence(version: str) -> tuple[object, ...]:
    """A key for comparing two versions; build metadata is ignored."""
    core, _, pre = version.partition("+")[0].partition("-")
    numbers = tuple(int(number) for number in core.split("."))
    parts = tuple(_identifier(part) for part in pre.split(".")) if pre else ()
    return (*numbers, not pre, parts)  # a release is later than its pre-releases


def _identifier(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdigit() else (1, 0, part)
