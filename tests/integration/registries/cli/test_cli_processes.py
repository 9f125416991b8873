"""The command as a process: signals, closed pipes, streams that can't be written, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from registry.catalogue import Catalogue
from registry.catalogue.access import Writer
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.runs import NewRun
from registry.config.channels import NotifyTable
from registry.notify.events import announcement
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import COMMAND, Team
from ..webhook_receiver import WebhookReceiver, webhook_receiver

_PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """A workspace with the sample, whose servers are set up once, and a folder for its temporary files.

    Not in pytest's folder: Postgres puts a socket there, and the path of a socket has to be short.
    """
    with tempfile.TemporaryDirectory(prefix="cli-") as folder:
        root, temporary = Path(folder, "workspace"), Path(folder, "tmp")
        temporary.mkdir()
        create_workspace(root, name="signals", sample=True)
        with (root / "schema-service.toml").open("a") as settings:
            settings.write('\n[databases.main]\nurl_env = "MAIN_DATABASE_URL"\n')
        # Where nothing listens: of a variable that is not set, services warn when they start.
        database = {"MAIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        yield Team(root, "signals", {"TMPDIR": str(temporary), **database})


@contextlib.contextmanager
def started(team: Team, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=team.root,
        env={**os.environ, **team.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended_by(process: subprocess.Popen[str], number: signal.Signals, team: Team) -> int:
    """Send the signal; the exit code, once nothing that belongs to the team is running any more."""
    process.send_signal(number)
    process.communicate(timeout=_PATIENCE_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (left := belonging_to(team)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []
    return process.returncode


def belonging_to(team: Team) -> list[str]:
    """The processes with the team's folder in their command line or as their working folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(team.root.parent) in f"{command} {(folder / 'cwd').readlink()}":
                found.append(command)
    return found


def server_of(team: Team, name: str) -> int:
    """The id of the server's own process: not of what watches over it, nor of a child of its own."""
    home = team.root / ".schema-service" / "local" / name
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            at_home = (folder / "cwd").readlink().is_relative_to(home)
            if at_home and b"supervis" not in (folder / "cmdline").read_bytes():
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)] = int(status[1])
    (found,) = (process for process, parent in parents.items() if parent not in parents)
    return found


def temporary_files(team: Team) -> list[str]:
    # Node caches what it compiles in the temporary folder; that is its own affair.
    folder = Path(team.environment["TMPDIR"])
    return [each.name for each in folder.iterdir() if each.name != "node-compile-cache"]


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def up_on_free_ports(team: Team) -> tuple[str, ...]:
    devpi, verdaccio, postgres, api = free_ports(4)
    team.environment["SCHEMA_SERVICE_REGISTRIES__PYPI__URL"] = f"http://127.0.0.1:{devpi}/schema/release/"
    team.environment["SCHEMA_SERVICE_REGISTRIES__NPM__URL"] = f"http://127.0.0.1:{verdaccio}/"
    return ("up", "--json", "--postgres-port", str(postgres), "--api-port", str(api))


