"""The state database across versions of the tool, on SQLite and on Postgres."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue, tables
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.revisions import HEAD, revision
from registry.errors import CatalogueError, NewerCatalogueError, OlderCatalogueError
from schemas.versions import SchemaVersion

from ....command_line import CommandLine

_DUMPS = Path(__file__).parent / "state_databases"
_OPEN = """
import sys
from pathlib import Path
from registry.catalogue import Catalogue
print("ready", flush=True)
sys.stdin.readline()
catalogue = Catalogue.open(sys.argv[1], root=Path.cwd(), schema_name="reviews")
print(*catalogue.versions())
"""
_PROCESSES = 4


@dataclass(frozen=True)
class State:
    """A state database without tables, and its ``[state] url``."""

    url: str
    root: Path

    @property
    def kind(self) -> str:
        return self.url.partition(":")[0].replace("postgresql", "postgres")

    def open(self, *, to_read: bool = False) -> Catalogue:
        return Catalogue.open(self.url, root=self.root, schema_name="reviews", to_read=to_read)

    def engine(self) -> sa.Engine:
        return open_engine(state_url(self.url, self.root))

    def load(self, dump: str) -> None:
        """What an older tool has written."""
        text = (_DUMPS / f"{self.kind}-{dump}.sql").read_text("utf-8")
        if self.kind == "sqlite":
            connection = sqlite3.connect(self.root / "state.db")
            connection.executescript(text)
            connection.close()
        else:
            with psycopg.connect(self.url) as server:
                server.execute(text.encode())

    def execute(self, *statements: str) -> None:
        engine = self.engine()
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def tables(self) -> dict[str, int]:
        """The catalogue's tables, with how many rows they have."""
        engine = self.engine()
        with engine.connect() as connection:
            tables_there = sa.inspect(connection).get_table_names()
            names = [name for name in tables_there if name.startswith("catalogue_")]
            counts = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}") for name in names}
            found = {name: int(count.scalar_one()) for name, count in counts.items()}
        engine.dispose()
        return found

    def differences(self) -> list[Any]:
        """What Alembic would change to come from the database to ``tables.py``."""
        engine = self.engine()
        options = {"compare_type": True, "version_table": revision.name, "include_name": _is_ours}
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            found: list[Any] = compare_metadata(context, tables.metadata)
        engine.dispose()
        return found


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or str(name).startswith("catalogue_")


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    if request.param == "sqlite":
        yield State("sqlite:///state.db", tmp_path)
        return
    server: ScratchServer = request.getfixturevalue("scratch_server")
    with server.new_database() as dsn:
        yield State(dsn, tmp_path)


def _revision(state: State) -> str | None:
    engine = state.engine()
    with engine.connect() as connection:
        found = connection.scalar(sa.select(revision.c.version_num))
    engine.dispose()
    return found


@pytest.mark.parametrize("dump", ["23e5efa", None])
def test_reading_does_not_change_a_database_that_others_share(state: State, dump: str | None) -> None:
    if dump is not None:
        state.load(dump)
    before = state.tables()
    if state.kind == "postgres" and dump is not None:
        with pytest.raises(OlderCatalogueError, match="catalogue-is-older"):
            state.open(to_read=True)
        assert state.tables() == before
        state.open().close()
    opened = state.open(to_read=True)
    assert [str(version) for version in opened.versions()] == (["1.0.0", "1.1.0"] if dump else [])
    opened.close()
    if state.kind == "postgres" and dump is None:
        assert state.tables() == before == {}


@pytest.mark.parametrize("to_read", [True, False])
def test_what_an_older_commit_published_is_listed_after_the_upgrade(state: State, to_read: bool) -> None:
    state.load("23e5efa")
    before = state.tables()
    if to_read and state.kind == "postgres":
        state.open().close()
    opened = state.open(to_read=to_read)
    assert [str(version) for version in opened.versions()] == ["1.0.0", "1.1.0"]
    assert str(opened.latest()) == "1.1.0"
    newest = opened.find(SchemaVersion.parse("1.1.0"))
    assert newest is not None
    assert "create_partial" in newest.partial_types
    assert len(newest.artifacts) == 4
    assert [step.name for step in opened.migrations_up_to(newest.version)] == ["init", "stars"]
    opened.close()
    assert state.tables() == {
        **before,
        tables.latest_elsewhere.name: 0,
        tables.deliveries.name: 0,
        tables.details.name: 0,
        tables.corrections.name: 0,
        tables.inputs.name: 0,
        tables.signing_keys.name: 0,
        tables.attestations.name: 0,
        tables.lines.name: 0,
        tables.events.name: 0,
        revision.name: 1,
        tables.staged.name: 0,
        tables.drafts.name: 0,
        tables.release_jobs.name: 0,
        tables.runs.name: 0,
        tables.sealed_folders.name: 0,
        tables.uploads.name: 0,
        tables.run_events.name: 0,
        tables.tokens.name: 0,
        tables.audit.name: 0,
        tables.fleet_runs.name: 0,
        tables.fleet_members.name: 0,
        tables.databases.name: 0,
        tables.workers.name: 0,
        tables.package_facts.name: 0,
        tables.published_changes.name: 0,
        tables.schema_models.name: 0,
    }
    assert _revision(state) == HEAD
    assert state.differences() == []


