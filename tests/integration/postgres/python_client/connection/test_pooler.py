"""The Python client through PgBouncer in transaction mode, before Debian's Postgres 15.

A session of the server serves another client after each transaction, so nothing may be kept in one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.scratch.dsn import to_uri
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge

from ...debian import debian_server, pgbouncer, scratch
from ..client_tests import run_client_tests
from ..clients import imported_client

_TESTS = ("bulk", "nested", "schemas", "streams")
_SECONDS = 300
_SCHEMA = """
datasource db {
  provider = "postgresql"
}

model Item {
  id    Int      @id @default(autoincrement())
  name  String   @unique
  at    DateTime @default(dbgenerated("now()"))
  zoned DateTime @default(dbgenerated("now()")) @db.Timestamptz(3)
}
"""

pytestmark = pytest.mark.timeout(_SECONDS + 60)


class Pooler(NamedTuple):
    """A server, and where the pooler before it listens."""

    server: ScratchServer
    folder: str
    port: str

    def url(self, dsn: str) -> str:
        """A database's address, by way of the pooler."""
        return to_uri({**conninfo_to_dict(dsn), "host": self.folder, "port": self.port})


@pytest.fixture(scope="module")
def pooler() -> Iterator[Pooler]:
    with debian_server() as debian, scratch(debian) as server, pgbouncer(server) as place:
        yield Pooler(server, place["host"], place["port"])


@pytest.fixture(scope="module")
def module(bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return imported_client(bridge.parse(_SCHEMA), "client_behind_a_pooler", tmp_path_factory.mktemp("pooler"))


@pytest.fixture
def dsn(pooler: Pooler, bridge: PrismaBridge) -> Iterator[str]:
    """A database, addressed without the pooler."""
    with pooler.server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, bridge.parse(_SCHEMA).text).encode())
        yield dsn


@pytest.mark.soak
def test_its_own_tests_pass_through_the_pooler(pooler: Pooler) -> None:
    place = {
        "TEST_POSTGRES_URL": pooler.server.role_url,
        "TEST_CLIENT_POOLER": f"{pooler.folder}:{pooler.port}",
    }
    before = _transactions(pooler)
    run_client_tests(_TESTS, place, _SECONDS)
    assert _transactions(pooler) - before > 100, "the tests went past the pooler"


def _transactions(pooler: Pooler) -> int:
    """How many transactions the pooler has passed on."""
    admin = to_uri({"user": "postgres", "dbname": "pgbouncer", "host": pooler.folder, "port": pooler.port})
    with psycopg.connect(admin, autocommit=True) as connection:
        rows = connection.execute("SHOW STATS").fetchall()
    return sum(int(row[1]) for row in rows)


def test_times_are_utc_whatever_the_role_s_time_zone_is(module: Any, pooler: Pooler, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Tokyo'")
    try:
        with module.Client(f"{pooler.url(dsn)}&pgbouncer=true", pool_size=20) as db:

            def made(number: int) -> Any:
                with db.tx() as tx:
                    return tx.item.create({"name": f"{number}"})

            # More threads than the pooler has sessions, so that all of these are passed from hand to hand.
            with ThreadPoolExecutor(20) as threads:
                rows = list(threads.map(made, range(100)))
            for row in rows:
                assert abs((row.at - row.zoned).total_seconds()) < 1
            shown = db.query_first("SELECT current_setting('TimeZone') AS zone, now() AS now")
            assert shown["zone"] == "UTC"
            assert shown["now"].endswith("+00:00")
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("ALTER ROLE CURRENT_USER RESET TimeZone")


def test_who_forgets_the_option_is_told(module: Any, pooler: Pooler, dsn: str) -> None:
    with pytest.raises(module.errors.DatabaseConnectionError, match="needs pgbouncer=true"):
        module.Client(pooler.url(dsn)).connect()
