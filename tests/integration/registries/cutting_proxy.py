"""A proxy before a registry that cuts one request: before it arrives, in its middle, or before its answer."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Cut = Literal["before", "during", "after"]
_OF_ONE_CONNECTION = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class CuttingProxy:
    """``cut``: what happens to the next request that changes something; then it is None again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cut: Cut | None = None

    def taken(self, method: str, path: str, body: bytes) -> Cut | None:
        """What happens to this request."""
        if method == "GET" or "+login" in path or b"access-check" in body:
            return None
        cut, self.cut = self.cut, None
        return cut


@contextlib.contextmanager
def cutting_proxy(target: str) -> Iterator[CuttingProxy]:
    """In front of the server at ``target``, which makes its addresses from the proxy's."""
    parts = urlsplit(target)
    assert parts.hostname

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            cut = proxy.taken(self.command, self.path, body)
            self.close_connection = True
            if cut == "before":
                return
            server = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
            with contextlib.closing(server):
                server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() != "connection":
                        server.putheader(name, value)
                if cut == "during":
                    if body:
                        server.endheaders(body[: len(body) // 2])
                    return
                server.endheaders(body or None)
                answer = server.getresponse()
                content = answer.read()
            if cut != "after":
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OF_ONE_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base class names them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy = CuttingProxy(f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
