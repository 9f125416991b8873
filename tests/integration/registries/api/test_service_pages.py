"""Every command of the pages about the service, on a state database in Postgres."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.scratch.scratch_server import ScratchServer
from schemas.workspace.init_workspace import create_workspace

from ....documented_page import commands
from ..release_kit import COMMAND, Team

_DATABASE = '[databases.main]\nurl_env = "MAIN_DATABASE_URL"\nlabels = ["eu"]\n'


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, scratch_server: ScratchServer) -> Iterator[Team]:
    root = tmp_path_factory.mktemp("served")
    create_workspace(root, name="served", sample=False)
    with (root / "schema-service.toml").open("a") as settings:
        settings.write(_DATABASE)
    with scratch_server.new_database() as state:
        yield Team(root, "served", {"SCHEMA_SERVICE_STATE__URL": state, "MAIN_DATABASE_URL": state})


@contextlib.contextmanager
def process(team: Team, *arguments: str, **variables: str) -> Iterator[dict[str, str]]:
    """``schema-service`` until the block ends, and the line that it prints when it is ready."""
    started = subprocess.Popen(
        [*COMMAND, *arguments, "--json"],
        cwd=team.root,
        env={**os.environ, **team.environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        yield json.loads(started.stdout.readline())
    finally:
        started.terminate()
        _, errors = started.communicate(timeout=60)
        assert started.returncode == 143
        for line in errors.splitlines():
            entry = json.loads(line)
            # Nobody collects the traces that one of the commands sends.
            assert entry["level"] != "error" or entry["logger"].startswith("opentelemetry."), line


@pytest.mark.soak
def test_every_command_of_the_pages_does_what_it_says(team: Team, unused_port: int) -> None:
    lines = [*commands("run-the-service.md"), *commands("tokens.md")]
    asked = [line for line in lines if line.startswith("curl")]
    assert len(asked) >= 6
    made: dict[str, str] = {}
    for line in lines:
        assignment, _, command = line.partition("schema-service ")
        if line.startswith(("curl", "export ")):
            continue
        if command in ("serve", "worker"):
            if command == "serve" and assignment:
                continue  # below: the one that answers what is asked for
            port = ["--port", str(unused_port)] if command == "serve" else []
            with process(team, command, *port) as ready:
                assert ready["ok"]
            continue
        ran = team.run(*(word.strip('"') for word in command.split()))
        assert ran.exit_code == 0, (line, ran.output, ran.errors)
        if "create" in command:
            made[command.split()[2]] = ran.output.strip()
    (traced,) = (line.split()[0] for line in lines if line.startswith("OTEL"))
    variables = dict([traced.split("=")])
    with process(team, "serve", "--host", "0.0.0.0", "--port", str(unused_port), **variables):
        known = {"API": f"http://127.0.0.1:{unused_port}", "TOKEN": made["operator"]}
        subprocess.run(
            [
                "curl",
                "-sS",
                "--retry",
                "9",
                "--retry-all-errors",
                "-o",
                os.devnull,
                "-f",
                f"{known['API']}/readyz",
            ],
            check=True,
        )
        for line in asked:
            done = subprocess.run(
                line, shell=True, env={**os.environ, **known}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
    log = team.run("token", "log", "--json").document
    assert log["entries"][0]["what"] == "token revoke deploy"
    listed = team.run("token", "list").output
    assert "labels eu" in listed
    assert "schemas billing,orders" in listed


def test_an_address_of_other_machines_needs_a_token_first(tmp_path: Path) -> None:
    root = tmp_path / "new"
    create_workspace(root, name="new", sample=False)
    team = Team(root, "new", {})
    for host in ("0.0.0.0", "::", "schemas.example", ""):
        refused = team.run("serve", "--host", host, "--json")
        assert refused.exit_code == 2
        assert refused.document["problems"][0]["code"] == "unprotected-address"
    assert team.run("token", "create", "old", "--scope", "admin").exit_code == 0
    assert team.run("token", "revoke", "old").exit_code == 0
    assert team.run("serve", "--host", "0.0.0.0").exit_code == 2
    unknown = team.run("token", "create", "new", "--scope", "write", "--json")
    assert (unknown.exit_code, unknown.document["problems"][0]["code"]) == (2, "wrong-usage")
