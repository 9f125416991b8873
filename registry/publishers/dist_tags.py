"""The npm tags of lines: ``v1`` is the highest release of 1.x, ``next`` a pre-release above ``latest``.

They only move up, as `latest` does, and whoever publishes next puts right what somebody else has moved.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

NEXT: Final = "next"


def line_tags(
    published: Iterable[SchemaVersion],
    latest: SchemaVersion,
    found: Iterable[Mapping[str, str]],
    hidden: Container[SchemaVersion] = (),
) -> dict[str, SchemaVersion | None]:
    """The tags of all packages once the versions are ``published``; None for one that ends. ``found`` are
    those that each package has; no tag names one that is ``hidden``."""
    tagged = [(name, version) for tags in found for name, version in _followed(tags)]
    known = {*published, latest, *(version for _, version in tagged)}
    known = {version for version in known if version not in hidden}
    wanted: dict[str, SchemaVersion | None] = {}
    for version in sorted(known):
        if not version.is_prerelease:
            wanted[line_tag(version)] = version
    following = [version for version in known if version.is_prerelease and version > latest]
    if following or any(name == NEXT for name, _ in tagged):
        wanted[NEXT] = max(following, default=None)
    return wanted


def line_tag(version: SchemaVersion) -> str:
    """The tag of its major version."""
    return f"v{version.major}"


def _followed(tags: Mapping[str, str]) -> Iterable[tuple[str, SchemaVersion]]:
    for name, text in tags.items():
        try:
            version = SchemaVersion.parse(text)
        except InvalidVersionError:
            continue
        if name in (NEXT, line_tag(version)):
            yield name, version
