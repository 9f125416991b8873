"""Migration runs: recorded, followed and finished whoever dies, from the command line and over HTTP.

The tests of the API come last: its server has a worker, which would do what is left for others here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import requests

from registry.catalogue.access import Writer
from registry.config.upstreams import Upstreams
from registry.runs.request import run_request

from ....documented_page import commands
from .conftest import ROWS, Api, Place, children, kill, until, unused_port
from .public_tools import PUBLISHES_AND_MIGRATES, everything_tried, generated_client

_TO = {"to": "1.1.0"}
_CLIENT = "ran-client"


@pytest.mark.usefixtures("slow")
def test_a_run_is_shown_as_it_goes_and_kept(place: Place) -> None:
    dry = place.run("migrate", "main", "--to", "1.1.0", "--dry-run")
    assert dry.exit_code == 0, dry.output + dry.errors
    assert "main would go from 1.0.0 to 1.1.0: 1 migration" in dry.output
    assert place.filled() == 0
    done = place.run("migrate", "main", "--to", "1.1.0")
    assert done.exit_code == 0, done.output + done.errors
    for line in ("queued", "attempt 1, by", "up  002_note", "step 1 of 2", "rows", "done in", "succeeded"):
        assert line in done.output
    assert "main went from 1.0.0 to 1.1.0: 1 migration" in done.output
    assert place.filled() == ROWS
    newest, *_ = place.run("runs", "--database", "main", "--json").document["runs"]
    assert (newest["state"], newest["result"]["migrations"]) == ("succeeded", ["002_note"])
    shown = place.shown(newest["id"])
    assert any(event.get("rows", 0) for event in shown["events"])
    assert [event["seq"] for event in shown["events"]] == list(range(1, len(shown["events"]) + 1))
    refused = place.run("migrate", "main", "--to", "1.0.0", "--down")
    assert refused.exit_code == 1
    assert "error[database-data-loss]" in refused.output


@pytest.mark.soak  # test_fleets kills workers, too
@pytest.mark.usefixtures("slow")
def test_what_a_killed_worker_leaves_another_one_finishes(place: Place) -> None:
    worker, ready = place.started("worker")
    assert ready == {"ok": True, "databases": ["away", "main"], "one_machine": True}
    run_id = _queued(place)
    until(lambda: 0 < place.filled() < ROWS)
    (child,) = children(worker.pid)
    kill(child)
    # The same worker takes it up again, and goes on after the last batch.
    until(lambda: place.event_names(run_id).count("run_started") == 2)
    until(lambda: "backfill_resumed" in place.event_names(run_id))
    kill(worker.pid)
    worker.wait()
    place.started("worker")
    until(lambda: place.shown(run_id)["run"]["state"] == "succeeded")
    assert place.shown(run_id)["run"]["attempt"] == 3
    assert place.filled() == ROWS
    assert place.rows("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schema-service'") == [
        (0,)
    ]


@pytest.mark.usefixtures("slow")
@pytest.mark.soak
def test_a_worker_that_is_stopped_gives_its_run_back(place: Place) -> None:
    worker, _ = place.started("worker")
    run_id = _queued(place)
    until(lambda: 0 < place.filled() < ROWS)
    worker.terminate()
    assert worker.wait(60) == 143
    run = place.shown(run_id)["run"]
    assert (run["state"], run["worker"], run["attempt"]) == ("queued", None, 1)
    # `migrate` works on what waits for its database, before its own.
    done = place.run("migrate", "main", "--to", "1.1.0")
    assert done.exit_code == 0, done.output + done.errors
    assert place.shown(run_id)["run"]["state"] == "succeeded"
    assert "nothing to do" in done.output


def test_a_run_that_fails_is_announced(place: Place) -> None:
    failed = place.run("migrate", "away", "--to", "1.1.0", "--dry-run", "--json")
    assert failed.exit_code == 1
    run = failed.document["run"]
    assert [problem["code"] for problem in run["problems"]] == ["database-away"]
    assert "127.0.0.1" not in failed.output
    assert "s3kret" not in failed.output
    with place.catalogue() as (_, catalogue):
        told = catalogue.deliveries.all()[-1]
    data = json.loads(told.body)["data"]
    assert (told.event, told.channel, data["run"]) == ("run.failed", "ops", run["id"])
    assert "127.0.0.1" not in told.body
    unknown = place.run("migrate", "nope", "--to", "1.1.0", "--json").document
    assert unknown["problems"][0]["code"] == "unknown-database"


@pytest.mark.usefixtures("slow")
def test_a_server_that_is_stopped_ends_in_order(place: Place) -> None:
    port = unused_port()
    server, line = place.started("serve", "--port", str(port))
    made = place.run("token", "create", "stopping", "--scope", "migrate", "--json").document["token"]
    api = Api(line["api"], made)
    until(lambda: api.get("/readyz").ok)
    run_id = api.post("/databases/main/runs", _TO).json()["id"]
    until(lambda: 0 < place.filled() < ROWS)
    with (
        socket.create_connection(("127.0.0.1", port)) as half_sent,
        requests.get(f"{api.url}/runs/{run_id}/events", stream=True, timeout=60) as stream,
    ):
        lines = stream.iter_lines(decode_unicode=True)
        assert next(lines) == "id: 1"
        body = json.dumps(_TO).encode()
        head = f"POST /databases/main/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {made}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        half_sent.sendall(head.encode() + body[:5])
        # The server has begun to read the request: what it is sent afterwards is answered all the same.
        until(lambda: api.get("/healthz").ok)
        server.terminate()
        ids = [line for line in lines if line.startswith("id: ")]  # and it ends, without being cut
        assert ids == [f"id: {number}" for number in range(2, len(ids) + 2)]
        half_sent.sendall(body[5:])
        answer = half_sent.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 202 "), answer
    assert server.wait(60) == 143
    runs = {run["id"]: run for run in place.run("runs", "--json").document["runs"]}
    assert (runs[run_id]["state"], runs[run_id]["worker"], runs[run_id]["attempt"]) == ("queued", None, 1)
    assert [run["state"] for run in runs.values() if run["created_by"] == "token stopping"] == ["queued"] * 2
    for waiting in (each for each, run in runs.items() if run["state"] == "queued"):
        place.run("run", "cancel", waiting)
    with place.catalogue() as (_, catalogue):
        names = [worker.name for worker in catalogue.workers.alive()]
    assert not [name for name in names if name.endswith(f":{server.pid}")]


def codes(answer: requests.Response) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [problem["code"] for problem in answer.json()["problems"]]


def test_who_may_write(place: Place, api: Api) -> None:
    path, before = "/databases/main/runs", api.get("/runs").json()
    reader = place.run("token", "create", "reader", "--scope", "read", "--json").document["token"]
    revoked = place.run("token", "create", "gone", "--scope", "admin").output.strip()
    assert place.run("token", "revoke", "gone").exit_code == 0
    expected = [(None, 401, "token-missing"), ("sst_x", 401, "token-invalid")]
    expected += [(revoked, 401, "token-invalid"), (reader, 403, "token-scope")]
    for token, status, code in expected:
        for asked in (path, "/runs/x/cancel", "/runs/x/retry"):
            answer = api.post(asked, _TO, token=token)
            assert (answer.status_code, codes(answer)) == (status, [code])
            assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert api.get("/runs").json() == before
    # Nothing but what is asked for here has a meaning, and nothing names a place.
    for body in ({}, {**_TO, "url": "postgresql://x"}, {"to": "1; DROP"}, {**_TO, "dry_run": 0}):
        assert api.post(path, body).status_code == 422
    assert api.post(path, {**_TO, "allow_data_loss": True}).status_code == 400
    large = requests.post(api.url + path, data=b" " * 70_000, timeout=60)
    assert (large.status_code, codes(large)) == (413, ["request-too-large"])
    endless = requests.post(api.url + path, data=iter([b"{}"]), timeout=60)
    assert (endless.status_code, codes(endless)) == (411, ["request-too-large"])
    for other in ("nope", "..%2f", "MAIN_URL"):
        assert api.post(f"/databases/{other}/runs", _TO).status_code == 404
    assert codes(api.post(path, {"to": "9.0.0"})) == ["not-published"]
    assert codes(api.get("/runs/nope")) == ["no-such-run"]
    assert codes(api.post("/runs/nope/cancel")) == ["no-such-run"]
    listed = {row["name"]: row for row in place.run("token", "list", "--json").document["tokens"]}
    assert listed["reader"]["last_used_at"] is not None
    assert listed["gone"]["revoked_at"] is not None
    assert revoked not in place.run("token", "list").output
    assert codes(api.post("/runs/x/retry", token=None)) == ["token-missing"]
    assert place.run("token", "create", "gone", "--scope", "read").exit_code == 1


@pytest.mark.usefixtures("at_first")
def test_two_runs_that_are_asked_for_at_once_go_one_after_the_other(place: Place, api: Api) -> None:
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda _: api.post("/databases/main/runs", _TO), range(2)))
    assert [answer.status_code for answer in asked] == [202, 202]
    runs = sorted((api.over(answer.json()["id"]) for answer in asked), key=lambda run: run["started_at"])
    assert [run["state"] for run in runs] == ["succeeded", "succeeded"]
    assert runs[0]["finished_at"] <= runs[1]["started_at"]
    assert [run["result"]["migrations"] for run in runs] == [["002_note"], []]
    assert place.filled() == ROWS
    log = place.run("token", "log", "--json").document["entries"]
    written = [entry for entry in log if runs[0]["id"] in entry["what"]]
    assert [(entry["who"], entry["origin"]) for entry in written] == [(runs[0]["created_by"], "127.0.0.1")]
    assert written[0]["what"].endswith("migrate main --to 1.1.0")


@pytest.mark.usefixtures("slow")
def test_a_run_is_followed_and_the_stream_resumes(place: Place, api: Api) -> None:
    started = api.post("/databases/main/runs", _TO)
    path = started.headers["Location"]
    with requests.get(f"{api.url}{path}/events", stream=True, timeout=60) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        ids = []
        for line in stream.iter_lines(decode_unicode=True):
            if line.startswith("id: "):
                ids.append(int(line.removeprefix("id: ")))
            if "migration_started" in line:
                break
    assert ids == list(range(1, len(ids) + 1))
    assert requests.head(f"{api.url}{path}/events", timeout=60).status_code == 200
    rest = requests.get(f"{api.url}{path}/events", headers={"Last-Event-ID": str(ids[-1])}, timeout=120).text
    names = [line.removeprefix("event: ") for line in rest.splitlines() if line.startswith("event: ")]
    assert rest.startswith(f"id: {ids[-1] + 1}\n")
    assert "progress" in names
    assert names[-1] == "run_finished"
    assert '"rows": ' in rest
    assert api.over(started.json()["id"])["state"] == "succeeded"
    bad = requests.get(f"{api.url}{path}/events", headers={"Last-Event-ID": "-1"}, timeout=60)
    assert bad.status_code == 422


@pytest.mark.usefixtures("slow")
def test_a_run_is_cancelled_and_tried_again(place: Place, api: Api) -> None:
    path = api.post("/databases/main/runs", _TO).headers["Location"]
    until(lambda: 0 < place.filled() < ROWS)
    assert api.post(f"{path}/cancel").status_code == 202
    assert api.over(path.removeprefix("/runs/"))["state"] == "cancelled"
    assert 0 < place.filled() < ROWS
    between = api.get("/databases/main").json()
    assert between["is_between"]
    again = api.post(f"{path}/cancel")
    assert (again.status_code, codes(again)) == (409, ["run-is-over"])
    assert api.post(f"{path}/retry").status_code == 202
    assert api.over(path.removeprefix("/runs/"))["state"] == "succeeded"
    found = api.get("/databases/main").json()
    assert (found["version"], found["target"], found["pending"]) == ("1.1.0", "1.1.0", [])
    assert found["history"][-1]["migration"] == "002_note"


@pytest.mark.usefixtures("at_first")
def test_who_is_connected_is_told_by_version(place: Place, api: Api) -> None:
    names = [f"checkout {_CLIENT}/1.0.0", f"@org/{_CLIENT}/1.1.0", "psql"]
    with ExitStack() as sessions:
        for name in names:
            sessions.enter_context(psycopg.connect(place.database, application_name=name))
        told = api.get("/databases/main/users").json()
        assert [(each["package"], each["version"], each["application"]) for each in told["clients"]] == [
            (_CLIENT, "1.0.0", "checkout"), (f"@org/{_CLIENT}", "1.1.0", None)
        ]  # fmt: skip
        assert told["others"] >= 1
        for asked, versions in (("below=1.1.0", ["1.0.0"]), ("broken_by=1.1.0", [])):
            found = api.get(f"/databases/main/users?{asked}").json()["clients"]
            assert [each["version"] for each in found] == versions
        unknown = api.get("/databases/main/users?broken_by=9.0.0")
        assert (unknown.status_code, codes(unknown)) == (404, ["not-published"])
        assert api.get("/databases/away/users").status_code == 503

        listed = place.run("users", "main", "--below", "1.1.0")
        assert listed.exit_code == 1, listed.output + listed.errors
        assert re.search(rf"main +1\.0\.0 +{_CLIENT}  1 connections  \S+ checkout  since", listed.output)
        assert place.run("users", "main", "--broken-by", "1.1.0", "--json").exit_code == 0
        assert place.run("users").exit_code == 3  # away is


def test_no_answer_tells_where_a_database_is(place: Place, api: Api) -> None:
    paths = [
        "/databases?live=true",
        "/databases/away",
        "/runs",
        "/databases/away/users",
        "/databases/main/users",
    ]
    answers = [api.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 503, 200, 503, 200]
    rows = {row["name"]: row for row in answers[0].json()["databases"]}
    assert rows["main"]["version"] in ("1.0.0", "1.1.0")
    assert [problem["code"] for problem in rows["away"]["problems"]] == ["database-away"]
    for answer in answers:
        for told in ("127.0.0.1", "s3kret", "somebody", place.database):
            assert told not in answer.text


@pytest.mark.usefixtures("at_first")
def test_a_client_that_is_generated_from_the_description_does_it_all(
    place: Place, api: Api, tmp_path: Path, upstreams: Upstreams
) -> None:
    client = generated_client(tmp_path / "client", api.url, upstreams.python)
    token = place.run("token", "create", "generated", "--scope", "admin", "--json").document["token"]
    archive = _archived(place, "1.2.0", tmp_path)
    told = client.run(PUBLISHES_AND_MIGRATES, api.url, token, str(tmp_path / "client"), "1.2.0", str(archive))
    document = json.loads(told)
    checked, published = document["released"]
    assert (checked["state"], checked["problems"]) == ("succeeded", [])
    assert (published["state"], published["result"]["latest"]) == ("succeeded", "1.2.0"), published
    assert "schemas/1.2.0/release.lock" in published["result"]["files"]
    assert document["steps"] == len(published["result"]["steps"]) == 12
    assert document["versions"] == ["1.2.0", "1.1.0", "1.0.0"]
    assert document["state"] == "succeeded"
    assert document["migrations"] == ["002_note", "003_more"]
    assert document["refused"] == "not-published"
    assert document["events"][-1] == "run_finished"
    assert place.filled() == ROWS


@pytest.mark.parametrize("has_token", [True, pytest.param(False, marks=pytest.mark.soak)])
@pytest.mark.timeout(3600)  # as a soak test, it tries everything twice
def test_what_is_answered_is_what_the_description_says(
    has_token: bool, place: Place, api: Api, tmp_path: Path
) -> None:
    """By schemathesis, with a token and without one."""
    sent = []
    if has_token:
        token = place.run("token", "create", "all", "--scope", "admin", "--json").document["token"]
        sent = ["--header", f"Authorization: Bearer {token}"]
    done = everything_tried(tmp_path, api.url, *sent)
    assert done.returncode == 0, done.stdout


@contextmanager
def _versions_locked(place: Place) -> Iterator[None]:
    """No run gets past reading the database's version."""
    with psycopg.connect(place.database) as session:
        session.execute("LOCK TABLE schema_service.versions")
        yield


