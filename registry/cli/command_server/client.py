"""Hands this process's command to the command server of the workspace around it, if one is there.

Only the standard library is imported, until something has to be said.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from schemas.prisma.shared_address import joined
from schemas.workspace.private_folder import PRIVATE_FOLDER

from .address import FOLDER, server_name

#: They end by themselves and ask nothing. The others read from the terminal, or run servers.
SERVED_COMMANDS = frozenset({"build", "check", "publish", "show", "versions"})
#: The command's process has everything, and begins.
TAKEN = b"\1"
STATUS_BYTES = 4
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TAKE_SECONDS = 10.0


def run_in_server(arguments: Sequence[str]) -> int | None:
    """Run the command in the server; returns its exit code, or None where this process has to run it.

    Ends this process by the signal that has ended the command's.
    """
    connection = _connected() if arguments and arguments[0] in SERVED_COMMANDS else None
    if connection is None:
        return None
    with connection, _passing_signals(connection):
        if not _handed_over(connection, arguments):
            return None
        status = _received(connection, STATUS_BYTES)
    if not status:
        return _server_ended(arguments)
    return _ended_like(int.from_bytes(status, "big"))


def _ended_like(status: int) -> int:
    """The exit code in a status of wait(2)."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return os.waitstatus_to_exitcode(status)


def _connected() -> socket.socket | None:
    try:
        here = Path.cwd()
        for stream in (0, 1, 2):
            os.fstat(stream)
    except OSError:  # the folder is gone, or a stream is closed
        return None
    folders = [place / PRIVATE_FOLDER / FOLDER for place in (here, *here.parents)]
    found = [folder for folder in folders if folder.is_dir()]
    name = server_name() if found else None
    return joined(found[0] / name) if name else None


def _handed_over(connection: socket.socket, arguments: Sequence[str]) -> bool:
    """Whether a process of the server has taken the command."""
    request = json.dumps({"arguments": list(arguments), "environment": dict(os.environ)}).encode()
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        connection.settimeout(_TAKE_SECONDS)
        socket.send_fds(connection, [len(request).to_bytes(STATUS_BYTES, "big")], [0, 1, 2, here])
        connection.sendall(request)
        taken = _received(connection, len(TAKEN))
        connection.settimeout(None)
    except OSError:
        return False
    finally:
        os.close(here)
    return taken == TAKEN


def _received(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or none if the server has ended."""
    received = b""
    while len(received) < size:
        try:
            part = connection.recv(size - len(received))
        except OSError:
            return b""
        if not part:
            return b""
        received += part
    return received


@contextmanager
def _passing_signals(connection: socket.socket) -> Iterator[None]:
    """Send what asks this process to end to the command's process, which ends in order."""

    def send(number: int, _frame: FrameType | None) -> None:
        try:
            connection.send(bytes([number]))
        except OSError:  # it has just ended
            return

    # As in ..failures: under nohup the terminal does not matter.
    passed = [n for n in _SIGNALS if n != signal.SIGHUP or signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, send) for number in passed}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _server_ended(arguments: Sequence[str]) -> int:
    from schemas.errors import ExitCode, Problem  # noqa: PLC0415 - seldom needed, and not the standard library's

    from ..output import show_failure  # noqa: PLC0415

    problem = Problem(
        code="command-server-ended",
        message="the process of `schema-service up` that ran this command was killed",
        fix="run the command again to continue",
    )
    show_failure((problem,), ExitCode.SERVICE, as_json="--json" in arguments)
    return ExitCode.SERVICE
