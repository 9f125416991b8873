"""Which packages' users a change concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from schemas.comparison.change import Change

Consumer: TypeAlias = Literal["python", "node", "typescript"]
Effect: TypeAlias = Literal["breaks", "adds", "none"]

TITLES: Final[Mapping[Consumer, str]] = {
    "python": "Python client",
    "node": "Node client",
    "typescript": "TypeScript types",
}
_OF_PYTHON = ("partial", "attribute")


def effects(change: Change) -> Mapping[Consumer, Effect]:
    """What ``change`` means for the users of each package."""
    effect: Effect = "none"
    if change.compatibility != "internal":
        effect = "breaks" if change.compatibility == "breaking" else "adds"
    only_python = change.subject in _OF_PYTHON
    return {each: effect if each == "python" or not only_python else "none" for each in TITLES}
