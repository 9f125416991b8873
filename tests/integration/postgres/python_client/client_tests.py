"""The Python client's own tests, run once more in a process of their own: elsewhere, or by another way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[4]
_INTEGRATION = _ROOT / "tests" / "integration"
_FOLDERS = (_INTEGRATION / "node" / "python_client", _INTEGRATION / "postgres" / "python_client")
# These start servers of their own, and two of them run the others.
_ELSEWHERE = frozenset({"test_elsewhere.py", "test_native_types.py", "test_pooler.py", "test_standby.py"})


def run_client_tests(patterns: Iterable[str], place: Mapping[str, str], seconds: float) -> None:
    """Run the files ``test_<pattern>.py``, up to a failure, with ``place`` in the environment.

    Each pattern has to name a file. Raises AssertionError with what they printed if they fail.
    """
    files = [_files(pattern) for pattern in patterns]
    assert all(files)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"]
        + [str(file) for found in files for file in found],
        cwd=_ROOT,
        env={**kept, **place},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def _files(pattern: str) -> list[Path]:
    found = [file for folder in _FOLDERS for file in folder.rglob(f"test_{pattern}.py")]
    return sorted(file for file in found if file.name not in _ELSEWHERE)
