"""A relay in front of a server that cuts a connection before, during or after any one statement."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Moment = Literal["before", "during", "after"]
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")

#: What ends a statement: a simple query, a Sync, the end of a COPY's rows.
#: https://www.postgresql.org/docs/current/protocol-message-formats.html
_ENDS = (b"Q", b"S", b"c")
#: What ends an answer: ready for the next, or for a COPY's rows.
_ANSWERED = (b"Z", b"G")


class CuttingRelay:
    """``cut(n, moment)`` cuts at the n-th statement from then on: nothing of it reaches the server; the
    server gets it, but nobody hears the answer; the server has answered, and nobody hears.

    ``answers`` is set; as long as it is not, nothing of what servers say is passed on.
    """

    def __init__(self, dsn: str) -> None:
        self._server = conninfo_to_dict(dsn)
        self._left, self._moment = 0, "before"
        self.answers = threading.Event()
        self.answers.set()

    def cut(self, number: int, moment: Moment) -> None:
        self._left, self._moment = number, moment

    @property
    def has_cut(self) -> bool:
        """Whether there was such a statement."""
        return self._left <= 0

    def spare(self) -> None:
        """Cut nothing any more."""
        self._left = 0

    @contextlib.contextmanager
    def opened(self) -> Iterator[str]:
        """Listen until the block ends: the DSN."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            parts = {key: str(value) for key, value in self._server.items()}
            host, port = listener.getsockname()
            parts |= {"host": host, "port": str(port), "sslmode": "disable", "gssencmode": "disable"}
            try:
                yield make_conninfo("", **parts)
            finally:
                self.answers.set()
                listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who accepts

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            # Messages are passed on one by one: none may wait until the one before it was acknowledged.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = self._connect()
            is_cut = threading.Event()
            ends = (client, server)
            for way in (self._forwards, self._backwards):
                threading.Thread(target=_until_closed, args=(way, ends, is_cut), daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = str(self._server.get("host")), self._server.get("port") or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _forwards(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        server.sendall(_packet(client))
        while True:
            kind = _read(client, 1)
            packet = kind + _packet(client)
            if kind in _ENDS and self._left > 0:
                self._left -= 1
                if self._left == 0:
                    if self._moment == "before":
                        return
                    is_cut.set()
                    server.sendall(packet)
                    if self._moment == "during":
                        return
                    continue
            server.sendall(packet)

    def _backwards(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        while True:
            kind = _read(server, 1)
            packet = kind + _packet(server)
            self.answers.wait()
            if not is_cut.is_set():
                client.sendall(packet)
            elif kind in _ANSWERED:
                return


def _until_closed(way: object, ends: tuple[socket.socket, socket.socket], is_cut: threading.Event) -> None:
    assert callable(way)
    with contextlib.suppress(OSError):
        way(*ends, is_cut)
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _packet(source: socket.socket) -> bytes:
    head = _read(source, 4)
    (length,) = struct.unpack("!i", head)
    return head + _read(source, length - 4)


def _read(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = source.recv(count - len(data))
        if not part:
            raise OSError("closed")
        data += part
    return data
