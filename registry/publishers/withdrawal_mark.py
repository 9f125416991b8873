"""How a registry shows that a version is withdrawn: a deprecation whose text begins with a word of ours."""

from __future__ import annotations

from typing import Final

# So that a mark of ours is told from a deprecation that somebody made with npm.
_MARK: Final = "withdrawn: "


def mark_text(reason: str) -> str:
    """What installers show for a version that was withdrawn for ``reason``."""
    return f"{_MARK}{reason}"


def marked_reason(text: str | None) -> str | None:
    """The reason in such a text; None for another text."""
    return text.removeprefix(_MARK) if text is not None and text.startswith(_MARK) else None