def announcing(team: Team, receiver: WebhookReceiver) -> Team:
    """The team, with an announcement that waits, and a migration run."""
    notify = NotifyTable(webhook_env="HOOK")
    version = SchemaVersion(1, 0, 0)
    told = announcement(notify, "latest.moved", schema_name="signals", version=version, data={})
    url = "sqlite:///.schema-service/state.db"
    engine = open_engine(state_url(url, team.root))
    catalogue = Catalogue(engine, "signals")
    with engine.begin() as connection:
        catalogue.deliveries.add(connection, told)
    # A run that waits, too. There is no such version, which is for a worker to find out.
    run = NewRun(database="main", direction="up", target=version, dry_run=False, allow_data_loss=False)
    catalogue.runs.add(run, Writer(who="a test", origin="here"))
    catalogue.close()
    hook = {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV": "HOOK", "HOOK": receiver.url}
    return Team(team.root, team.name, {**team.environment, **hook})


def done_by_its_worker(api: str) -> dict[str, Any]:
    """The run, once it is over."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        (run,) = requests.get(f"{api}/runs", timeout=10).json()["runs"]
        if run["finished_at"] is not None:
            found: dict[str, Any] = run
            return found
        assert time.monotonic() < deadline, run
        time.sleep(0.2)


def test_up_says_once_when_all_is_ready_and_ends_with_its_signal(team: Team) -> None:
    arguments = up_on_free_ports(team)
    with started(team, *arguments) as process:
        time.sleep(1.5)
        assert ended_by(process, signal.SIGINT, team) == 130
    with webhook_receiver() as receiver, started(announcing(team, receiver), *arguments) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith('{"ok": true'), said
        document = json.loads(said)
        for address in (document["python_index"], document["npm_registry"], f"{document['api']}/healthz"):
            assert requests.get(address, timeout=10).ok, address
        assert receiver.waited_for(1), "it sends what waits"
        assert done_by_its_worker(document["api"])["problems"][0]["code"] == "not-published"
        assert (team.root / document["postgres_env_file"]).stat().st_mode & 0o077 == 0
        assert ended_by(process, signal.SIGTERM, team) == 143
    assert temporary_files(team) == []


@pytest.mark.parametrize(
    "name", [*(pytest.param(each, marks=pytest.mark.soak) for each in ("devpi", "Verdaccio")), "Postgres"]
)
def test_up_ends_and_says_so_when_a_server_ends_under_it(team: Team, name: str) -> None:
    with started(team, *up_on_free_ports(team)) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ok"] is True
        os.kill(server_of(team, name.lower()), signal.SIGKILL)
        said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
        (problem,) = json.loads(said)["problems"]
        assert (process.returncode, problem["code"]) == (3, "server-ended")
        assert name in problem["message"]
    assert belonging_to(team) == []


def test_serve_answers_when_it_says_so_and_refuses_a_port_in_use(team: Team) -> None:
    (port,) = free_ports(1)
    for number, exit_code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with started(team, "serve", "--json", "--port", str(port)) as process:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["api"]
            assert requests.get(f"{address}/versions", timeout=10).ok
            if number == signal.SIGINT:
                refused = team.run_process("serve", "--json", "--port", str(port))
                assert refused.exit_code == 3
                assert refused.document["problems"][0]["code"] == "port-unavailable"
            assert ended_by(process, number, team) == exit_code


@pytest.mark.parametrize(
    ("line", "wait_seconds", "number", "exit_code"),
    [
        (None, 2.0, signal.SIGINT, 130),
        pytest.param("pack", 0.5, signal.SIGTERM, 143, marks=pytest.mark.soak),
    ],
)
def test_an_interrupted_demo_leaves_nothing(
    team: Team, line: str | None, wait_seconds: float, number: signal.Signals, exit_code: int
) -> None:
    with started(team, "demo") as process:
        assert process.stdout is not None
        if line is not None:
            assert any(line in said.split() for said in process.stdout)
        time.sleep(wait_seconds)
        assert ended_by(process, number, team) == exit_code
    assert temporary_files(team) == []


def test_a_reader_that_leaves_is_no_failure(team: Team) -> None:
    command = " ".join(f"'{part}'" for part in COMMAND)
    for arguments in ("versions", "versions --json", "--help", "show 1.0.0"):
        script = f"{command} {arguments} | head -0; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=team.root, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), arguments


def test_streams_that_fail_are_told_apart_from_bugs(team: Team) -> None:
    command = " ".join(f"'{part}'" for part in COMMAND)
    for redirection, exit_code in (
        ("versions >/dev/full", 1),
        ("versions --json >/dev/full", 1),
        ("versions >&-", 0),
        ("versions --json >&-", 0),
        ("show 9.9.9 2>&-", 1),
        ("show 9.9.9 >/dev/full 2>/dev/full", 1),
    ):
        done = subprocess.run(
            ["bash", "-c", f"{command} {redirection}"],
            cwd=team.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, (redirection, done.stderr)
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def test_output_is_plain_where_nobody_watches_and_never_fails_for_a_character(team: Team) -> None:
    toml = team.root / "schemas/1.0.0/version.toml"
    toml.write_text('description = "Bücher ✓"\n', encoding="utf-8")
    shown = team.run_process("show", "1.0.0", PYTHONIOENCODING="ascii", FORCE_COLOR="")
    assert shown.exit_code == 0
    assert "B\\xfccher \\u2713" in shown.output
    assert "\x1b" not in shown.output + team.run_process("show", "1.0.0", TERM="xterm-256color").output
    coloured = team.run_process("check", "9.9.9", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="")
    plain = team.run_process("check", "9.9.9", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b[31m" in coloured.errors
    assert "\x1b[31m" not in plain.errors
