"""A relay in front of a server, for faults on the way: it opens late, refuses, or loses an answer."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict

from migrations.scratch.dsn import to_uri


@dataclass
class Relay:
    """``refusals`` are (SQLSTATE, message) for the connections to come, each used once; ``lost_after``: the
    answer to the first COMMIT after a query with this text in it is not passed on."""

    dsn: str
    refusals: list[tuple[str, str]] = field(default_factory=list)
    lost_after: str | None = None
    lost: int = 0

    def address(self, port: int) -> str:
        """The relay's own, as a DSN."""
        parts = {key: str(value) for key, value in conninfo_to_dict(self.dsn).items()}
        return to_uri(
            {**parts, "host": "127.0.0.1", "port": str(port), "sslmode": "disable", "gssencmode": "disable"}
        )

    @contextlib.contextmanager
    def open(self, port: int = 0) -> Iterator[int]:
        """Listen until the block ends: the port."""
        with socket.create_server(("127.0.0.1", port)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield int(listener.getsockname()[1])
            listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who accepts

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.refusals and self._refuse(client):
                continue
            server = self._connect()
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _connect(self) -> socket.socket:
        parts = conninfo_to_dict(self.dsn)
        host, port = str(parts.get("host")), parts.get("port") or 5432
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, int(port)))

    def _refuse(self, client: socket.socket) -> bool:
        with client:
            _read_startup(client)
            state, message = self.refusals.pop(0)
            fields = f"SFATAL\0VFATAL\0C{state}\0M{message}\0\0".encode()
            client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
        return True

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """Client to server, message by message; another thread forwards the answers."""
        state = _Connection(client, server)
        threading.Thread(target=state.backwards, daemon=True).start()
        try:
            server.sendall(_read_startup(client))
            armed = False
            while True:
                kind, body = _read_message(client)
                if kind == b"Q" and self.lost_after and self.lost_after.encode() in body:
                    armed = True
                if armed and kind == b"Q" and body.endswith(b"COMMIT\0"):
                    self.lost_after, self.lost = None, self.lost + 1
                    state.swallow.set()
                server.sendall(kind + struct.pack("!i", len(body) + 4) + body)
        except OSError:
            state.close()


@dataclass
class _Connection:
    client: socket.socket
    server: socket.socket
    swallow: threading.Event = field(default_factory=threading.Event)

    def backwards(self) -> None:
        try:
            while data := self.server.recv(65536):
                if self.swallow.is_set():  # Postgres has committed; its answer ends here
                    break
                self.client.sendall(data)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _read_startup(source: socket.socket) -> bytes:
    head = _read(source, 4)
    (length,) = struct.unpack("!i", head)
    return head + _read(source, length - 4)


def _read_message(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _read(source, 1)
    (length,) = struct.unpack("!i", _read(source, 4))
    return kind, _read(source, length - 4)


def _read(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = source.recv(count - len(data))
        if not part:
            raise OSError("closed")
        data += part
    return data
