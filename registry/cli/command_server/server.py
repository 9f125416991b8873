"""A process that has imported what commands need, and forks one process for each command.

It lives as long as its standard input is open: `up` holds the other end. A command that still runs then is
left to end by itself. A command's process ends at once when the client or this process is killed, just as it
would have been killed itself.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from .address import server_name
from .client import STATUS_BYTES, TAKEN

#: What the commands import when they are called, and nothing that looks at the terminal while it is imported.
PRELOADED = (
    "registry.cli.commands.build",
    "registry.cli.commands.check",
    "registry.cli.commands.publish",
    "registry.cli.commands.versions",
    "registry.cli.command_names.command_index",
    "registry.cli.dispatch",
    "registry.cli.publishing",
    "registry.validation.workspace_check",
    "migrations.rehearsal.rehearsal",
    "migrations.rehearsal.server",
    "dbos._sys_db_sqlite",
    "rich.console",
    "sqlalchemy.dialects.sqlite",
)
_PR_SET_PDEATHSIG = 1
_REQUEST_SECONDS = 10.0
_STREAMS = 3


def main() -> None:
    """Serve on the socket that the first argument names, in the current folder, once all is imported."""
    gc.disable()
    for module in PRELOADED:
        import_module(module)
    if server_name() != sys.argv[1]:
        return  # a file was changed meanwhile, so what was imported may not fit together
    gc.freeze()  # so that the pages of what was imported stay shared with the forked processes
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends with standard input; see run()
    command = _Server(_listening(Path(sys.argv[1]))).run()
    if command is not None:  # in a forked process
        exit_code = command()
        gc.freeze()
        sys.exit(exit_code)


def _listening(address: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    address.unlink(missing_ok=True)
    umask = os.umask(0o177)
    try:
        listening.bind(os.fspath(address))
    finally:
        os.umask(umask)
    listening.listen()
    return listening


@dataclass(slots=True)
class _Server:
    listening: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    #: By process id: the client that waits for it, and a descriptor that is readable once it ended.
    running: dict[int, tuple[socket.socket, int]] = field(default_factory=dict)

    def run(self) -> Callable[[], int] | None:
        """Answer until standard input ends. Returns None then, and in a forked process the command to run."""
        self.selector.register(0, selectors.EVENT_READ, None)
        self.selector.register(self.listening, selectors.EVENT_READ, None)
        accepting = True
        while accepting or self.running:
            for key, _ in self.selector.select():
                if key.fileobj is self.listening:
                    command = self._forked()
                    if command is not None:
                        return command
                elif key.fileobj == 0:
                    if not os.read(0, 1024):
                        self.selector.unregister(0)
                        self.selector.unregister(self.listening)
                        self.listening.close()
                        accepting = False
                else:
                    self._reaped(key.data)
        return None

    def _forked(self) -> Callable[[], int] | None:
        client, _ = self.listening.accept()
        _, uid, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid != os.geteuid():
            client.close()
            return None
        server = os.getpid()
        child = os.fork()
        if child == 0:
            return lambda: self._command(client, server)
        ended = os.pidfd_open(child)
        self.running[child] = (client, ended)
        self.selector.register(ended, selectors.EVENT_READ, child)
        return None

    def _reaped(self, child: int) -> None:
        _, status = os.waitpid(child, 0)
        client, ended = self.running.pop(child)
        self.selector.unregister(ended)
        os.close(ended)
        with client, suppress(OSError):  # nobody waits for it any more
            client.sendall(status.to_bytes(STATUS_BYTES, "big"))

    def _command(self, client: socket.socket, server: int) -> int:
        """In the forked process: become what the client would have been, and run its command."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != server:
            return 0
        self.selector.close()
        self.listening.close()
        for other, ended in self.running.values():
            other.close()
            os.close(ended)
        arguments, environment = _received(client)
        _adopt(environment)
        client.sendall(TAKEN)
        threading.Thread(target=_obey, args=(client,), daemon=True).start()
        from ..dispatch import run_as_process  # noqa: PLC0415

        return run_as_process(arguments)


def _received(client: socket.socket) -> tuple[list[str], dict[str, str]]:
    """The command line and its variables; the client's streams and folder become this process's."""
    client.settimeout(_REQUEST_SECONDS)
    head, descriptors, _, _ = socket.recv_fds(client, STATUS_BYTES, _STREAMS + 1)
    if len(head) != STATUS_BYTES or len(descriptors) != _STREAMS + 1:
        os._exit(1)  # it was killed before it could ask
    request = b""
    while len(request) < int.from_bytes(head, "big"):
        part = client.recv(1 << 20)
        if not part:
            os._exit(1)
        request += part
    client.settimeout(None)
    for stream, descriptor in enumerate(descriptors[:_STREAMS]):
        os.dup2(descriptor, stream)
    os.fchdir(descriptors[_STREAMS])
    for descriptor in descriptors:
        os.close(descriptor)
    document = json.loads(request)
    return document["arguments"], document["environment"]


def _adopt(environment: Mapping[str, str]) -> None:
    """Use the client's variables, and streams as the interpreter would have opened them for it."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        new = open(  # noqa: SIM115 - open as long as the process
            number, "w" if number else "r", encoding=old.encoding, errors=old.errors, closefd=False
        )
        if number:
            by_line = new.isatty() or name == "stderr" or old.write_through
            new.reconfigure(line_buffering=by_line, write_through=old.write_through)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _obey(client: socket.socket) -> None:
    """Signals for this process, one a byte; and its end, once the client was killed."""
    while True:
        try:
            numbers = client.recv(16)
        except OSError:
            numbers = b""
        if not numbers:
            os.kill(os.getpid(), signal.SIGKILL)
        for number in numbers:
            os.kill(os.getpid(), number)
