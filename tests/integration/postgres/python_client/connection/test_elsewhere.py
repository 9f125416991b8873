"""The Python client's own tests once more: from its installed wheel, on Debian's Postgres 15.

With SCHEMA_SERVICE_SOAK=1 all of them, not just those of queries and writes.
"""

from __future__ import annotations

import os

import psycopg
import pytest

from ...debian import DebianServer, debian_server, scratch
from ..client_tests import run_client_tests

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


@pytest.mark.soak
def test_the_installed_wheel_on_postgres_15() -> None:
    with debian_server() as server, scratch(server) as databases:
        place = {"TEST_CLIENT_FROM": "wheel", "TEST_POSTGRES_URL": databases.role_url}
        before = _written(server)
        run_client_tests(["*"] if _WHOLE else _MANY, place, _SECONDS)
        assert _written(server) - before > _MB, "the tests ran elsewhere"
