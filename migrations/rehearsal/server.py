"""The server that rehearsals run on, and what is kept between them.

The embedded server's cluster stays in the workspace, with the databases of published versions in it, so that
publishing neither creates a cluster nor replays the history. It is a cache: used by one rehearsal at a time,
discarded unless it was shut down cleanly, and not trusted when a rehearsal on it fails.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
from filelock import FileLock, Timeout

from schemas.errors import Problem

from ..errors import MigrationsError, ScratchServerError
from ..scratch.embedded.clusters import cluster_key
from ..scratch.scratch_server import ScratchServer, kept_server, open_server

Result = TypeVar("Result")
_LOCK, _STOPPED = "lock", "stopped"


def on_rehearsal_server(
    url: str | None, folder: Path, work: Callable[[ScratchServer, Path | None], Result]
) -> Result:
    """Do ``work`` on the server at ``url``, or on the embedded one with its data in ``folder``.

    ``work`` is given the folder of the kept data, or None where nothing is kept: on a given server, while
    another rehearsal uses the embedded one, and where ``folder`` can't be written. If it fails on kept data
    it is done again from scratch, so that a damaged cache can't fail a rehearsal. Raises what ``work``
    raises, and ScratchServerError.
    """
    if url is not None:
        return _on_server(url, folder, work)
    with _only_user(folder) as may_keep:
        if may_keep and _is_whole(folder):
            # A user's mistake fails again below, from scratch.
            with contextlib.suppress(MigrationsError):
                return _on_kept(folder, work)
        if may_keep:
            _forget(folder)
            with contextlib.suppress(ScratchServerError):
                return _on_kept(folder, work)
        with _writable(folder) as room:
            return _on_server(None, room, work)


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[Path]:
    """``folder``, or a temporary one: a workspace may be mounted read-only."""
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(tempfile.TemporaryFile(dir=folder))
        except OSError:
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="schema-service-rehearsal-"))
            )
        yield folder


def _on_server(url: str | None, folder: Path, work: Callable[[ScratchServer, Path | None], Result]) -> Result:
    with _failures_told(), open_server(url, folder=folder) as server:
        return work(server, None)


def _on_kept(folder: Path, work: Callable[[ScratchServer, Path | None], Result]) -> Result:
    (folder / _STOPPED).unlink(missing_ok=True)
    with _failures_told(), contextlib.ExitStack() as stack:
        stack.callback(_mark_stopped, folder)
        server = stack.enter_context(kept_server(folder))
        return work(server, folder)


def _mark_stopped(folder: Path) -> None:
    """Record that the server was shut down cleanly: only then has it removed its own pid file."""
    if (folder / "data" / "PG_VERSION").exists() and not (folder / "data" / "postmaster.pid").exists():
        (folder / _STOPPED).write_text(cluster_key(), "utf-8")


def _is_whole(folder: Path) -> bool:
    try:
        return (folder / _STOPPED).read_text("utf-8") == cluster_key()
    except (OSError, UnicodeDecodeError):
        return False


def _forget(folder: Path) -> None:
    (folder / _STOPPED).unlink(missing_ok=True)
    for part in ("data", "states"):
        shutil.rmtree(folder / part, ignore_errors=True)


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    """Errors that don't come from a migration are the server's: a full disk, an administrator's command."""
    try:
        yield
    except psycopg.Error as error:
        raise ScratchServerError(
            Problem(
                code="scratch-server-failed",
                message="the Postgres that the migrations are rehearsed on failed: "
                f"{str(error).strip() or type(error).__name__}",
                fix="check whether its disk is full or it was stopped, then run this again",
            )
        ) from error


@contextlib.contextmanager
def _only_user(folder: Path) -> Iterator[bool]:
    """Whether the cache is ours for the block; another rehearsal that has it is not waited for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
