"""A client that connects to a database which it doesn't work on, as the migrations' runner has left it."""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from generators.python_client.runtime.compatibility.database_range import DatabaseRange
from generators.python_client.runtime.compatibility.database_version import QUERY, Refusal, recorded, refusal
from migrations.runner import commands, fast_path
from migrations.runner.errors import RunnerError, UsageError
from migrations.runner.options import address
from schemas.versions import SchemaVersion

from ....conftest import GeneratedClient
from ...databases import EmptyDatabases
from ...runner.kit import Command, downgrade, manifest, migration, rows, upgrade

_SCHEMA = "model Item {\n  id Int @id\n}\n"
_ITEM = 'CREATE TABLE "Item" (id integer PRIMARY KEY)'
_MIGRATIONS = (
    migration(1, _ITEM, 'DROP TABLE "Item"'),
    migration(2, "CREATE TABLE a (id integer)", "DROP TABLE a", version="2.0.0"),
    migration(3, "CREATE TABLE b (id integer)", "DROP TABLE b", version="2.1.0"),
    migration(4, "CREATE TABLE c (id integer)", "DROP TABLE c", version="3.0.0"),
)
_PACKAGE = manifest(*_MIGRATIONS, compatible_from={"2.1.0": "2.0.0"})


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> GeneratedClient:
    made: GeneratedClient = client_of(
        _SCHEMA, schema_name="shop", version=SchemaVersion.parse("2.0.0"), migrations=_MIGRATIONS[:2]
    )
    return made


@pytest.fixture
def dsn(databases: EmptyDatabases) -> Iterator[str]:
    with databases.lent() as database:
        yield database