@pytest.mark.soak
@pytest.mark.usefixtures("at_first")
def test_every_command_of_the_page_does_what_it_says(place: Place, api: Api) -> None:
    lines = commands("migration-runs.md")
    # Its order is that of its subjects: a token is made before it is sent, and revoked in the end.
    lines.sort(key=lambda line: ("curl" in line) + 2 * ("token revoke" in line))
    known = {"API": api.url, "TOKEN": api.token, "ID": ""}
    for line in lines:
        if line == "schema-service worker":
            place.started("worker")
        elif line.startswith("curl"):
            shell = {**os.environ, **known}
            done = subprocess.run(line, shell=True, env=shell, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            found = re.search(r'"id":"(\w+)"', done.stdout)
            known["ID"] = found[1] if found else known["ID"]
        else:
            words = line.removeprefix("schema-service ").split()
            with ExitStack() as until_cancelled:
                if "cancel" in words:
                    until_cancelled.enter_context(_versions_locked(place))  # or the run may be over before
                    known["ID"] = api.post("/databases/main/runs", _TO).json()["id"]
                elif "show" in words:
                    known["ID"] = api.get("/runs").json()["runs"][0]["id"]
                ran = place.run(*(known.get(word, word) for word in words))
                assert ran.exit_code == 0, (line, ran.output, ran.errors)
                if "cancel" in words:
                    assert api.over(known["ID"])["state"] == "cancelled"
            if words[:2] == ["token", "create"]:
                known["TOKEN"] = ran.output.strip()
    assert api.over(known["ID"])["created_by"] == "token ci-main"
    assert api.post("/runs/x/retry", token=known["TOKEN"]).status_code in (401, 403)


def test_without_any_token_nobody_may_write(place: Place, api: Api) -> None:
    """The last test: it revokes what the others use."""
    for row in place.run("token", "list", "--json").document["tokens"]:
        place.run("token", "revoke", row["name"])
    answer = api.post("/databases/main/runs", _TO)
    assert (answer.status_code, codes(answer)) == (401, ["token-invalid"])
    anonymous = api.post("/databases/main/runs", _TO, token=None)
    assert (anonymous.status_code, codes(anonymous)) == (401, ["token-missing"])
    assert "token create NAME --scope migrate" in anonymous.json()["problems"][0]["fix"]


def _archived(place: Place, version: str, folder: Path) -> Path:
    """A version that adds a table, as an archive. The service's workspace doesn't have it."""
    assert place.run("new", version).exit_code == 0
    draft = place.team.root / "schemas" / version
    schema = draft / "schema.prisma"
    schema.write_text(f"{schema.read_text()}\nmodel More {{\n  id Int @id\n}}\n")
    assert place.run("migration", "new", "more", version).exit_code == 0
    archive = shutil.make_archive(str(folder / version), "gztar", draft)
    shutil.rmtree(draft)
    return Path(archive)


def _queued(place: Place) -> str:
    """A run that the workers are to do."""
    with place.catalogue() as (settings, catalogue):
        new = run_request(catalogue, settings, "main", "1.1.0")
        return catalogue.runs.add(new, Writer(who="a test", origin="here")).id
