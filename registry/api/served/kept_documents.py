"""Documents that are kept, ready to be sent, for as long as nothing that is published changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial

from fastapi.concurrency import run_in_threadpool

from ...catalogue import Catalogue
from .change_number import SharedChangeNumber
from .document import Document
from .version_index import VersionIndex

_MOST_BYTES = 64 * 1024 * 1024


class Kept:
    """What was made since the last change. ``index`` tells of every version."""

    def __init__(self, number: int, index: asyncio.Future[VersionIndex]) -> None:
        self.number = number
        self.index_made = index
        self._documents: OrderedDict[Hashable, asyncio.Future[Document]] = OrderedDict()
        self._bytes = 0

    @property
    def index(self) -> VersionIndex:
        return self.index_made.result()

    async def document(self, key: Hashable, make: Callable[[], Document]) -> Document:
        """The document called ``key``, which ``make`` makes if nobody asked for it yet: once, however many
        ask at the same time. Raises what ``make`` raises."""
        made = self._documents.get(key)
        if made is None:
            made = asyncio.ensure_future(run_in_threadpool(make))
            self._documents[key] = made
            made.add_done_callback(partial(self._weigh, key))
        elif made.done():
            self._documents.move_to_end(key)
            return made.result()
        return await asyncio.shield(made)

    def _weigh(self, key: Hashable, made: asyncio.Future[Document]) -> None:
        if made.cancelled() or made.exception() is not None or not made.result().is_whole:
            del self._documents[key]
            return
        self._bytes += made.result().size
        for oldest in list(self._documents) if self._bytes > _MOST_BYTES else ():
            if self._bytes <= _MOST_BYTES:
                break
            if self._documents[oldest].done():
                self._bytes -= self._documents.pop(oldest).result().size


class KeptDocuments:
    """Those of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._number = SharedChangeNumber(catalogue.published_changes.number)
        self._kept: Kept | None = None

    async def now(self) -> Kept:
        """What is kept and still true. Raises CatalogueError."""
        number = await self._number.now()
        kept = self._kept
        if kept is None or kept.number != number:
            kept = self._kept = Kept(number, asyncio.ensure_future(run_in_threadpool(self._read)))
        if not kept.index_made.done():
            await asyncio.shield(kept.index_made)
        elif kept.index_made.exception() is not None:
            self._kept = None
        kept.index_made.result()
        return kept

    def _read(self) -> VersionIndex:
        return VersionIndex.of(self._catalogue)
