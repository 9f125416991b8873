"""Runs one server and stops it when its starter ends, however that happens.

Run as a file (``python -I -S supervise.py COMMAND…``), standard library only. The starter holds the other
end of standard input; once that closes, on purpose or because the starter was killed, the server's whole
process group is ended. A pipe, and not PR_SET_PDEATHSIG alone, because that one fires when the starting
*thread* ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading

_GRACE_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def _die_with_supervisor() -> None:
    """In the child: on Linux the kernel kills it with this supervisor, should the supervisor be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _signal_group(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(server.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _end_with_starter(server: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        pass
    _signal_group(server, signal.SIGTERM)
    try:
        server.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(server, signal.SIGKILL)


def main() -> int:
    # One thread starts it and lives to the end, so that the kernel's signal means this process.
    server = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_supervisor,  # noqa: PLW1509 - no other thread exists yet
    )
    threading.Thread(target=_end_with_starter, args=(server,), daemon=True).start()
    code = server.wait()
    _signal_group(server, signal.SIGKILL)  # the processes it left behind
    return code


if __name__ == "__main__":
    sys.exit(main())
