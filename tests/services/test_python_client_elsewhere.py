"""The Python client's own tests once more: from its installed wheel, on Debian's Postgres 15.

With SCHEMA_SERVICE_SOAK=1 all of them, not just those of queries and writes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from .runner.debian import DebianServer, debian_server, scratch

_ROOT = Path(__file__).parents[2]
_TESTS = _ROOT / "tests" / "unit" / "generators"
_MANY = ("bulk", "filters", "nested", "operators", "queries", "schemas", "types")
_MB = 1_000_000
_WHOLE = "SCHEMA_SERVICE_SOAK" in os.environ
_SECONDS = 1200 if _WHOLE else 400

pytestmark = pytest.mark.timeout(_SECONDS + 60)


def _written(server: DebianServer) -> int:
    """How many bytes the server has logged."""
    with psycopg.connect(server.dsn()) as connection:
        (written,) = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone() or (0,)
    return int(written)


def test_the_installed_wheel_on_postgres_15() -> None:
    patterns = ["*"] if _WHOLE else _MANY
    files = [file for pattern in patterns for file in sorted(_TESTS.glob(f"test_python_client_{pattern}.py"))]
    assert len(files) >= len(patterns)
    with debian_server() as server:
        place = {"TEST_CLIENT_FROM": "wheel", "TEST_POSTGRES_URL": scratch(server).role_url}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        before = _written(server)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", *map(str, files)],
            cwd=_ROOT,
            env={**kept, **place},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert _written(server) - before > _MB, "the tests ran elsewhere"
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
