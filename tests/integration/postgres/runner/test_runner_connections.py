"""Getting to the database, and what it lets a role do. Names as in the research note."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.runner import commands
from migrations.runner.errors import RefusedError
from migrations.runner.options import address
from migrations.scratch.dsn import to_uri
from migrations.scratch.scratch_server import open_server

from ..debian import DebianServer, free_port
from .kit import (
    Command,
    downgrade,
    events,
    execute,
    finish,
    manifest,
    migration,
    objects,
    rows,
    tables,
    upgrade,
    wait_for,
)
from .relay import Relay

TABLE = migration(1, "CREATE TABLE t (a int PRIMARY KEY);", "DROP TABLE t;")
MORE = migration(2, "ALTER TABLE t ADD n int;", version="2.0.0")


def test_dbdown(dsn: str, tmp_path: Path) -> None:
    """The port opens late."""
    relay, port = Relay(dsn), free_port()
    process = Command.of(tmp_path, relay.address(port), TABLE).start("upgrade")
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert first["event"] == "waiting_for_database"
    stopped = Command.of(tmp_path, relay.address(port), TABLE).start("upgrade")
    assert stopped.stdout is not None
    stopped.stdout.readline()
    stopped.send_signal(signal.SIGTERM)
    code, output = finish(stopped)
    assert (code, events(output)[-1]["message"]) == (143, "stopped by SIGTERM; no step had begun")
    with relay.open(port):
        code, output = finish(process)
    assert code == 0, output
    code, output = Command.of(tmp_path, relay.address(port), TABLE).run("upgrade", "--wait", "0.5")
    assert (code, events(output)[-1]["code"]) == (75, "database-away")


def test_transient(dsn: str, admin: str, tmp_path: Path) -> None:
    relay = Relay(dsn, refusals=[("57P03", "the database system is starting up")] * 5)
    with relay.open() as port:
        code, output = Command.of(tmp_path, relay.address(port), TABLE).run("upgrade")
    assert code == 0, output
    assert (events(output)[0]["event"], relay.refusals) == ("waiting_for_database", [])
    # Full: 53300, from the server itself.
    name = rows(dsn, "SELECT current_database()")[0][0]
    execute(admin, f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    process = Command.of(tmp_path, dsn, TABLE, MORE).start("upgrade")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "waiting_for_database"
    execute(admin, f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    assert finish(process)[0] == 0
    lost = Command.of(tmp_path, "postgresql://nobody@no-such-host.invalid/x", TABLE)
    code, output = lost.run("upgrade", "--wait", "0.5")
    assert (code, events(output)[0]["event"]) == (75, "waiting_for_database")


@pytest.fixture(params=["postgres18", "postgres15"])
def over_tcp(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where passwords count."""
    if request.param == "postgres15":
        debian: DebianServer = request.getfixturevalue("debian")
        yield to_uri(
            {"user": "postgres", "host": "127.0.0.1", "port": str(debian.port), "dbname": "postgres"}
        )
        return
    with open_server(None, folder=tmp_path / "tcp", port=free_port()) as server:
        yield server.role_url


def test_bad_password(over_tcp: str, tmp_path: Path) -> None:
    wrong = "s3cret/wr%ng"
    parts = {key: str(value) for key, value in conninfo_to_dict(over_tcp).items()}
    command = Command.of(tmp_path, to_uri({**parts, "password": wrong}), TABLE)
    code, output = command.run("upgrade")
    (told,) = events(output)
    assert (code, told["code"]) == (1, "connection-refused")
    assert "password authentication failed" in told["message"]
    assert "s3cret" not in output


def test_tls_that_can_not_be_made_is_not_waited_for(over_tcp: str, tmp_path: Path) -> None:
    """The server is up, and has none."""
    parts = {key: str(value) for key, value in conninfo_to_dict(over_tcp).items()}
    for mode in ("require", "verify-full"):
        code, output = Command.of(tmp_path, to_uri({**parts, "sslmode": mode}), TABLE).run("upgrade")
        (told,) = events(output)
        assert (code, told["code"]) == (1, "connection-refused")
        assert "SSL" in told["message"]
        assert "TLS" in told["fix"]


def test_no_such_database(dsn: str, tmp_path: Path) -> None:
    nowhere = dsn.replace("schema_service_scratch_", "nowhere_")
    code, output = Command.of(tmp_path, nowhere, TABLE).run("upgrade")
    assert (code, events(output)[-1]["code"]) == (1, "connection-refused")
    assert "does not exist" in output


