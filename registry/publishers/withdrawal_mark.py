"""How an npm registry shows to every machine that a version is withdrawn, and that it was restored.

Withdrawn: a deprecation whose text begins with a word of ours. Restored: none, and a dist-tag
``restored-1.2.0``, which tells a machine that knows of the withdrawal that it was taken back, and not lost.
While one replaces the other a version has both, and is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .dist_tags import tags_in

# So that a mark of ours is told from a deprecation that somebody made with npm.
_MARK: Final = "withdrawn: "


_RESTORED: Final = "restored-"


@dataclass(frozen=True, slots=True)
class ShownWithdrawals:
    """Of one package: the reason of each version that is withdrawn, and the versions that were restored."""

    reasons: Mapping[str, str]
    restored: frozenset[str]


def shown_withdrawals(packument: Mapping[str, Any]) -> ShownWithdrawals:
    """As a registry tells about the package; none in one that is unknown."""
    listed = packument.get("versions")
    reasons = {
        version: reason
        for version, facts in (listed.items() if isinstance(listed, dict) else ())
        if isinstance(facts, dict) and (reason := marked_reason(facts.get("deprecated"))) is not None
    }
    tags = tags_in(packument).items()
    return ShownWithdrawals(reasons, frozenset(at for tag, at in tags if tag == restored_tag(at)))


def restored_tag(version: str) -> str:
    """The tag of a version that is not withdrawn any more."""
    return f"{_RESTORED}{version}"


def mark_text(reason: str) -> str:
    """What installers show for a version that was withdrawn for ``reason``."""
    return f"{_MARK}{reason}"


def marked_reason(text: object) -> str | None:
    """The reason in such a text; None for another text."""
    return text.removeprefix(_MARK) if isinstance(text, str) and text.startswith(_MARK) else None
