"""The Python client's own tests, run once more in a process of their own: elsewhere, or by another way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_TESTS = _ROOT / "tests" / "unit" / "generators"


def run_client_tests(patterns: Iterable[str], place: Mapping[str, str], seconds: float) -> None:
    """Run the files ``test_python_client_<pattern>.py``, up to a failure, with ``place`` in the environment.

    Each pattern has to name a file. Raises AssertionError with what they printed if they fail.
    """
    files = [sorted(_TESTS.glob(f"test_python_client_{pattern}.py")) for pattern in patterns]
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
