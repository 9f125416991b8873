"""docs/tutorials: a newcomer follows each of them from the first line to the last."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from migrations.scratch.scratch_server import ScratchServer

from .reader import Reader

pytestmark = pytest.mark.soak


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _up(workspace: Path, reader: Reader) -> Iterator[None]:
    """The other terminal; its servers are at ports that nobody else has."""
    devpi, verdaccio = (address.rpartition(":")[2] for address in reader.addresses.values())
    toml = workspace / "schema-service.toml"
    toml.write_text(toml.read_text().replace("127.0.0.1:3141", f"127.0.0.1:{devpi}"))
    toml.write_text(toml.read_text().replace("127.0.0.1:4873", f"127.0.0.1:{verdaccio}"))
    postgres, api = _free_ports(2)
    ports = ["--postgres-port", str(postgres), "--api-port", str(api)]
    with subprocess.Popen(
        [Path(sys.executable).parent / "schema-service", "up", "--json", *ports],
        cwd=workspace,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert json.loads(said)["ok"], said
            yield
        finally:
            process.terminate()


@pytest.fixture
def reader() -> Iterator[Reader]:
    """In a folder with a short name: Postgres has a socket in it."""
    devpi, verdaccio = _free_ports(2)
    named = {"127.0.0.1:3141": f"127.0.0.1:{devpi}", "127.0.0.1:4873": f"127.0.0.1:{verdaccio}"}
    with tempfile.TemporaryDirectory(prefix="tutorial-") as folder:
        yield Reader(Path(folder), named)


def test_the_first_version_and_a_breaking_change(reader: Reader) -> None:
    reader.follow("tutorials/first-version.md", until="Write the schema")
    with _up(Path(reader.environment["PWD"]), reader):
        reader.follow("tutorials/first-version.md", since="Write the schema")
        reader.follow("tutorials/breaking-change.md")


def test_an_existing_prisma_project(reader: Reader, scratch_server: ScratchServer) -> None:
    reader.follow("tutorials/existing-prisma-project.md", until="Publish 1.0.0")
    workspace = Path(reader.environment["PWD"])
    with _up(workspace, reader), scratch_server.new_database() as database:
        _migrate_with_prisma(workspace.parent / "legacy/prisma/migrations", database)
        reader.environment["DATABASE_URL"] = database
        reader.follow("tutorials/existing-prisma-project.md", since="Publish 1.0.0")


def _migrate_with_prisma(history: Path, database: str) -> None:
    """What `prisma migrate deploy` leaves: its CLI downloads an engine, which tests can't."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, "
            "finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, "
            "rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), "
            "applied_steps_count integer NOT NULL DEFAULT 0)"
        )
        for script in sorted(history.rglob("migration.sql")):
            connection.execute(script.read_bytes())
            connection.execute(
                "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, "
                "applied_steps_count) VALUES (%s, %s, now(), %s, 1)",
                [script.parent.name, hashlib.sha256(script.read_bytes()).hexdigest(), script.parent.name],
            )
