"""Runs a program as a shell would, and shows what it said if it fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_TIMEOUT_SECONDS = 300
_DIRECT = "127.0.0.1,localhost"  # this machine's proxy does not lead to its own registries


def known(variables: Mapping[str, str]) -> dict[str, str]:
    """``variables``, but for one that keeps Python from writing bytecode: caches are warm in all that is
    measured."""
    return {name: value for name, value in variables.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(command: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> str:
    """What ``command`` prints, run in ``folder`` with :func:`known` of ``variables`` for its environment."""
    excepted = ",".join(filter(None, [variables.get("NO_PROXY", ""), _DIRECT]))
    done = subprocess.run(
        [os.fspath(word) for word in command],
        cwd=folder,
        env={**known(variables), "NO_PROXY": excepted},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
