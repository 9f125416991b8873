"""Text that must not be shown."""

from __future__ import annotations


class Secret:
    """Hides its text from ``repr``, ``str``, formatting and pickling; only :meth:`reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for a header, a file only its owner can read, or a child's environment."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret can't be pickled")


def scrubbed(text: str, *secrets: Secret) -> str:
    """``text`` without any of ``secrets``."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), "…")
    return text
