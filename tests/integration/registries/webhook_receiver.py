"""A receiver of webhooks, which answers as it is told and keeps what it got."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    def verified(self, secret: str) -> dict[str, Any]:
        """The body, as who has the secret reads it. Raises WebhookVerificationError."""
        read: dict[str, Any] = Webhook(secret).verify(self.content, dict(self.headers))
        return read


@dataclass
class WebhookReceiver:
    """``requests``: in the order in which they came; ``got``: the id and the body of each. ``statuses`` are
    answered in turn, then ``status``; ``headers`` are added. ``during`` is called before an answer."""

    url: str
    status: int = 204
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    during: Callable[[], object] = lambda: None

    def waited_for(self, count: int) -> bool:
        """Whether so many requests came, in a minute at most."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return len(self.requests) >= count

    @property
    def versions(self) -> list[str]:
        return [body["data"]["version"] for _, body in self.got]


@contextlib.contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {key.lower(): value for key, value in self.headers.items()}
            received = Received(self.path, headers, content)
            receiver.requests.append(received)
            receiver.got.append((received.id, received.body))
            receiver.during()
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else receiver.status)
            for key, value in receiver.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = WebhookReceiver(f"http://127.0.0.1:{server.server_port}/hook?key=s3kret")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
