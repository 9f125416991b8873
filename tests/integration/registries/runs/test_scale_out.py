"""Two servers and two workers over one state database in Postgres, killed at random while fleet runs and
releases go on and Postgres restarts. With SCHEMA_SERVICE_SOAK=1, for ten minutes, or as many as
SCHEMA_SERVICE_SOAK_MINUTES says."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace

from ...postgres.fleets.restarts import RestartingPostgres, restarting_postgres
from ...postgres.fleets.tenants import Tenants, many_tenants
from ..release_kit import Team, registry_contents, team_environment

_SECONDS = 60 * float(os.environ.get("SCHEMA_SERVICE_SOAK_MINUTES", "10"))
_NAMES = [f"t{number:02}" for number in range(12)]
_RESTART_SECONDS = 60.0
#: How long a process needs to start where nothing else goes on.
_START_SECONDS = 2.0


@dataclass(slots=True)
class Fleets:
    """Brings all tenants up and down again, over whichever server answers."""

    tenants: Tenants
    apis: list[str]
    token: str
    over: threading.Event
    done: list[str] = field(default_factory=list)
    ups: int = 0
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._to("1.1.0", down=False)
                self.ups += 1
                self._to("1.0.0", down=True)
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")

    def _to(self, version: str, *, down: bool) -> None:
        body = {"label": "tenant", "to": version, "down": down, "allow_data_loss": down, "concurrency": 6}
        fleet_id = self._asked(body)
        while True:
            state = self._answer("GET", f"/fleet-runs/{fleet_id}")["state"]
            if state == "succeeded":
                self.done.append(fleet_id)
                return
            assert state == "running", (fleet_id, state)
            time.sleep(0.5)

    def _asked(self, body: dict[str, Any]) -> str:
        answer = self._answer("POST", "/fleet-runs", body)
        if "id" in answer:
            return str(answer["id"])
        # The server was killed between the row and its answer: the second request finds the first's.
        assert answer["problems"][0]["code"] == "fleet-run-exists", answer
        listed = self._answer("GET", "/fleet-runs?limit=1")
        return str(listed["fleet_runs"][0]["id"])

    def _answer(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        deadline = time.monotonic() + 300
        while True:
            for api in random.sample(self.apis, len(self.apis)):
                with contextlib.suppress(requests.RequestException):
                    answer = requests.request(method, api + path, json=body, headers=headers, timeout=60)
                    if answer.status_code < 500:
                        found: dict[str, Any] = answer.json()
                        return found
            assert time.monotonic() < deadline, path
            time.sleep(0.5)


@dataclass(slots=True)
class Releases:
    """Publishes one version after the other, with processes that are killed after some requests."""

    team: Team
    over: threading.Event
    versions: list[str] = field(default_factory=list)
    kills: int = 0
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        chance = random.Random(7)
        try:
            while not self.over.is_set():
                version = f"1.{len(self.versions)}.0"
                if self.versions:
                    self._until_done("new", version)
                    schema = self.team.root / f"schemas/{version}/schema.prisma"
                    text = schema.read_text().replace(
                        "  name      String\n", f"  name      String\n  n{len(self.versions)} String?\n"
                    )
                    schema.write_text(text)
                self._until_done("migration", "new", f"m{len(self.versions)}", version)
                self._published(version, chance.randint(1, 12))
                self.versions.append(version)
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")

    def _until_done(self, *arguments: str) -> None:
        for _ in range(20):
            done = self.team.run_process(*arguments)
            if done.exit_code == 0:
                return
            assert done.exit_code == 3, done.output + done.errors  # the state database restarts
            time.sleep(1)
        raise AssertionError(arguments)

    def _published(self, version: str, requests_: int) -> None:
        with contextlib.suppress(AssertionError):  # it ended with exit code 3: the state database restarts
            self.kills += self.team.killed_after(requests_, "publish", version)
        self._until_done("publish", version)


@pytest.mark.soak
@pytest.mark.timeout(1800 + 2 * _SECONDS)
def test_nothing_is_lost_and_nothing_runs_twice(
    tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    over, chance = threading.Event(), random.Random(3)
    work, own = tmp_path / "tenants", tmp_path / "released"
    for folder in (work, own):
        folder.mkdir()
    create_workspace(own, name="released", sample=False)
    with (
        restarting_postgres(tmp_path / "postgres") as postgres,
        postgres.server.new_database() as state,
        many_tenants(work, postgres.server, _NAMES, state, seconds=0.5) as tenants,
    ):
        environment = {**team_environment(devpi, verdaccio), "SCHEMA_SERVICE_STATE__URL": state}
        team = Team(own, "released", environment)
        made = tenants.run("token", "create", "soak", "--scope", "migrate", "--json")[1]
        ports = [_free_port() for _ in range(2)]
        began = time.monotonic()
        for arguments in (*(("serve", "--port", str(port)) for port in ports), ("worker",), ("worker",)):
            tenants.started(*arguments)
        # A machine on which a process needs longer to start must not kill every one of them before that.
        pace = max(1.0, (time.monotonic() - began) / (4 * _START_SECONDS))
        apis = [f"http://127.0.0.1:{port}" for port in ports]
        fleets = Fleets(tenants, apis, json.loads(made)["token"], over)
        releases = Releases(team, over)
        threads = [threading.Thread(target=each.run) for each in (fleets, releases)]
        for thread in threads:
            thread.start()
        kills, restarts = _disturb(tenants, postgres, chance, pace)
        over.set()
        for thread in threads:
            thread.join()
        assert fleets.failures + releases.failures == []
        tenants.end()
        with tenants.catalogue() as (_, catalogue):
            kept = catalogue.fleets.newest(1000)
            runs = catalogue.runs.newest(100_000)
            assert {each.state for each in kept} == {"succeeded"}
            assert set(fleets.done) <= {each.id for each in kept}
            for fleet in kept:
                assert sorted(run.database for run in runs if run.fleet == fleet.id) == _NAMES, fleet
            assert {run.state for run in runs} == {"succeeded"}
        assert tenants.times("1.1.0") == dict.fromkeys(_NAMES, fleets.ups)
        contents = registry_contents(team, devpi, verdaccio)
        files = [len(found) for name, found in contents.items() if "@" not in name]
        assert files == [len(releases.versions)] * 2
        listed = json.loads(team.run("versions", "--json").output)["versions"]
        assert {row["version"] for row in listed if row["status"] == "published"} == set(releases.versions)
        again = sum(run.attempt > 1 for run in runs)
        print(f"\n{_SECONDS / 60:.0f} min: {kills} kills of servers and workers, {restarts} of Postgres;")
        print(f"{len(kept)} fleet runs, {len(runs)} runs, {again} of them taken over;")
        print(f"{len(releases.versions)} releases, of which {releases.kills} were killed")


def _disturb(
    tenants: Tenants, postgres: RestartingPostgres, chance: random.Random, pace: float
) -> tuple[int, int]:
    """Kill and restart for so long; how often that was. ``pace``: how much slower than usual."""
    kills = restarts = 0
    end = time.monotonic() + _SECONDS
    restart_at = time.monotonic() + _RESTART_SECONDS
    while time.monotonic() < end:
        time.sleep(pace * chance.uniform(1, 8))
        tenants.kill_one(chance)  # one that is starting, too
        kills += 1
        if time.monotonic() > restart_at:
            postgres.restart()
            restarts += 1
            restart_at = time.monotonic() + _RESTART_SECONDS
    return kills, restarts


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
