"""What a release keeps between its steps: artifacts by digest, values as JSON, one publisher at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from generators.target import PackageNames
from migrations.scratch.scratch_server import ScratchServer
from registry.artifacts.folder import FolderStore
from registry.artifacts.store import open_store
from registry.config.artifacts import ArtifactsTable
from registry.errors import ArtifactStoreError, RegistryUnreachableError, ReleaseBusyError
from registry.release.dbos.json_serializer import JsonSerializer, StoredError, UnexpectedError
from registry.release.dbos.old_sqlite import engine_arguments
from registry.release.publish_lock import only_publisher
from registry.release.snapshots.snapshot import Snapshot
from registry.validation.predecessors import BaseVersion
from schemas.errors import ExitCode, Problem
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration


def test_the_store_gives_back_what_was_put(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "artifacts")
    digest = store.put(b"a wheel")
    assert store.get(digest) == b"a wheel"
    assert store.get("0" * 64) is None


def test_the_store_is_a_bucket_or_a_folder_that_machines_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3kret")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}/".format(*server.get_host_and_port())
        requests.put(f"{endpoint}built", timeout=30).raise_for_status()
        bucket = ArtifactsTable(url="s3://built/packages", endpoint_url=endpoint)
        removing = open_store(bucket, tmp_path)
        old = removing.put(b"an old draft")
        removing.remove(old, datetime.now(UTC) - timedelta(days=1))
        assert removing.get(old) == b"an old draft", "it was put there since"
        removing.remove(old, datetime.now(UTC) + timedelta(days=1))
        assert removing.get(old) is None
        removing.remove(old, datetime.now(UTC))
        for table in (bucket, ArtifactsTable(url=f"{(tmp_path / 'a b').as_uri()}/")):
            store = open_store(table, tmp_path)
            digest = store.put(b"a wheel")
            assert open_store(table, tmp_path).get(digest) == b"a wheel"
            assert store.get("0" * 64) is None
        assert (tmp_path / "a b" / digest).read_bytes() == b"a wheel"
        altering = S3Store(
            "built", endpoint=endpoint, region="us-east-1", client_options={"allow_http": True}
        )
        altering.put(f"packages/{digest}", b"altered")
        assert open_store(bucket, tmp_path).get(digest) is None
        missing = open_store(ArtifactsTable(url="s3://nope", endpoint_url=endpoint), tmp_path)
        with pytest.raises(ArtifactStoreError) as refused:
            missing.put(b"a wheel")
        assert refused.value.exit_code == ExitCode.SERVICE
        assert "s3kret" not in str(refused.value)
    finally:
        server.stop()


def test_an_altered_file_counts_as_absent(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = store.put(b"a wheel")
    (tmp_path / digest).write_bytes(b"a whee")
    assert store.get(digest) is None


def test_an_error_keeps_its_problems_and_exit_code_but_is_no_code() -> None:
    problem = Problem(code="down", message="the registry's “answer”\n", fix="wait", file="x", line=3)
    codec = JsonSerializer()
    text = codec.serialize(RegistryUnreachableError(problem))
    restored = codec.deserialize(text)
    assert isinstance(restored, StoredError)
    assert restored.problems == (problem,)
    assert restored.exit_code == 3


def test_a_bug_keeps_its_type_and_text() -> None:
    codec = JsonSerializer()
    restored = codec.deserialize(codec.serialize(KeyError("x")))
    assert isinstance(restored, UnexpectedError)
    assert str(restored) == "KeyError: 'x'"


@pytest.mark.parametrize(
    "value", [None, {"problems": "a user's key"}, {"args": [1], "kwargs": {}}, "é\u2028"]
)
def test_values_come_back_as_they_were(value: object) -> None:
    codec = JsonSerializer()
    assert codec.deserialize(codec.serialize(value)) == value


def test_a_snapshot_survives_the_database() -> None:
    version = SchemaVersion.parse("2.0.0-rc.1")
    snapshot = Snapshot(
        schema_name="schema",
        version=version,
        description="é",
        author=None,
        changelog="",
        schema_text="model X {}",
        schema_file="schemas/2.0.0-rc.1/schema.prisma",
        previous=BaseVersion(
            version=SchemaVersion.parse("1.0.0"), schema_text="model Y {}", partial_types="# none\n"
        ),
        last_stable=None,
        renames=(("Y", "X"),),
        migrations=(Migration(number=1, name="init", version=version, up="SELECT 1", down=None),),
        names=PackageNames(),
        input_digest="a" * 64,
        partial_types="# é\n",
    )
    codec = JsonSerializer()
    stored = codec.deserialize(codec.serialize(snapshot.to_json()))
    assert Snapshot.from_json(stored) == snapshot
    # One that a release stored before there were partial types goes on as it began.
    older = {name: value for name, value in stored.items() if not name.startswith("partial_types")}
    assert Snapshot.from_json(older) == replace(snapshot, partial_types="")


def test_a_second_publisher_is_told_to_wait_on_sqlite(tmp_path: Path) -> None:
    state = sa.make_url(f"sqlite:///{tmp_path}/state.db")
    with only_publisher(state, "schema"):
        with only_publisher(state, "another schema"):
            pass
        with pytest.raises(ReleaseBusyError), only_publisher(state, "schema"):
            pass
    with only_publisher(state, "schema"):
        pass


def test_a_second_publisher_is_told_to_wait_on_postgres(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as dsn:
        state = sa.make_url(dsn).set(drivername="postgresql+psycopg")
        with (
            only_publisher(state, "schema"),
            pytest.raises(ReleaseBusyError),
            only_publisher(state, "schema"),
        ):
            pass
        with only_publisher(state, "schema"):
            pass


def test_the_lock_of_a_killed_publisher_is_free(tmp_path: Path) -> None:
    state = f"sqlite:///{tmp_path}/state.db"
    program = (
        "import os, signal, sys, sqlalchemy as sa\n"
        "from registry.release.publish_lock import only_publisher\n"
        "with only_publisher(sa.make_url(sys.argv[1]), 'schema'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, state], check=False).returncode == -9
    with only_publisher(sa.make_url(state), "schema"):
        pass


def test_an_old_sqlite_tells_dbos_the_time(tmp_path: Path) -> None:
    url = sa.make_url(f"sqlite:///{tmp_path / 'state.db'}")
    engine = sa.create_engine(url, **engine_arguments(url))
    before = time.time()
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE written (row INTEGER, at INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000))"
            )
        )
        connection.execute(sa.text("INSERT INTO written (row) VALUES (1)"))
        at = connection.execute(sa.text("SELECT at FROM written")).scalar_one()
    engine.dispose()
    assert abs(at / 1000 - before) < 60


def test_postgres_needs_nothing_of_that() -> None:
    assert engine_arguments(sa.make_url("postgresql+psycopg://db.example/state")) == {}
