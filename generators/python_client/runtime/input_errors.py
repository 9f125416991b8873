"""Messages about a wrong argument: where it is, what is wrong, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable

from .public.errors import InputError


def unknown_word(given: object, known: Iterable[str], path: str) -> InputError:
    """The error for a key that is none of the few that are allowed there."""
    listed = list(known)
    hint = meant(given, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path} has no {given!r}{hint}")


def shown(value: object, needed: str) -> str:
    """How a message shows a refused value: by its type, or itself if one of a few words is ``needed``."""
    if not (isinstance(value, str) and needed.startswith("one of ")):
        return type(value).__name__
    return f"{value!r:.60}{meant(value, needed.removeprefix('one of ').split(', '))}"


def meant(name: object, known: Iterable[str]) -> str:
    """The nearest of the known names, as the end of a sentence; nothing if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only ever needed on the way to an error

    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(str(name)[:100].casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""
