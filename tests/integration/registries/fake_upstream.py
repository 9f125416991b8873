"""An upstream registry that has nothing, may want a login, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def remembering_upstream(authorization: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Its address and the list of paths it is asked for, as it grows.

    With ``authorization`` only requests with that header are remembered; others are told to log in.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if authorization in (None, self.headers.get("Authorization")):
                asked.append(self.path)
                self.send_response(404)
            else:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic realm=upstream")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()
