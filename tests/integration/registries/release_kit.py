"""A workspace with the sample and the real servers around it, driven through the command line only."""

from __future__ import annotations

import contextlib
import functools
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

from ...one_node import one_node

_TIMEOUT_SECONDS = 240
COMMAND = [sys.executable, "-c", "from registry.cli.main import main; main()"]


#: For each line of its input a child runs a command, and is killed right after the n-th request that changed
#: something. It has imported everything already, starts Node only when that is needed, and installs no
#: consumers.
_KILLED = """
import json, os, signal, sys
import requests
from registry.cli import finishing, publishing
from registry.cli.main import main
from registry.release import early_packages
from registry.release.steps import test
from schemas.prisma.bridge import PrismaBridge
early_packages.consumer_tests = test.consumer_tests = lambda *_: []
early_packages.package_gates = test.package_gates = lambda *_: []
PrismaBridge.start = lambda bridge: None
send = requests.Session.send

def run(asked):
    left = asked["requests"]

    def counting(session, request, **arguments):
        nonlocal left
        answer = send(session, request, **arguments)
        asks_only = "+login" in request.url or "access-check" in str(request.body)
        if request.method != "GET" and not asks_only:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer

    requests.Session.send = counting
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for descriptor in (1, 2):
        os.dup2(os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    sys.argv = ["schema-service", *asked["arguments"]]
    main()

for line in sys.stdin:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    try:
        run(json.loads(line))
    except SystemExit as ended:
        os._exit(ended.code)
    os._exit(70)
"""


@functools.cache
def _killing_process() -> subprocess.Popen[str]:
    """It ends with this process, which has the other end of its input."""
    return subprocess.Popen(
        [sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


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
            one_node(),
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
        process, output = _killing_process(), self.root.with_name(f"{self.root.name}.output")
        output.unlink(missing_ok=True)
        asked = {
            "requests": requests,
            "folder": str(self.root),
            "environment": {**os.environ, **self.environment},
            "output": str(output),
            "arguments": arguments,
        }
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(asked)}\n")
        process.stdin.flush()
        exit_code = int(process.stdout.readline())
        assert exit_code in (0, -signal.SIGKILL), output.read_text()
        return exit_code != 0

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
    """Let releases install and check no package: for tests that look only at what is in the registries."""
    for module in ("steps.test", "early_packages"):
        for tests in ("consumer_tests", "package_gates"):
            monkeypatch.setattr(f"registry.release.{module}.{tests}", lambda *_: [])


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
