"""HEAD wherever GET is answered (RFC 9110, section 9.3.2): the same headers, and no content."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AnswerHead:
    """Answers a HEAD as the application inside answers a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        is_complete = False

        async def send_without_content(message: Message) -> None:
            nonlocal is_complete
            if message["type"] == "http.response.body":
                if is_complete:
                    return
                # Content that comes bit by bit may go on for long, and nobody waits for it.
                is_complete = True
                message = {**message, "body": b"", "more_body": False}
            await send(message)

        inner = {**scope, "method": "GET"}
        await self._app(inner, receive, send_without_content)
        if "route" in inner:  # for whoever counts requests by route
            scope["route"] = inner["route"]