def test_the_command_lists_what_an_older_commit_published(
    state: State, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.load("23e5efa")
    url = state.url if state.kind == "postgres" else f"sqlite:///{state.root / 'state.db'}"
    monkeypatch.setenv("SCHEMA_SERVICE_STATE__URL", url)
    created = cli.run("init", "workspace", "--name", "reviews")
    assert created.exit_code == 0, created.errors
    team = CommandLine(cli.folder / "workspace", monkeypatch, cli.capsys)
    if state.kind == "postgres":
        assert team.run("versions", "--json").codes == ["catalogue-is-older"]
        state.open().close()
    listed = team.run("versions", "--json").document["versions"]
    published = [row["version"] for row in listed if row["status"] == "published"]
    assert published == ["1.0.0", "1.1.0"]


def test_a_catalogue_that_is_older_than_partial_types_takes_them(state: State) -> None:
    state.load("23e5efa")
    state.execute(f"DROP TABLE {tables.partial_types.name}")
    state.open().close()
    assert state.tables()[tables.partial_types.name] == 0
    assert state.differences() == []


def test_a_new_database_has_the_same_tables_as_an_upgraded_one(state: State) -> None:
    state.open().close()
    assert _revision(state) == HEAD
    assert state.differences() == []


def test_head_is_the_last_revision() -> None:
    scripts = ScriptDirectory(str(resources.files("registry.catalogue") / "revisions"))
    assert scripts.get_current_head() == HEAD


@pytest.mark.parametrize("is_old", [True, False])
def test_processes_that_open_it_at_once_all_succeed(state: State, is_old: bool) -> None:
    if is_old:
        state.load("23e5efa")
        state.execute(f"DROP TABLE {tables.partial_types.name}")
    command = [sys.executable, "-c", _OPEN, state.url]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=state.root, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(_PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate() for process in processes]
    assert [errors for _, errors in ended] == [""] * _PROCESSES
    assert {output for output, _ in ended} == {"1.0.0 1.1.0\n" if is_old else "\n"}
    assert state.tables()[revision.name] == 1


@pytest.mark.parametrize("to_read", [True, False])
def test_a_database_of_a_newer_tool_is_refused_by_name(state: State, to_read: bool) -> None:
    state.load("23e5efa")
    state.open().close()
    state.execute(f"UPDATE {revision.name} SET version_num = '9999'", "CREATE TABLE catalogue_later (id int)")
    before = state.tables()
    with pytest.raises(NewerCatalogueError) as refused:
        state.open(to_read=to_read)
    assert refused.value.exit_code == 1
    (problem,) = refused.value.problems
    assert problem.code == "catalogue-is-newer"
    assert "revision 9999" in problem.message
    assert state.tables() == before
    assert _revision(state) == "9999"


def test_an_upgrade_that_fails_leaves_nothing_behind(state: State) -> None:
    state.load("23e5efa")
    state.execute(
        f"DROP TABLE {tables.partial_types.name}",
        f"CREATE TABLE {revision.name} (version_num varchar(32) CHECK (version_num <> '{HEAD}'))",
    )
    before = state.tables()
    with pytest.raises(CatalogueError):
        state.open()
    assert state.tables() == before


def test_one_query_is_enough_where_nothing_is_to_be_done(state: State) -> None:
    state.open().close()
    engine = state.engine()
    statements: list[str] = []
    with engine.connect():  # SQLAlchemy asks a server about itself at the first connection
        pass

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    Catalogue(engine, "reviews")
    engine.dispose()
    assert len(statements) == 1


def test_alembic_is_loaded_for_upgrades_only(state: State) -> None:
    code = f"{_OPEN}\nprint('alembic' in sys.modules)"

    def loads_alembic() -> bool:
        command = [sys.executable, "-c", code, state.url]
        done = subprocess.run(
            command, cwd=state.root, input="go\n", capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()[-1] == "True"

    assert not loads_alembic(), "for a new database"
    assert not loads_alembic(), "for one that is up to date"
    state.execute(f"DROP TABLE {revision.name}")
    assert loads_alembic()
