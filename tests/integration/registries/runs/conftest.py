"""A published schema whose last version has a long backfill, and servers and workers over it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import psycopg
import pytest
import requests

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue
from registry.catalogue.opening import open_catalogue
from registry.config.settings import Settings, load_settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ....documented_page import blocks
from ..release_kit import COMMAND, Finished, Team, team_environment

ROWS = 30_000
(_MAIN,) = blocks("migration-runs.md", "toml")
_SETTINGS = f"""
{_MAIN}
[databases.away]
url_env = "AWAY_URL"
[notify.webhooks.ops]
url_env = "HOOK_URL"
events = ["run.failed"]
"""
_BACKFILL = """ALTER TABLE "examples" ADD COLUMN "note" TEXT;
-- schema-service: backfill
UPDATE "examples" SET "note" = 'none' WHERE "note" IS NULL;
"""
#: Each of the six batches takes a while.
_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(0.9); RETURN NULL; END $$;
CREATE TRIGGER slow BEFORE UPDATE ON examples FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The team's workspace, its database, and the processes that tests start."""

    team: Team
    database: str
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def started(self, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """``schema-service`` as a process, and the first line that it prints."""
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--json"],
            cwd=self.team.root,
            env={**os.environ, **self.team.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        assert process.stdout is not None
        line: dict[str, Any] = json.loads(process.stdout.readline())
        return process, line

    def run(self, *arguments: str) -> Finished:
        return self.team.run(*arguments)

    @contextlib.contextmanager
    def catalogue(self) -> Iterator[tuple[Settings, Catalogue]]:
        """The workspace's settings and its state database."""
        with mock.patch.dict(os.environ, self.team.environment):
            settings = load_settings(self.team.root)
            with open_catalogue(Workspace(self.team.root), settings) as catalogue:
                yield settings, catalogue

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def filled(self) -> int:
        return int(
            self.rows("SELECT count(*) FROM examples WHERE to_jsonb(examples) ->> 'note' = 'none'")[0][0]
        )

    def shown(self, run_id: str) -> dict[str, Any]:
        return self.run("run", "show", run_id, "--json").document

    def event_names(self, run_id: str) -> list[str]:
        return [event["event"] for event in self.shown(run_id)["events"]]


def until(holds: Callable[[], Any]) -> Any:
    """What ``holds`` gives once it is true."""
    deadline = time.monotonic() + 120
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    scratch_server: ScratchServer,
) -> Iterator[Place]:
    """1.1.0 has one column more than 1.0.0, filled by a backfill. Nothing is migrated yet."""
    root = tmp_path_factory.mktemp("runs")
    create_workspace(root, name="ran", sample=False)
    with (root / "schema-service.toml").open("a") as settings:
        settings.write(_SETTINGS)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    with scratch_server.new_database() as main, PrismaBridge(offered_in=warm) as bridge:
        bridge.start()
        own = {
            "MAIN_DATABASE_URL": main,
            "AWAY_URL": "postgresql://somebody:s3kret@127.0.0.1:1/x",
            "HOOK_URL": "http://127.0.0.1:1/hook",
            # One address writes more, and sends more tokens that aren't valid, than a client ever should.
            "SCHEMA_SERVICE_API__LIMITS__REFUSALS_A_MINUTE": "100000",
            "SCHEMA_SERVICE_API__LIMITS__WRITES_A_MINUTE": "100000",
        }
        team = Team(root, "ran", {**team_environment(devpi, verdaccio), **own})
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        assert not team.killed_after(99, "publish", "1.0.0")
        assert team.run("new", "1.1.0").exit_code == 0
        schema = root / "schemas/1.1.0/schema.prisma"
        text = schema.read_text().replace("  name      String\n", "  name      String\n  note String?\n")
        schema.write_text(text)
        assert team.run("migration", "new", "note", "1.1.0").exit_code == 0
        (up,) = (root / "schemas/1.1.0").rglob("up.sql")
        up.write_text(_BACKFILL)
        assert not team.killed_after(99, "publish", "1.1.0")
        yield Place(team, main)


@pytest.fixture(autouse=True)
def end_processes(place: Place) -> Iterator[None]:
    yield
    for process in place.processes:
        process.terminate()
    for process in place.processes:
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()
    place.processes.clear()


@pytest.fixture
def at_first(place: Place) -> None:
    """The database at 1.0.0, with rows."""
    with psycopg.connect(place.database, autocommit=True) as connection:
        connection.execute("DROP FUNCTION IF EXISTS slow CASCADE")
        had = connection.execute("SELECT to_regclass('examples')").fetchone() != (None,)
    down = ["--down", "--allow-data-loss"] if had else []
    brought = place.run("migrate", "main", "--to", "1.0.0", *down)
    assert brought.exit_code == 0, brought.output + brought.errors
    with psycopg.connect(place.database, autocommit=True) as connection:
        connection.execute("TRUNCATE examples")
        connection.execute(
            "INSERT INTO examples (id, name) SELECT gen_random_uuid(), 'a' FROM generate_series(1, %s)",
            [ROWS],
        )


@pytest.fixture
def slow(place: Place, at_first: None) -> None:
    """The same, and the backfill takes a while."""
    with psycopg.connect(place.database, autocommit=True) as connection:
        connection.execute(_SLOW.encode())


@dataclass(frozen=True, slots=True)
class Api:
    """A served API, spoken to over HTTP."""

    url: str
    token: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=60)

    def post(self, path: str, body: object = None, *, token: str | None = "") -> requests.Response:
        """With the token that may migrate, another one, or none."""
        sent = self.token if token == "" else token
        headers = {"Authorization": f"Bearer {sent}"} if sent is not None else {}
        return requests.post(self.url + path, json=body, headers=headers, timeout=60)

    def over(self, run_id: str) -> dict[str, Any]:
        """A run once it is over."""

        def ended() -> dict[str, Any] | None:
            run: dict[str, Any] = self.get(f"/runs/{run_id}").json()
            return run if run["state"] in ("succeeded", "failed", "cancelled") else None

        found: dict[str, Any] = until(ended)
        return found


@pytest.fixture(scope="module")
def api(place: Place) -> Iterator[Api]:
    """`serve` as a process, with a worker of its own, and a token that may migrate."""
    process, line = place.started("serve", "--port", str(unused_port()))
    place.processes.remove(process)  # not for one test alone
    made = place.run("token", "create", "tests", "--scope", "migrate", "--expires", "2", "--json")
    try:
        yield Api(line["api"], made.document["token"])
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]
