"""What number the published versions are at, for many requests at once."""

from __future__ import annotations

from collections.abc import Collection

from ...catalogue.facts.published_changes import PublishedChanges
from .gathering import Gathering


class SharedChangeNumber:
    """Asks the state database only where it may have changed, and once for all who want to know."""

    def __init__(self, changes: PublishedChanges) -> None:
        self._changes = changes
        self._asked: Gathering[None, int] = Gathering(self._ask)
        self._known: tuple[int, int] | None = None

    async def now(self) -> int:
        """As it is, or was when somebody asked after this was called. Raises CatalogueError."""
        mark = self._changes.mark()
        if mark is not None and self._known is not None and self._known[0] == mark:
            return self._known[1]
        number = await self._asked.get(None)
        if number is None:
            raise AssertionError("the state database was asked and said nothing")
        if mark is not None:
            self._known = (mark, number)
        return number

    def _ask(self, _keys: Collection[None]) -> dict[None, int]:
        return {None: self._changes.number()}
