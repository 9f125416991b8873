"""Keeps one Postgres running for exactly as long as the process that asked for it.

Run as a script by :mod:`migrations.embedded.server`, never imported: it must start in milliseconds, so it
uses the standard library only. One line of JSON on standard input says what to run; the end of standard
input (a closed handle, or a parent killed with ``kill -9``) means stop. Postgres is told to die with this
process too, so that no order of kills leaves a server or its shared memory behind.

Postgres refuses to run as root. Started by root, it runs as the user named in the configuration; on Linux
it keeps one capability, CAP_DAC_READ_SEARCH, where its files lie below folders only root can enter.
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
_PATIENCE_SECONDS = 20.0


class _StopRequestedError(Exception):
    """The parent is gone or wants no server any more."""


def main() -> int:
    config: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGTERM, _request_stop)
    parent = os.getppid()
    try:
        if config["initdb"] and not _copy_pristine(config):
            child = _start(config, config["initdb"])
            if _wait(child, parent, signal.SIGKILL) != 0:
                return 1
            _keep_pristine(config)
        return _wait(_start(config, config["postgres"]), parent, signal.Signals(config["stop_signal"]))
    except _StopRequestedError:
        return 0
    finally:
        for folder in config["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


def _copy_pristine(config: dict[str, Any]) -> bool:
    """Spare a scratch server initdb, by a copy of what it once made."""
    if config["pristine"] is None or not Path(config["pristine"]).is_dir():
        return False
    data = Path(config["data"])
    try:
        shutil.copytree(config["pristine"], data, dirs_exist_ok=True)
        if config["uid"] is not None:
            for path in (data, *data.rglob("*")):
                os.chown(path, config["uid"], config["gid"])
    except (OSError, shutil.Error):
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        if config["uid"] is not None:
            os.chown(data, config["uid"], config["gid"])
        return False
    return True


def _keep_pristine(config: dict[str, Any]) -> None:
    """What can't be kept is only slower next time."""
    if config["pristine"] is None:
        return
    pristine = Path(config["pristine"])
    with contextlib.suppress(OSError, shutil.Error):
        pristine.parent.mkdir(parents=True, exist_ok=True)
        partial = tempfile.mkdtemp(prefix=".partial-", dir=pristine.parent)
        try:
            shutil.copytree(config["data"], partial, dirs_exist_ok=True)
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
            # Without this bit access(2) ignores capabilities, and initdb looks for postgres with access(2).
            libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(config["gid"])
        os.setuid(config["uid"])
        if linux and config["read_search"]:
            _keep_read_search(libc)
    if linux:  # after setuid, which clears it
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)


def _keep_read_search(libc: ctypes.CDLL) -> None:
    """Drop every capability but the right to pass through folders; a refusal leaves plain permissions."""
    bit = 1 << _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, sets) != 0:
        none = (ctypes.c_uint32 * 6)()
        libc.capset(header, none)
        return
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)


def _wait(child: subprocess.Popen[bytes], parent: int, stop_signal: signal.Signals) -> int:
    """Until the child ends by itself; raises _StopRequestedError once nobody wanted it and it was stopped."""
    try:
        while child.poll() is None:
            _refuse_to_be_orphaned(parent)
    except _StopRequestedError:
        _end(child, stop_signal)
        raise
    return child.returncode


def _refuse_to_be_orphaned(parent: int) -> None:
    readable, _, _ = select.select([sys.stdin], [], [], _POLL_SECONDS)
    # The pipe can outlive a parent that forked; the parent's id can't.
    if (readable and not os.read(sys.stdin.fileno(), 4096)) or os.getppid() != parent:
        raise _StopRequestedError


def _end(child: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    for step in (stop_signal, signal.SIGQUIT, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(step)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                return
            time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
