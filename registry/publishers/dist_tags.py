"""The npm tags of lines: ``v1`` is the highest release of 1.x, ``next`` a pre-release above ``latest``.

They only move up, as `latest` does, and whoever publishes next puts right what somebody else has moved.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

NEXT: Final = "next"
_LATEST: Final = "latest"


def line_tags(
    published: Iterable[SchemaVersion],
    latest: SchemaVersion,
    found: Iterable[Mapping[str, str]],
    hidden: Container[SchemaVersion] = (),
) -> dict[str, SchemaVersion | None]:
    """The tags of all packages once the versions are ``published``; None for one that ends. ``found`` are
    those that each package has; no tag names one that is ``hidden``."""
    tagged = [each for tags in found for each in followed_tags(tags) if each[0] != _LATEST]
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


def tags_in(packument: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a package, as a registry tells about it."""
    tags = packument.get("dist-tags")
    return {tag: at for tag, at in tags.items() if isinstance(at, str)} if isinstance(tags, dict) else {}


def line_tag(version: SchemaVersion) -> str:
    """The tag of its major version."""
    return f"v{version.major}"


def followed_tags(tags: Mapping[str, str]) -> Iterable[tuple[str, SchemaVersion]]:
    """The tags that consumers install by, of all ``tags`` of a package."""
    for name, text in tags.items():
        try:
            version = SchemaVersion.parse(text)
        except InvalidVersionError:
            continue
        if name in (_LATEST, NEXT, line_tag(version)):
            yield name, version
