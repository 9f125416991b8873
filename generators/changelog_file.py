"""The file that each package carries its version's changelog in."""

from __future__ import annotations

from typing import Final

from .metadata import encodable
from .target import GenerationRequest

NAME: Final = "CHANGELOG.md"


def changelog_file(request: GenerationRequest) -> dict[str, str]:
    """The file by its name; nothing for a version whose packages carry no changelog."""
    return {NAME: encodable(request.changelog)} if request.changelog.strip() else {}