def test_privilege(dsn: str, admin: str) -> None:
    execute(admin, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
    stranger = dsn.replace("scratch_owner", "stranger")
    execute(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(RefusedError, match="CREATE on the schema public"):
        upgrade(stranger, manifest(TABLE))
    assert rows(dsn, "SELECT 1 FROM pg_namespace WHERE nspname = 'schema_service'") == []
    upgrade(dsn, manifest(TABLE))
    execute(dsn, "GRANT ALL ON ALL TABLES IN SCHEMA schema_service TO stranger")
    first = migration(2, "INSERT INTO t VALUES (1)")
    with pytest.raises(RefusedError, match="ownership of t"):
        upgrade(stranger, manifest(TABLE, first, MORE))
    assert rows(dsn, "SELECT * FROM t") == []
    execute(admin, "REVOKE ALL ON ALL TABLES IN SCHEMA schema_service FROM stranger")
    with pytest.raises(RefusedError, match="permission denied for table"):
        commands.status(manifest(TABLE), address(stranger))


def test_rights_are_asked_about_both_ways(dsn: str, admin: str) -> None:
    """Of what the role doesn't own: tables to refer to, to write and to alter, types, functions, schemas."""
    package = manifest(
        migration(
            1,
            "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (a int); CREATE TYPE e AS ENUM ('a');"
            "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA s;",
        ),
        migration(
            2,
            "CREATE TABLE c (id int REFERENCES p); INSERT INTO q SELECT id FROM p; TRUNCATE q;"
            "ALTER TYPE e RENAME VALUE 'a' TO 'b'; DROP SCHEMA s; CREATE SCHEMA n;"
            "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2';"
            "CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 3';",
            "DROP SCHEMA n; CREATE SCHEMA s; DELETE FROM q; DROP FUNCTION f(text); DROP TABLE c;"
            "ALTER TYPE e RENAME VALUE 'b' TO 'a';",
            version="2.0.0",
        ),
    )
    upgrade(dsn, package, to="1.0.0")
    execute(
        admin, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN; GRANT CREATE ON SCHEMA public TO guest"
    )
    execute(dsn, "GRANT USAGE ON SCHEMA schema_service TO guest")
    execute(dsn, "GRANT ALL ON ALL TABLES IN SCHEMA schema_service TO guest")
    guest = dsn.replace("scratch_owner", "guest")
    before = objects(dsn)
    with pytest.raises(RefusedError) as refused:
        upgrade(guest, package)
    assert refused.value.code == "privilege"
    for right in (
        *("REFERENCES on p", "SELECT on p", "INSERT on q", "TRUNCATE on q", "ownership of the type e"),
        *("ownership of the schema s", "ownership of the function f(integer)", "CREATE on the database"),
    ):
        assert right in refused.value.message
    assert "f(text)" not in refused.value.message
    assert objects(dsn) == before
    upgrade(dsn, package)
    with pytest.raises(RefusedError) as refused:
        downgrade(guest, package, to="1.0.0")
    for right in ("ownership of the schema n", "DELETE on q", "ownership of c", "the function f(text)"):
        assert right in refused.value.message
    assert downgrade(dsn, package, to="1.0.0") == ("002_m2",)
    execute(admin, "REVOKE CREATE ON SCHEMA public FROM guest; GRANT scratch_owner TO guest")
    assert upgrade(guest, package) == ("002_m2",)


def test_what_needs_a_superuser_is_told_before(dsn: str, admin: str) -> None:
    first = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p);"
    of_superusers = "SELECT name FROM pg_available_extension_versions WHERE superuser AND NOT trusted LIMIT 1"
    extensions = [f'CREATE EXTENSION "{name}";' for (name,) in rows(dsn, of_superusers)]
    second = (
        "SET session_replication_role = replica; SET lock_timeout = '3s'; ALTER TABLE c DISABLE TRIGGER ALL;"
    )
    package = manifest(migration(1, first), migration(2, "".join([second, *extensions]), version="2.0.0"))
    upgrade(dsn, package, to="1.0.0")
    with pytest.raises(RefusedError) as refused:
        upgrade(dsn, package)
    assert refused.value.code == "privilege"
    for right in ("SET on the parameter session_replication_role", "superuser (for the triggers of foreign"):
        assert right in refused.value.message
    assert refused.value.message.count("superuser (for the extension") == len(extensions)
    assert "lock_timeout" not in refused.value.message
    if rows(dsn, "SELECT 1 WHERE current_setting('server_version_num')::int >= 150000"):
        only_set = manifest(
            migration(1, first), migration(2, "SET session_replication_role = replica;", version="2.0.0")
        )
        execute(admin, "GRANT SET ON PARAMETER session_replication_role TO scratch_owner")
        try:
            assert upgrade(dsn, only_set) == ("002_m2",)
        finally:
            execute(admin, "REVOKE SET ON PARAMETER session_replication_role FROM scratch_owner")


def test_readonly_noop(dsn: str, admin: str, tmp_path: Path) -> None:
    upgrade(dsn, manifest(TABLE))
    execute(admin, "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    execute(dsn, "GRANT USAGE ON SCHEMA schema_service TO reader")
    execute(dsn, "GRANT SELECT ON ALL TABLES IN SCHEMA schema_service TO reader")
    reader = dsn.replace("scratch_owner", "reader")
    assert upgrade(reader, manifest(TABLE)) == ()
    assert commands.status(manifest(TABLE), address(reader)).up_to_date
    assert Command.of(tmp_path, reader, TABLE).run("upgrade")[0] == 0
    assert rows(reader, "SELECT count(*) FROM schema_service.migration_status") == [(1,)]


def test_any_role_may_wait_for_a_version(dsn: str, admin: str, tmp_path: Path) -> None:
    execute(admin, "DROP ROLE IF EXISTS application; CREATE ROLE application LOGIN")
    command = Command.of(tmp_path, dsn.replace("scratch_owner", "application"), TABLE, MORE)
    waiting = command.start("wait", "--timeout", "60")
    wait_for(admin, "SELECT 1 FROM pg_stat_activity WHERE usename = 'application'")
    upgrade(dsn, manifest(TABLE, MORE), to="1.0.0")
    assert waiting.poll() is None
    upgrade(dsn, manifest(TABLE, MORE))
    code, output = finish(waiting)
    assert code == 0, output
    assert events(output)[-1]["version"] == "2.0.0"
    assert command.run("wait", "--timeout", "1")[0] == 0
    later = Command.of(tmp_path, dsn, TABLE, MORE, migration(3, "SELECT 1", version="2.1.0"))
    assert later.run("wait", "--timeout", "0.2")[0] == 75


def test_wait_outlives_the_database(dsn: str, tmp_path: Path) -> None:
    """It is gone when the wait begins, and again in the middle of it."""
    relay, port = Relay(dsn), free_port()
    process = Command.of(tmp_path, relay.address(port), TABLE).start("wait", "--timeout", "60")
    with relay.open(port):
        wait_for(dsn, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'schema-service-read'")
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'"
        rows(dsn, query.format("schema-service-read"))
        threading.Timer(0.2, upgrade, (dsn, manifest(TABLE))).start()
        code, output = finish(process)
    assert code == 0, output


def test_answers_and_failures_on_the_command_line(dsn: str, tmp_path: Path) -> None:
    command = Command.of(tmp_path, dsn, TABLE, migration(2, "SELECT 1/0;", version="2.0.0"))
    code, output = command.run("upgrade", "--dry-run")
    assert (code, "002_m2  (transaction)" in output) == (0, True)
    code, output = command.run("upgrade", "--json")
    error = events(output)[-1]
    assert (code, error["code"], error["file"], error["line"]) == (1, "migration-failed", "002_m2/up.sql", 1)
    code, output = command.run("status")
    assert code == 0
    assert "failed      2.0.0       002_m2" in output
    assert "division by zero" in output
    code, output = command.run("status", "--json")
    assert (code, '"version": "1.0.0"' in output) == (0, True)
    assert "001_m1" in command.run("history")[1]
    assert command.run("retry")[0] == 1
    assert command.run("upgrade", "--to", "9.9.9")[0] == 2
    assert command.run("sidegrade")[0] == 2
    assert "75" in command.run("--help")[1]
    code, output = command.run("verify")
    assert (code, "between versions" in output) == (1, True)
    code, output = command.run("downgrade", "--to", "none", "--dry-run")
    assert (code, "001_m1" in output) == (0, True)
    execute(dsn, "INSERT INTO t VALUES (1)")
    code, output = command.run("downgrade", "--to", "none")
    assert (code, events(output)[-1]["details"]) == (1, ['001_m1: table "t" (DROP TABLE): 1 row'])
    assert tables(dsn) == {"t"}


def test_a_run_goes_on_when_nobody_listens(dsn: str, tmp_path: Path) -> None:
    more = migration(2, "ALTER TABLE t ADD n int;", "ALTER TABLE t DROP n;")
    command = Command.of(tmp_path, dsn, TABLE, more)
    process = command.start("upgrade")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=120) == 0
    assert commands.status(manifest(TABLE, more), address(dsn)).up_to_date
    for arguments in (["status"], ["upgrade"], ["downgrade", "--to", "none", "--allow-data-loss"]):
        shell = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command.words(*arguments)]
        assert subprocess.run(shell, cwd=tmp_path, env=command.environment(), check=False).returncode == 0
    assert tables(dsn) == set()


def test_a_damaged_package_is_no_traceback(tmp_path: Path) -> None:
    command = Command.of(tmp_path, "", TABLE)
    for content in ("{broken", '{"format": 99}', "{}"):
        command.file.write_text(content)
        code, output = command.run("upgrade")
        assert (code, events(output)[-1]["code"]) == (70, "damaged")


def test_without_a_database_it_says_which_variable_to_set(tmp_path: Path) -> None:
    code, output = Command.of(tmp_path, "", TABLE).run("status")
    assert (code, events(output)[-1]["code"]) == (2, "no-database")
    code, output = Command.of(tmp_path, "", TABLE).run("status", "--database-url-env", "OTHER_URL")
    assert "OTHER_URL" in output
