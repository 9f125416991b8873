"""Keeps a Postgres running for exactly as long as the process that started it.

Run as a script by :mod:`migrations.scratch.embedded.server`, never imported: it must start in milliseconds,
so it uses only the standard library. One line of JSON on standard input says what to run; the end of standard
input (a closed handle, or a parent killed with ``kill -9``) means stop. The kernel ends Postgres if this
process dies, so that no server or shared memory is left, in whatever order processes are killed.

Postgres refuses to run as root. Started by root, it runs as the user given in the configuration; on Linux it
keeps one capability, CAP_DAC_READ_SEARCH, if its files are in folders that only root can enter.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# linux/prctl.h, linux/securebits.h and linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522

_POLL_SECONDS = 0.5
_STOP_SECONDS = 20.0


class _StopRequestedError(Exception):
    """The parent has ended or no longer needs the server."""


def main() -> int:
    config: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGTERM, _request_stop)
    parent = os.getppid()
    try:
        if config["initdb"] and not _make_cluster(config, parent):
            return 1
        return _wait(_start(config, config["postgres"]), parent, signal.Signals(config["stop_signal"]))
    except _StopRequestedError:
        return 0
    finally:
        for folder in config["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(config: dict[str, Any], parent: int) -> bool:
    """Create the cluster in another folder and move it to its place when it is complete.

    An unfinished one, of a process that was stopped or killed, would look complete to every later start.
    """
    unfinished = Path(config["unfinished"])
    if not _copy_pristine(config, unfinished):
        _make_owned(config, unfinished)
        if _wait(_start(config, config["initdb"]), parent, signal.SIGKILL) != 0:
            return False
        _keep_pristine(config, unfinished)
    try:
        unfinished.rename(config["data"])  # over an empty folder, and no other
    except OSError as error:
        if not Path(config["data"], "PG_VERSION").exists():  # else another server was faster
            with Path(config["log"]).open("a") as log:
                log.write(f"{config['data']} has files that are not a cluster ({error.strerror})\n")
            return False
    return True


def _make_owned(config: dict[str, Any], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    if config["uid"] is not None:
        os.chown(folder, config["uid"], config["gid"])


def _copy_pristine(config: dict[str, Any], to: Path) -> bool:
    """Copy an earlier result of initdb, which is faster than running it."""
    if config["pristine"] is None or not Path(config["pristine"]).is_dir():
        return False
    try:
        shutil.copytree(config["pristine"], to)
        if config["uid"] is not None:
            for path in (to, *to.rglob("*")):
                os.chown(path, config["uid"], config["gid"])
    except (OSError, shutil.Error):
        shutil.rmtree(to, ignore_errors=True)
        return False
    return True


def _keep_pristine(config: dict[str, Any], cluster: Path) -> None:
    """Keep the result of initdb for the next server; if that fails, the next start is only slower."""
    if config["pristine"] is None:
        return
    pristine = Path(config["pristine"])
    with contextlib.suppress(OSError, shutil.Error):
        pristine.parent.mkdir(parents=True, exist_ok=True)
        partial = tempfile.mkdtemp(prefix=".partial-", dir=pristine.parent)
        try:
            shutil.copytree(cluster, partial, dirs_exist_ok=True)
            Path(partial).rename(pristine)  # refused if another server was faster
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _request_stop(*_: object) -> None:
    raise _StopRequestedError


def _start(config: dict[str, Any], command: list[str]) -> subprocess.Popen[bytes]:
    with Path(config["log"]).open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=config["folder"],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            preexec_fn=lambda: _become(config),  # noqa: PLW1509 - this process has one thread
        )


def _become(config: dict[str, Any]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    linux = sys.platform == "linux"
    if config["uid"] is not None:
        if linux and config["read_search"]:
            # Without this bit access(2) ignores capabilities, and initdb finds postgres with access(2).
            libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(config["gid"])
        os.setuid(config["uid"])
        if linux and config["read_search"]:
            _keep_read_search(libc)
    if linux:  # after setuid, which clears it
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)


def _keep_read_search(libc: ctypes.CDLL) -> None:
    """Drop every capability except entering and reading any folder; without it, plain permissions apply."""
    bit = 1 << _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, sets) != 0:
        none = (ctypes.c_uint32 * 6)()
        libc.capset(header, none)
        return
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)


def _wait(child: subprocess.Popen[bytes], parent: int, stop_signal: signal.Signals) -> int:
    """Wait for the child to end; raises _StopRequestedError after it was stopped on request."""
    try:
        while child.poll() is None:
            _refuse_to_be_orphaned(parent)
    except _StopRequestedError:
        _end(child, stop_signal)
        raise
    return child.returncode


def _refuse_to_be_orphaned(parent: int) -> None:
    readable, _, _ = select.select([sys.stdin], [], [], _POLL_SECONDS)
    # A fork of the parent may keep the pipe open, so the parent's id is checked too.
    if (readable and not os.read(sys.stdin.fileno(), 4096)) or os.getppid() != parent:
        raise _StopRequestedError


def _end(child: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    for step in (stop_signal, signal.SIGQUIT, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(step)
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                return
            time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
