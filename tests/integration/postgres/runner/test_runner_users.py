"""Which clients are connected, by their versions: what is asked before a column is dropped."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from migrations.runner.api import Migrations
from migrations.runner.errors import UsageError

from .kit import Command, manifest_json, migration, rows

_MIGRATIONS = tuple(
    migration(number, "SELECT 1", version=version)
    for number, version in enumerate(("1.0.0", "1.1.0", "2.0.0"), 1)
)
_SESSIONS = {
    "schema-client/1.0.0": 1,
    "checkout schema-client/1.1.0": 2,
    "@org/schema-client/2.0.0": 1,
    "schema-client/2.0.0 - 10.1.2.3:5432": 1,  # a pooler's application_name_add_host
    "psql": 2,
    "crm-client/1.0.0": 1,  # of another schema
    "odd schema-client/9.9.9 schema-client/1.1.0": 1,
    "schema-client/newest": 1,
}


@pytest.fixture
def command(tmp_path: Path, dsn: str) -> Command:
    return Command(_written(tmp_path, manifest_json(*_MIGRATIONS, compatible_from={"1.1.0": "1.0.0"})), dsn)


def _written(folder: Path, content: dict[str, object]) -> Path:
    file = folder / "manifest.json"
    file.write_text(json.dumps({**content, "clients": ["@org/schema-client", "schema-client"]}))
    return file


@pytest.fixture
def role(dsn: str) -> str:
    """A role that may connect, and nothing else."""
    with psycopg.connect(dsn.replace("scratch_owner", "postgres"), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS looker")
        admin.execute("CREATE ROLE looker LOGIN")
    return dsn.replace("scratch_owner", "looker")


def test_clients_are_listed_by_version(command: Command, dsn: str, role: str) -> None:
    package = Migrations(command.file)
    with ExitStack() as sessions:
        for name, count in _SESSIONS.items():
            for _ in range(count):
                sessions.enter_context(closing(psycopg.connect(dsn, application_name=name)))
        found = package.users(dsn)
        assert [
            (each.package, each.version, each.application, each.connections) for each in found.clients
        ] == [
            ("schema-client", "1.0.0", None, 1),
            ("schema-client", "1.1.0", "checkout", 2),
            ("schema-client", "1.1.0", "odd schema-client/9.9.9", 1),
            ("@org/schema-client", "2.0.0", None, 1),
            ("schema-client", "2.0.0", "- 10.1.2.3:5432", 1),
        ]
        assert found.others == {"psql": 2, "crm-client/1.0.0": 1, "schema-client/newest": 1}
        assert found.unseen == 0
        assert {each.role for each in found.clients} == {"scratch_owner"}
        assert all(each.since is not None for each in found.clients)

        # Who may not see everything sees versions all the same, and is told.
        hidden = package.users(role)
        assert [each.version for each in hidden.clients] == [each.version for each in found.clients]
        assert {each.since for each in hidden.clients} == {None}
        assert hidden.unseen == 10

        assert [each.version for each in package.users(dsn, below="1.1.0").clients] == ["1.0.0"]
        assert [each.version for each in package.users(dsn, below="1.1.0-rc.1").clients] == ["1.0.0"]
        assert package.users(dsn, broken_by="1.1.0").clients == ()
        broken = package.users(dsn, broken_by="2.0.0").clients
        assert [(each.version, each.connections) for each in broken] == [
            ("1.0.0", 1),
            ("1.1.0", 2),
            ("1.1.0", 1),
        ]
        with pytest.raises(UsageError, match=r"3\.0\.0"):
            package.users(dsn, broken_by="3.0.0")

        code, text = command.run("users", "--broken-by", "2.0.0")
        assert code == 1
        lines = text.splitlines()
        assert lines[0].split() == [
            "version", "package", "connections", "role", "address", "since", "application"
        ]  # fmt: skip
        assert lines[2].split()[:5] == ["1.1.0", "schema-client", "2", "scratch_owner", "-"]
        assert lines[2].endswith("checkout")
        assert lines[4] == "others: psql (2), crm-client/1.0.0 (1), schema-client/newest (1)"
        code, text = command.run("users", "--below", "1.0.0", "--json")
        assert code == 0
        assert json.loads(text)["clients"] == []
        code, text = command.run("users")
        assert code == 0
        code, text = command.run("users", "--below", "latest")
        assert code == 2
    assert rows(dsn, "SELECT to_regnamespace('schema_service')") == [(None,)]  # nothing is written
