"""Decisions about `latest`, as an npm registry shows them to every machine: a dist-tag that carries a number.

`latest` follows the releases until somebody decides otherwise. Then the tag ``latest-set-1`` names the
chosen version; the next decision is ``latest-set-2``, and so on. The highest number counts, so no clock is
needed, and a machine that knows an older one gives way. A release that becomes `latest` moves the tag along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(r"latest-set-([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class LatestDecision:
    """``version`` is spelled as the registry does."""

    number: int
    version: str

    @property
    def tag(self) -> str:
        """The dist-tag that shows it."""
        return f"latest-set-{self.number}"


def decisions_in(tags: Mapping[str, Any]) -> list[LatestDecision]:
    """Those of a package, the last first: there are two while one replaces the other."""
    found = [
        LatestDecision(int(match[1]), version)
        for tag, version in tags.items()
        if (match := _TAG.fullmatch(tag)) and isinstance(version, str)
    ]
    return sorted(found, key=lambda decision: -decision.number)
