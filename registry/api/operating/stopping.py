"""Ending in order: what would go on for ever ends at once, and what was asked for is answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STREAM = "text/event-stream"


class EndStreams:
    """Ends streams of events once ``stopping`` is set: between two events, as if there were no more for now.
    Who follows one asks another server for the rest, by Last-Event-ID."""

    def __init__(self, app: ASGIApp, stopping: asyncio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        following: asyncio.Task[None] | None = None
        current = asyncio.current_task()

        async def end_when_stopping() -> None:
            await self._stopping.wait()
            if current is not None:
                current.cancel()

        async def noticing(message: Message) -> None:
            nonlocal following
            await send(message)
            if message["type"] == "http.response.start" and following is None and _is_stream(message):
                following = asyncio.create_task(end_when_stopping())

        try:
            await self._app(scope, receive, noticing)
        except asyncio.CancelledError:
            if following is None or not following.done() or current is None:
                raise
            current.uncancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if following is not None:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following


def _is_stream(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("Content-Type", "").startswith(_STREAM)
