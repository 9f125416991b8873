"""A server as a child of this process: started on a free local port, watched, and always stopped."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from filelock import FileLock, Timeout

from schemas.errors import Problem

from ..config.secret import Secret, scrubbed
from ..errors import EmbeddedServerError

LOOPBACK = "127.0.0.1"
_SUPERVISOR = Path(__file__).with_name("supervise.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 3.0
_POLL_SECONDS = 0.05
_PORT_ATTEMPTS = 3
_LOG_LINES = 15


@dataclass(frozen=True, kw_only=True)
class ServerSpec:
    """How to run one kind of server."""

    name: str
    folder: Path  # contains its data and its log
    command: Callable[[int], Sequence[str]]  # given the port
    environment: Mapping[str, str]
    ready_path: str  # answers 200 once the server is ready
    secrets: tuple[Secret, ...] = ()  # never appear in a message

    @property
    def log(self) -> Path:
        return self.folder / "server.log"


@dataclass(frozen=True, kw_only=True)
class RunningServer:
    """``url`` is its address, ``http://127.0.0.1:<port>/``."""

    url: str
    server: ServerSpec
    process: subprocess.Popen[bytes]

    def ended(self) -> Problem | None:
        """The problem to report if it has stopped running."""
        if self.process.poll() is None:
            return None
        return _failure(self.server, f"exited with exit code {self.process.returncode}", "server-ended")


@contextlib.contextmanager
def only_user_of(folder: Path, name: str) -> Iterator[None]:
    """Reserve ``folder`` for this process. Raises EmbeddedServerError if another process uses it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / "in-use.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise EmbeddedServerError(
            Problem(
                code="folder-in-use",
                message=f"another process is running {name} in {folder}",
                fix="stop that one first (it may be `schema-service up` in another terminal)",
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def running(server: ServerSpec, port: int | None = None) -> Iterator[RunningServer]:
    """Run ``server`` until the block ends; the block begins once it answers.

    Without ``port`` a free one is taken. Raises EmbeddedServerError with the end of the log if it doesn't
    start.
    """
    process, url = _started(server, port)
    try:
        yield RunningServer(url=url, server=server, process=process)
    finally:
        _stop(process)


def _started(server: ServerSpec, port: int | None) -> tuple[subprocess.Popen[bytes], str]:
    # Another process may take the port after we found it free; then the next one is tried.
    attempts = _PORT_ATTEMPTS if port is None else 1
    for attempt in range(1, attempts + 1):
        chosen = free_port(server.name, port)
        process = _spawn(server, chosen)
        url = f"http://{LOOPBACK}:{chosen}/"
        try:
            _wait_until_ready(server, process, url)
        except BaseException as error:
            _stop(process)
            if isinstance(error, EmbeddedServerError) and attempt < attempts and _is_taken(chosen):
                continue
            raise
        return process, url
    raise AssertionError("the last attempt returns or raises")


def _spawn(server: ServerSpec, port: int) -> subprocess.Popen[bytes]:
    descriptor = os.open(server.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), *server.command(port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=server.folder,
            env=dict(server.environment),
            start_new_session=True,  # Ctrl-C is for this process alone; it stops the server in order
        )


def _wait_until_ready(server: ServerSpec, process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if session.get(f"{url}{server.ready_path}", timeout=5).ok:
                    return
            if time.monotonic() > deadline:
                raise _failed(server, f"didn't answer within {_START_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)
    raise _failed(server, f"exited while starting, with exit code {process.returncode}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # the kernel kills the server with its supervisor
        process.wait()


def free_port(name: str, port: int | None) -> int:
    """``port`` if it is free, any free one for None. Raises EmbeddedServerError, naming ``name``, if not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port or 0))
        except (OSError, OverflowError):
            raise EmbeddedServerError(
                Problem(
                    code="port-unavailable",
                    message=f"{name} can't listen on local port {port}",
                    fix="choose another port, or stop what listens there",
                )
            ) from None
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _failed(server: ServerSpec, why: str) -> EmbeddedServerError:
    return EmbeddedServerError(_failure(server, why, "server-did-not-start"))


def _failure(server: ServerSpec, why: str, code: str) -> Problem:
    lines = server.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    tail = scrubbed("\n".join(f"    {line[:300]}" for line in lines), *server.secrets)
    return Problem(
        code=code,
        message=f"{server.name} {why}; the end of its log:\n{tail}",
        fix=f"fix what the log names and run this again; the whole log is {server.log}",
    )
