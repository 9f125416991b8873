"""A workspace with the sample and the real servers around it, driven through the command line only."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import requests

from registry.cli.dispatch import run
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio

_TIMEOUT_SECONDS = 240
COMMAND = [sys.executable, "-c", "from registry.cli.main import main; main()"]


#: Ends itself with SIGKILL right after the n-th request that changed something; it installs no consumers.
_KILLED = """
import os, signal, sys
import requests
from registry.cli.main import main
from registry.release import early_packages
from registry.release.steps import test
early_packages.consumer_tests = test.consumer_tests = lambda *_: []
left, send = int(sys.argv.pop(1)), requests.Session.send

def counting(session, request, **arguments):
    global left
    answer = send(session, request, **arguments)
    asks_only = "+login" in request.url or "access-check" in str(request.body)
    if request.method != "GET" and not asks_only:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return answer

requests.Session.send = counting
main()
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command did."""

    exit_code: int
    output: str
    errors: str

    @property
    def document(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.output)
        return parsed


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace whose packages are called after ``name``, so that tests share the registries."""

    root: Path
    name: str
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **environment: str) -> Finished:
        """Run ``schema-service`` in the workspace, in this process, which saves starting one."""
        output, errors = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.root),
            mock.patch.dict(os.environ, {**self.environment, **environment}),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
        ):
            exit_code = int(run(list(arguments)))
        logging.getLogger("dbos").handlers.clear()  # they would hold on to ``errors``
        return Finished(exit_code, output.getvalue(), errors.getvalue())

    def run_process(self, *arguments: str, **environment: str) -> Finished:
        """Run ``schema-service`` in the workspace, as a process."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def killed_after(self, requests: int, *arguments: str) -> bool:
        """Run ``schema-service`` and kill it after so many requests that change a registry or call a webhook.
        False if it ends before; it must succeed then."""
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(requests), *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
        return done.returncode != 0

    def kill_after(self, step: str, *arguments: str) -> None:
        """Run ``schema-service`` and kill it outright once it said that ``step`` is done."""
        with subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if step in line.split():
                    process.send_signal(signal.SIGKILL)
                    return
        raise AssertionError(f"the command ended without having said {step!r}")


def leave_out_consumers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let releases install nothing: for tests that look at what is in the registries and at nothing else."""
    for module in ("steps.test", "early_packages"):
        monkeypatch.setattr(f"registry.release.{module}.consumer_tests", lambda *_: [])


def team_environment(devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> dict[str, str]:
    """Registries and credentials as a CI job has them: in its environment."""
    return {
        "SCHEMA_SERVICE_REGISTRIES__PYPI__URL": devpi.upload_url,
        "SCHEMA_SERVICE_REGISTRIES__PYPI__INDEX_URL": devpi.index_url,
        "SCHEMA_SERVICE_REGISTRIES__NPM__URL": verdaccio.url,
        "SCHEMA_SERVICE_PYPI_USERNAME": devpi.username,
        "SCHEMA_SERVICE_PYPI_PASSWORD": devpi.password.reveal(),
        "SCHEMA_SERVICE_NPM_TOKEN": verdaccio.token.reveal(),
    }


def registry_contents(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> Mapping[str, Any]:
    """Every file with its digest, and the npm dist-tags, of the team's four packages."""
    found: dict[str, Any] = {}
    for name in (f"{team.name}-client", f"{team.name}-migrations"):
        page = requests.get(
            f"{devpi.index_url}{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=30
        )
        files = page.json()["files"] if page.ok else []
        found[name] = {file["filename"]: file["hashes"] for file in files}
    for name in (f"@org/{team.name}-client", f"@org/{team.name}-types"):
        page = requests.get(f"{verdaccio.url}{name.replace('/', '%2f')}", timeout=30)
        packument = page.json() if page.ok else {"versions": {}, "dist-tags": {}}
        versions = {version: facts["dist"]["integrity"] for version, facts in packument["versions"].items()}
        found[name] = {"versions": versions, "tags": packument["dist-tags"]}
    return found
