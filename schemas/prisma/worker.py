"""The bridge's Node process: one request out, one reply back, or one clear error.

Prisma's engines are single-threaded, so calls take turns under a lock. After a call that fails for any reason
other than the engine's own error answer the process is discarded, and the next call starts a new one.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import BridgeError, Problem
from .shared_address import joined

_CHUNK_BYTES = 1 << 16
_STDERR_TAIL_BYTES = 2000
_RETRY = "run the command again; if it keeps failing, report it with the schema"


class EngineError(Exception):
    """The worker answered with an error. ``kind`` is ``schema``, ``panic``, ``engine`` or ``protocol``."""

    def __init__(self, detail: Mapping[str, Any]) -> None:
        super().__init__(detail.get("message", ""))
        self.kind: str = detail.get("kind", "engine")
        self.detail = detail


class NodeWorker:
    """A Node process that is started by the first call, and again by the first call after it died.

    ``command`` returns the command line and may be slow (it is called once per start). Can be used from any
    thread; after a fork the child gets a process of its own. The process runs in ``folder``. ``shared``
    returns the socket of another process's worker, which is asked instead for as long as it answers.
    """

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        environment: Callable[[], dict[str, str]],
        *,
        folder: Path | None = None,
        shared: Callable[[], Path | None] | None = None,
    ) -> None:
        self._command = command
        self._environment = environment
        self._folder = folder
        self._shared = shared
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._last_id = 0

    @property
    def pid(self) -> int | None:
        """The process id while one is running."""
        running = self._running
        return running.process.pid if running and running.process else None

    def start(self) -> None:
        """Start the process, if none runs: it gets ready while its first call is still prepared."""
        with self._lock:
            self._ready()

    def call(self, operation: str, parameters: Mapping[str, Any], *, timeout_seconds: float) -> Any:
        """The value that the worker replies with.

        Raises EngineError for the worker's own error answer, and BridgeError if it died, did not answer in
        time (from when this call's turn comes) or gave an invalid answer.
        """
        with self._lock:
            try:
                reply = self._reply(operation, parameters, timeout_seconds)
            except _Lost:  # the answer depends on the request alone: a process of our own gives the same
                self._shared = None
                reply = self._reply(operation, parameters, timeout_seconds)
        if "error" in reply:
            raise EngineError(reply["error"])
        return reply["value"]

    def close(self) -> None:
        """End the process if one is running; a call in progress raises BridgeError, a later one starts it."""
        running = self._running
        if running is not None and running.process is not None and running.owner == os.getpid():
            running.process.kill()
        with self._lock:
            if self._running is not None:
                self._running.discard()
                self._running = None

    def _reply(self, operation: str, parameters: Mapping[str, Any], timeout_seconds: float) -> Any:
        running = self._ready()
        self._last_id += 1
        request = {"id": self._last_id, "operation": operation, **parameters}
        deadline = time.monotonic() + timeout_seconds
        try:
            reply = json.loads(running.exchange(json.dumps(request).encode() + b"\n", deadline))
            if reply["id"] != self._last_id:
                raise ValueError("a reply to another request")  # noqa: TRY301
        except BaseException as error:
            # A reply may still come: this process, or connection, can't be used again.
            self._running = None
            died = running.discard()
            if isinstance(error, (OSError, ValueError, KeyError, TypeError)):
                if running.process is None:
                    raise _Lost from error
                raise BridgeError(_explain(error, operation, timeout_seconds, died)) from error
            raise
        return reply

    def _ready(self) -> _Running:
        running = self._running
        if running is not None and running.owner != os.getpid():
            running.forget()
            running = None
        if running is not None and running.ended:
            running.discard()
            running = None
        if running is None:
            running = self._joined() or _started(self._command(), self._environment(), self._folder)
        self._running = running
        return running

    def _joined(self) -> _Running | None:
        address = self._shared() if self._shared else None
        connection = joined(address) if address else None
        return _Running(connection, None, None) if connection else None


class _Lost(Exception):  # noqa: N818 - caught where it is raised
    """The worker of another process answers no more."""


class _Running:
    """One live worker behind a socket, since sockets have timeouts: a process of our own, or another's."""

    def __init__(
        self, connection: socket.socket, process: subprocess.Popen[bytes] | None, stderr: IO[bytes] | None
    ) -> None:
        self.owner = os.getpid()
        self.process = process
        self._socket = connection
        self._stderr = stderr

    @property
    def ended(self) -> bool:
        """Whether it is a process of our own that is known to have ended."""
        return self.process is not None and self.process.poll() is not None

    def exchange(self, line: bytes, deadline: float) -> bytes:
        """Send one line, wait for one line. Raises TimeoutError, ConnectionError or another OSError."""
        self._wait_at_most_until(deadline)
        self._socket.sendall(line)
        chunks: list[bytes] = []
        while not chunks or not chunks[-1].endswith(b"\n"):
            self._wait_at_most_until(deadline)
            chunk = self._socket.recv(_CHUNK_BYTES)
            if not chunk:
                raise ConnectionError("the process ended")
            chunks.append(chunk)
        return b"".join(chunks)

    def _wait_at_most_until(self, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining)

    def discard(self) -> str:
        """Let go of it for good; returns the end of what a process of our own wrote to stderr."""
        self._socket.close()
        if self.process is None or self._stderr is None:
            return ""
        self.process.kill()
        self.process.wait()
        with self._stderr as stderr:
            size = stderr.seek(0, os.SEEK_END)
            stderr.seek(max(0, size - _STDERR_TAIL_BYTES))
            return stderr.read().decode(errors="replace")

    def forget(self) -> None:
        """In a forked child: close our handles without touching the parent's process."""
        self._socket.close()
        if self.process is not None and self._stderr is not None:
            self._stderr.close()
            self.process.returncode = 0  # not ours to wait for


def _started(command: Sequence[str], environment: dict[str, str], folder: Path | None) -> _Running:
    """A process whose stdin and stdout are a socket."""
    stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=stderr,
                env=environment,
                cwd=folder,
            )
        except BaseException:
            ours.close()
            stderr.close()
            raise
    return _Running(ours, process, stderr)


def _explain(error: Exception, operation: str, timeout_seconds: float, stderr: str) -> Problem:
    if isinstance(error, TimeoutError):
        return Problem(
            code="bridge-timeout",
            message=f"the Prisma engine was stopped, since {operation} took over {timeout_seconds:g} s",
            fix=_RETRY,
        )
    lines = [line for line in stderr.splitlines() if line.strip()]
    told = f" ({lines[-1].strip()[:200]})" if lines else ""
    if isinstance(error, OSError):
        message = f"the Node process of the Prisma engine ended during {operation}{told}"
        return Problem(code="bridge-died", message=message, fix=_RETRY)
    message = f"the answer of the Prisma engine's process can't be read{told}"
    return Problem(code="bridge-protocol", message=message, fix=_RETRY)
