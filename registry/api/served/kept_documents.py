"""Documents that are kept, ready to be sent, for as long as nothing that is published changes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Hashable
from functools import partial

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from ...catalogue import Catalogue
from .answers import Answer, Answers, note_document
from .change_number import SharedChangeNumber
from .document import REVALIDATED, Document, respond
from .recent import Recent
from .version_index import VersionIndex

_MOST_BYTES = 64 * 1024 * 1024


class Kept:
    """What was made since the last change. ``index`` tells of every version; ``answers`` are what requests
    got, ready to be sent to the next ones that ask the same."""

    def __init__(self, number: int, index: asyncio.Future[VersionIndex]) -> None:
        self.number = number
        self.index_made = index
        self.answers: Answers = Recent(_MOST_BYTES)
        self._documents: Recent[Document] = Recent(_MOST_BYTES)
        self._being_made: dict[Hashable, asyncio.Future[Document]] = {}

    @property
    def index(self) -> VersionIndex:
        return self.index_made.result()

    async def document(
        self, key: Hashable, make: Callable[[], Document] | Callable[[], Awaitable[Document]]
    ) -> Document:
        """The document called ``key``, which ``make`` makes if nobody asked for it yet: once, however many
        ask at the same time, and on a thread unless it waits itself. Raises what ``make`` raises."""
        known = self._documents.get(key)
        if known is not None:
            return known
        made = self._being_made.get(key)
        if made is None:
            made = asyncio.ensure_future(_made(make))
            self._being_made[key] = made
            made.add_done_callback(partial(self._keep, key))
        return await asyncio.shield(made)

    def respond(
        self,
        request: Request,
        document: Document,
        *,
        caching: str = REVALIDATED,
        location: str | None = None,
    ) -> Response:
        """:func:`~.document.respond`, with a document of :meth:`document`: the answer is kept, too."""
        if document.is_whole:
            note_document(request.scope, self.answers, document)
        return respond(request, document, caching=caching, location=location)

    def _keep(self, key: Hashable, made: asyncio.Future[Document]) -> None:
        del self._being_made[key]
        if made.cancelled() or made.exception() is not None or not made.result().is_whole:
            return
        self._documents.keep(key, made.result(), made.result().size)


class KeptDocuments:
    """Those of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._number = SharedChangeNumber(catalogue.published_changes)
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

    async def answer(self, key: Hashable) -> Answer | None:
        """What the last request called ``key`` got, where that is still true. Raises CatalogueError."""
        if self._kept is None or self._kept.answers.get(key) is None:
            return None
        return (await self.now()).answers.get(key)

    def _read(self) -> VersionIndex:
        return VersionIndex.of(self._catalogue)


async def _made(make: Callable[[], Document] | Callable[[], Awaitable[Document]]) -> Document:
    if inspect.iscoroutinefunction(make):
        made: Document = await make()
        return made
    return await run_in_threadpool(make)  # type: ignore[arg-type]  # mypy doesn't know which of the two
