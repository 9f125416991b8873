"""What docs/migrate-many-databases.md shows, on the command line and over HTTP, with three databases of which
one has a row that the new version has no place for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue.access import Writer
from registry.runs.fleet_request import fleet_request

from ....documented_page import blocks, commands
from .tenants import Tenants, many_tenants, until

_PAGE = "migrate-many-databases.md"
_BY = Writer(who="ops", origin="here")


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory, scratch_server: ScratchServer) -> Iterator[Tenants]:
    root: Path = tmp_path_factory.mktemp("page")
    tables, _state = blocks(_PAGE, "toml")
    with many_tenants(root, scratch_server, ["acme", "bolt", "cargo"], tables=tables) as found:
        yield found


@pytest.fixture(autouse=True)
def at_first(tenants: Tenants) -> Iterator[None]:
    """All at 1.0.0, bolt with its row, and no fleet run is open."""
    yield
    with tenants.catalogue() as (_, catalogue):
        for fleet in catalogue.fleets.newest(1000):
            if not fleet.is_over:
                catalogue.fleets.cancel(fleet.id, _BY)
    for fleet_id in _listed(tenants):
        tenants.run("fleet", "follow", fleet_id)
    tenants.take_back()


def _listed(tenants: Tenants) -> list[str]:
    listed = json.loads(tenants.run("fleets", "--json")[1])["fleet_runs"]
    return [each["id"] for each in listed if each["finished_at"] is None]


def _begun(tenants: Tenants, **options: Any) -> str:
    """A fleet run that nobody works on."""
    with tenants.catalogue() as (settings, catalogue):
        return catalogue.fleets.add(fleet_request(catalogue, settings, "tenant", "1.1.0", **options), _BY).id


def test_the_first_commands_stop_at_what_fails_and_go_on(tenants: Tenants) -> None:
    dry, real, *_ = (line.removeprefix("schema-service ").split() for line in commands(_PAGE))
    code, shown = tenants.run(*dry)
    assert code == 0, shown
    assert "3 succeeded" in shown
    tenants.poison("bolt")
    code, shown = tenants.run(*real)
    assert code == 1
    assert "canary: 1 databases" in shown
    assert shown.index("acme: succeeded") < shown.index("wave 1: 2 databases") < shown.index("bolt: run")
    assert "is failed: 1 failed, 2 succeeded" in shown
    assert "positive" in shown
    code, shown = tenants.run("databases", "--label", "tenant")
    assert "2 at 1.1.0, 1 at 1.0.0" in shown
    assert "failed to 1.1.0" in shown
    # A second one finds what is there, and stops at the first failure.
    code, shown = tenants.run("migrate", "--label", "tenant", "--to", "1.1.0", "--canary", "bolt")
    assert code == 1
    assert "It is paused: the canary did not succeed: bolt" in shown
    (fleet_id,) = _listed(tenants)
    code, shown = tenants.run("migrate", "--label", "tenant", "--to", "1.1.0", "--json")
    assert json.loads(shown)["problems"][0]["code"] == "fleet-run-exists"
    assert tenants.run("fleet", "skip", fleet_id, "bolt", "--json")[0] == 0
    assert tenants.run("fleet", "resume", fleet_id)[0] == 0
    code, shown = tenants.run("fleet", "follow", fleet_id)
    assert (code, "is succeeded: 1 skipped, 2 succeeded" in shown) == (0, True)
    assert tenants.times("1.1.0") == {"acme": 1, "bolt": 0, "cargo": 1}


def test_every_other_command_of_the_page_does_what_it_says(tenants: Tenants) -> None:
    lines = [line.removeprefix("schema-service ") for line in commands(_PAGE)[2:]]
    lines = [line for line in lines if not line.startswith("curl")]
    tenants.poison("bolt")
    fleet_id = _begun(tenants, canary=0, stop_after=9)
    for line in lines:
        words = line.replace("ID", fleet_id).split()
        if line.startswith("run show"):
            with tenants.catalogue() as (_, catalogue):
                members = {each.database: each for each in catalogue.fleets.members(fleet_id)}
            assert members["bolt"].state == "failed"
            words = ["run", "show", str(members["bolt"].run)]
        code, shown = tenants.run(*words)
        assert code == (1 if "follow" in line else 0), (line, shown)
    code, shown = tenants.run("fleet", "show", fleet_id)
    assert "skipped by" in shown
    assert tenants.run("fleet", "show", "nope")[0] == 1


def test_what_has_no_meaning_is_refused(tenants: Tenants) -> None:
    for arguments, expected in (
        ("--label nope", "unknown-database"),
        ("--label tenant acme", "conflicting-options"),
        ("", "conflicting-options"),
        ("--label tenant --canary nope", "unknown-database"),
        ("--label tenant --skip acme --skip bolt --skip cargo", "conflicting-options"),
    ):
        code, shown = tenants.run("migrate", *arguments.split(), "--to", "1.1.0", "--json")
        assert (code in (1, 2), json.loads(shown)["problems"][0]["code"]) == (True, expected)


@pytest.mark.soak
def test_a_fleet_run_over_http(tenants: Tenants) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _, line = tenants.started("serve", "--port", str(port))
    api = line["api"]
    token = json.loads(tenants.run("token", "create", "ci", "--scope", "migrate", "--json")[1])["token"]
    tenants.poison("bolt")
    path = ""
    shell = {**os.environ, "API": api, "TOKEN": token}
    for command in (line for line in commands(_PAGE) if line.startswith("curl")):
        done = subprocess.run(command, shell=True, env=shell, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        if "POST" in command or "-d " in command:
            shell["ID"] = json.loads(done.stdout)["id"]
            path = f"{api}/fleet-runs/{shell['ID']}"
            _until_is(path, "failed")  # bolt; its events don't end before
    # One at a time: cargo waits when bolt fails.
    headers = {"Authorization": f"Bearer {token}"}
    slowly = {"label": "tenant", "to": "1.1.0", "canary": 0, "concurrency": 1}
    begun = requests.post(f"{api}/fleet-runs", json=slowly, headers=headers, timeout=60)
    path = f"{api}{begun.headers['Location']}"
    _until_is(path, "paused")
    assert requests.post(f"{path}/resume", timeout=60).status_code == 401
    assert requests.post(f"{path}/pause", headers=headers, timeout=60).status_code == 409
    assert requests.post(f"{path}/databases/nope/skip", headers=headers, timeout=60).status_code == 404
    assert requests.post(f"{path}/resume", headers=headers, timeout=60).status_code == 202
    _until_is(path, "failed")
    found = requests.get(path, timeout=60).json()
    assert (found["counts"], found["created_by"]) == ({"succeeded": 2, "failed": 1}, "token ci")
    (failed,) = requests.get(f"{path}/databases?state=failed", timeout=60).json()["databases"]
    assert (failed["database"], "positive" in failed["problems"][0]["message"]) == ("bolt", True)
    first = requests.get(f"{path}/databases?limit=2", timeout=60).json()
    rest = requests.get(f"{path}/databases", params={"after": first["next"]}, timeout=60).json()
    pages = [[each["database"] for each in page["databases"]] for page in (first, rest)]
    assert pages == [["acme", "bolt"], ["cargo"]]
    stream = requests.get(f"{path}/events", headers={"Last-Event-ID": "1"}, timeout=60).text
    names = [line.removeprefix("event: ") for line in stream.splitlines() if line.startswith("event: ")]
    assert stream.startswith("id: 2\n")
    assert names[0] == "wave_started"
    assert names[-1] == "fleet_finished"
    assert {"fleet_paused", "fleet_resumed"} < set(names)
    assert names.count("database_finished") == 3
    where = requests.get(f"{api}/databases?label=tenant&limit=2", timeout=60).json()
    assert where["versions"]["1.1.0"] == 2
    assert [(row["name"], row["status"]) for row in where["databases"]] == [
        ("acme", "current"),
        ("bolt", "failed"),
    ]
    assert where["next"] == "bolt"
    last = requests.get(f"{api}/databases?after=bolt&live=true", timeout=60).json()
    assert [(row["name"], row["pending"]) for row in last["databases"]] == [("cargo", [])]
    assert requests.get(f"{api}/databases?status=nope", timeout=60).status_code == 422
    assert requests.get(f"{api}/fleet-runs/nope", timeout=60).status_code == 404
    listed = requests.get(f"{api}/migrations/1.1.0", timeout=60).json()["migrations"]
    assert listed[0]["findings"] is None
    (finding,) = listed[1]["findings"]
    assert (finding["file"], finding["line"]) == ("schemas/1.1.0/migrations/002_second/up.sql", 3)
    manifest = requests.get(f"{api}/migrations/latest/manifest", timeout=60).json()
    assert [each["id"] for each in manifest["migrations"]] == ["001_first", "002_second"]
    assert requests.get(f"{api}/migrations/9.0.0/manifest", timeout=60).status_code == 404
    # A token for one label may not change what has only others.
    made = tenants.run("token", "create", "eu", "--scope", "migrate", "--label", "eu", "--json")[1]
    limited = {"Authorization": f"Bearer {json.loads(made)['token']}"}
    ask = {"label": "tenant", "to": "1.1.0"}
    for where, sent in (
        (f"{api}/fleet-runs", ask),
        (f"{path}/retry", None),
        (f"{path}/cancel", None),
        (f"{path}/databases/acme/skip", None),
    ):
        answer = requests.post(where, json=sent, headers=limited, timeout=60)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (403, "token-label"), where
    for body in ({"label": "tenant"}, {"label": "tenant", "to": "1.1.0", "concurrency": 0}):
        refused = requests.post(f"{api}/fleet-runs", json=body, headers=headers, timeout=60)
        assert refused.status_code == 422
    tenants.end()


def _until_is(path: str, state: str) -> None:
    until(lambda: requests.get(path, timeout=60).json()["state"] == state)