@pytest.fixture(params=["sync", "async"])
def connect(client: GeneratedClient, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Connects each kind of client to a database, and gives the sessions' names there or what was raised."""

    def blocking(dsn: str, **options: Any) -> Any:
        with client.module.Client(dsn, **options) as db:
            return db.query_first("SELECT current_setting('application_name') AS name")["name"]

    def asynchronous(dsn: str, **options: Any) -> Any:
        async def main() -> Any:
            async with client.module.AsyncClient(dsn, **options) as db:
                return (await db.query_first("SELECT current_setting('application_name') AS name"))["name"]

        return asyncio.run(main())

    return blocking if request.param == "sync" else asynchronous


def test_a_database_is_refused_while_it_is_too_old_or_too_new(
    client: GeneratedClient, connect: Callable[..., Any], dsn: str
) -> None:
    refused = client.module.errors.DatabaseVersionError

    def refusal(**options: Any) -> Any:
        with pytest.raises(refused) as raised:
            connect(dsn, **options)
        return raised.value

    assert connect(dsn) == "schema-client/2.0.0"  # the runner has never been here
    upgrade(dsn, _PACKAGE, "1.0.0")
    error = refusal()
    assert isinstance(error, client.module.errors.DatabaseConnectionError)
    assert (error.code, error.client_version, error.database_version) == (
        "database-too-old", "2.0.0", "1.0.0"
    )  # fmt: skip
    assert str(error) == (
        "the database has version 1.0.0 of shop, and schema-client 2.0.0 needs 2.0.0 or later; "
        "migrate it first (schema-migrations 2.0.0: schema-migrations upgrade), "
        "or install schema-client 1.0.0; check_database=False connects without this check"
    )
    assert connect(dsn, check_database=False) == "schema-client/2.0.0"
    for version in ("2.0.0", "2.1.0"):
        upgrade(dsn, _PACKAGE, version)
        assert connect(dsn) == "schema-client/2.0.0"

    # A run that breaks the client has failed, and a longer one, and has then done its work.
    broken = manifest(*_MIGRATIONS[:3], migration(4, "SELECT 1/0", version="3.0.0"))
    with suppress(RunnerError):
        upgrade(dsn, broken)
    assert connect(dsn) == "schema-client/2.0.0"
    upgrade(dsn, _PACKAGE)
    error = refusal()
    assert (error.code, error.database_version, error.fix) == (
        "database-too-new", "3.0.0", "install schema-client 3.0.0"
    )  # fmt: skip
    with psycopg.connect(dsn) as admin:
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'schema-client%'"
        while admin.execute(sessions).fetchone() != (0,):  # a session ends after its client
            admin.rollback()

    downgrade(dsn, _PACKAGE, "2.0.0")
    assert connect(dsn) == "schema-client/2.0.0"
    downgrade(dsn, _PACKAGE)
    assert "has no version of shop" in str(refusal())


def test_each_schema_of_a_database_has_a_version(
    client: GeneratedClient, connect: Callable[..., Any], dsn: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA acme")
    tenant = f"{dsn}&schema=acme"
    upgrade(dsn, _PACKAGE, "2.0.0")
    assert connect(tenant)  # it was never migrated
    upgrade(tenant, manifest(_MIGRATIONS[0]).tracked_at(address(tenant)))
    assert connect(dsn)
    with pytest.raises(client.module.errors.DatabaseVersionError):
        connect(tenant)


def test_a_session_that_leads_to_another_schema_is_refused(
    client: GeneratedClient, connect: Callable[..., Any], dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the client and by the runner: the Node client's queries of models go where the URL says."""
    upgrade(dsn, _PACKAGE, "2.0.0")
    tenant = f"{dsn}&schema=acme"
    pooled = f"{tenant}&pgbouncer=true"
    elsewhere = f"{dsn}&options=-c%20search_path%3Dacme"

    def is_refused(url: str) -> None:
        with pytest.raises(client.module.errors.DatabaseVersionError) as raised:
            connect(url)
        assert (raised.value.code, raised.value.database_version) == ("database-other-schema", None)

    def is_refused_by_all(url: str) -> None:
        is_refused(url)
        for command in (commands.status, commands.upgrade, commands.verify):
            with pytest.raises(UsageError) as stopped:
                command(_PACKAGE, address(url))
            assert (stopped.value.code, "schema=acme or schema=public" in stopped.value.fix) == (
                "other-schema", True
            )  # fmt: skip
        assert fast_path.version_at("shop", digest, {"DATABASE_URL": url}) is None

    digest = _PACKAGE.digest_at("2.0.0")
    with psycopg.connect(dsn, autocommit=True) as admin, ExitStack() as afterwards:
        admin.execute("CREATE SCHEMA acme")
        upgrade(tenant, _PACKAGE.tracked_at(address(tenant)), "2.0.0")
        is_refused_by_all(elsewhere)
        is_refused(pooled)
        assert connect(f"{elsewhere}&schema=acme") == connect(f"{elsewhere}&schema=public")
        assert fast_path.version_at("shop", digest, {"DATABASE_URL": f"{elsewhere}&schema=public"}) == "2.0.0"
        with pytest.raises(client.module.errors.DatabaseConnectionError, match="does not keep schema"):
            connect(pooled, check_database=False)

        monkeypatch.setenv("PGOPTIONS", "-c search_path=acme")
        is_refused_by_all(dsn)
        monkeypatch.delenv("PGOPTIONS")
        change = f"ALTER DATABASE {admin.info.dbname}"
        afterwards.callback(admin.execute, f"{change} RESET search_path".encode())  # others get the database
        admin.execute(f"{change} SET search_path = acme".encode())
        is_refused_by_all(dsn)
        assert connect(pooled)  # it is the role's, or the database's, behind a pooler
        assert commands.status(_PACKAGE.tracked_at(address(pooled)), address(pooled)).version == "2.0.0"
        assert connect(dsn, check_database=False)


def test_a_version_that_somebody_has_locked_is_not_waited_for(
    client: GeneratedClient, connect: Callable[..., Any], dsn: str
) -> None:
    upgrade(dsn, _PACKAGE, "2.0.0")
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE schema_service.versions IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(client.module.errors.DatabaseVersionError) as raised:
            connect(dsn)
        assert raised.value.code == "database-locked"
        assert "pg_locks" in raised.value.fix
    with client.module.Client(dsn) as db:  # the limit was that of the one query
        assert db.query_first("SELECT current_setting('lock_timeout') AS limit") == {"limit": "0"}


@pytest.mark.parametrize("newest", [_MIGRATIONS[3].version, _MIGRATIONS[3].version.as_draft(1)], ids=str)
def test_the_fix_that_is_named_is_one(dsn: str, tmp_path: Path, newest: SchemaVersion) -> None:
    """``refusal`` and ``QUERY`` are the generated client's own: it has a copy of that module."""
    version = str(newest)
    migrations = (*_MIGRATIONS[:3], replace(_MIGRATIONS[3], version=newest))
    database = DatabaseRange("shop", "schema-client", version, version, "4.0.0", "shop-migrations")
    upgrade(dsn, _PACKAGE, "2.0.0")

    def found() -> Refusal | None:
        return refusal(database, recorded(fact for (fact,) in rows(dsn, QUERY.replace("$1", "'shop'"))))

    refused = found()
    assert refused is not None
    words = re.search(rf"\(shop-migrations {version}: shop-migrations ([^)]+)\)", refused.fix)
    assert words is not None
    code, text = Command.of(tmp_path, dsn, *migrations, version=version).run(*words[1].split())
    assert code == 0, text
    assert found() is None


def test_who_may_not_read_the_version_is_not_refused(connect: Callable[..., Any], dsn: str) -> None:
    upgrade(dsn, _PACKAGE, "1.0.0")
    admin_dsn = dsn.replace("scratch_owner", "postgres")
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
        for revoked in ("SELECT ON schema_service.versions", "USAGE ON SCHEMA schema_service"):
            admin.execute(f"REVOKE {revoked} FROM PUBLIC".encode())
            assert connect(dsn.replace("scratch_owner", "reader")) == "schema-client/2.0.0"


def test_sessions_are_called_by_their_users_too(
    connect: Callable[..., Any], client: GeneratedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect(f"{client.dsn}&application_name=checkout") == "checkout schema-client/2.0.0"
    monkeypatch.setenv("PGAPPNAME", "billing")
    assert connect(client.dsn) == "billing schema-client/2.0.0"
    assert connect(make_conninfo(client.dsn, application_name="a")) == "a schema-client/2.0.0"
    monkeypatch.delenv("PGAPPNAME")
    named = f"{client.dsn}&options=-c%20application_name%3Dx%20-c%20work_mem%3D9MB"
    assert connect(named) == "x schema-client/2.0.0"
    for wrong in ({"dsn": 5}, {"datasource": {}}, {"datasource": 5}):
        with pytest.raises(client.module.errors.InputError, match=r"^(dsn|datasource): needs a"):
            client.module.Client(**wrong)


def test_a_pool_asks_once(client: GeneratedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    session = importlib.import_module(f"{client.module.__name__}._runtime.client.sync.session")
    checks: list[object] = []
    check = session.check_database
    monkeypatch.setattr(session, "check_database", lambda *given: (checks.append(given), check(*given)))
    with client.module.Client(client.dsn, pool_size=2) as db:
        with db.tx(), db.tx():
            pass
        with db.tx() as one, client.module.Client.tx(db) as two:
            one.item.count()
            two.item.count()
    assert len(checks) == 1
