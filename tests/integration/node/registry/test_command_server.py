"""Commands that a process of `up` runs: nobody can tell, whatever they print and however they end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.cli.command_server.address import is_for_startup
from registry.cli.command_server.client import SERVED_COMMANDS
from registry.cli.command_server.start import command_server
from schemas.workspace.init_workspace import create_workspace

_PATIENCE_SECONDS = 60.0
# Writes down whether this process has imported what runs commands.
_PROGRAM = """
import atexit, sys
report = sys.argv.pop(1)
atexit.register(lambda: open(report, "w").write("itself" if "typer" in sys.modules else "server"))
from registry.cli.main import main
main()
"""
_ELSEWHERE = {"LC_MEASUREMENT": "C"}  # read at the start, so that the server is another's


@dataclass(frozen=True, slots=True)
class Workspace:
    root: Path
    report: Path

    @property
    def local(self) -> Path:
        return self.root / ".schema-service" / "local"

    def started(self, *arguments: str, shell: str = 'exec "$@"', **variables: str) -> subprocess.Popen[str]:
        self.report.unlink(missing_ok=True)
        command = ["sh", "-c", shell, "sh", sys.executable, "-c", _PROGRAM, str(self.report), *arguments]
        return subprocess.Popen(
            command,
            cwd=self.root / "schemas",
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, shell: str = 'exec "$@"', **variables: str) -> tuple[int, str, str, str]:
        """The exit code, what it printed, and who ran it."""
        with self.started(*arguments, shell=shell, **variables) as process:
            output, errors = process.communicate(timeout=_PATIENCE_SECONDS)
        return process.returncode, output, errors, self.report.read_text()

    def processes(self) -> list[int]:
        """Those that work in the workspace's folders."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(self.root) in f"{command} {(folder / 'cwd').readlink()}":
                    found.append(int(folder.name))
        return found

    def rehearsing(self) -> subprocess.Popen[str]:
        """A `check` whose rehearsal has begun."""
        (self.root / "schemas/2.0.0/CHANGELOG.md").write_text(f"{time.time_ns()}\n")
        for kept in (self.root / ".schema-service" / "rehearsals").glob("*"):
            kept.unlink()
        process = self.started("check", "2.0.0", "--json")
        running = self.root / ".schema-service" / "rehearsal" / "data" / "postmaster.pid"
        wait_until(lambda: running.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        return process


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("served")
    create_workspace(folder / "workspace", name="sample", sample=True)
    (folder / "workspace/.schema-service/local").mkdir(parents=True, mode=0o700)
    return Workspace(folder / "workspace", folder / "report")


@contextlib.contextmanager
def serving(workspace: Workspace) -> Iterator[Path]:
    """A running server's socket."""
    with command_server(workspace.local):
        wait_until(lambda: list(workspace.local.glob("*.sock")))
        (address,) = workspace.local.glob("*.sock")
        yield address


@pytest.fixture(scope="module")
def server(workspace: Workspace) -> Iterator[Path]:
    """One for the tests that leave it as it is, and the last of them that kills it."""
    with serving(workspace) as address:
        yield address


def server_process(workspace: Workspace) -> int:
    (found,) = (
        process
        for process in workspace.processes()
        if b"command_server" in Path(f"/proc/{process}/cmdline").read_bytes()
        and Path(f"/proc/{process}/cwd").readlink() == workspace.local
    )
    return found


def test_what_it_prints_and_returns_is_the_same(workspace: Workspace, server: Path) -> None:
    assert stat.S_IMODE(server.stat().st_mode) == 0o600
    for arguments, variables in (
        (("versions",), {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": ""}),
        (("versions", "--json"), {}),
        (("show", "9.9.9"), {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": ""}),
        (("check", "--all", "--quick"), {"COLUMNS": "60"}),
        (("check", "--no-such-option"), {}),
        (("check", "--all", "1.0.0", "--json"), {}),
        (("versions",), {"SCHEMA_SERVICE_REGISTRIES__PYPI__URL": "nowhere"}),
    ):
        *served, who = workspace.run(*arguments, **variables)
        *alone, nobody = workspace.run(*arguments, **variables, **_ELSEWHERE)
        assert (who, nobody) == ("server", "itself")
        assert served == alone, arguments
    assert workspace.run("versions", shell='exec "$@" >/dev/full')[0] == 1
    assert (workspace.local / "commands.log").read_text() == ""


def test_whoever_differs_in_what_cannot_be_handed_over_runs_it_alone(
    workspace: Workspace, server: Path
) -> None:
    for shell, variables in (
        ('exec "$@" <&-', {}),
        ('exec "$@" >&-', {}),
        ('ulimit -n 512; exec "$@"', {}),
        ('umask 007; exec "$@"', {}),
        ('exec nice -n 1 "$@"', {}),
        ('exec "$@"', {"PYTHONDEVMODE": "1"}),
        ('exec "$@"', {"LC_ALL": "C"}),
    ):
        code, _, _, who = workspace.run("versions", shell=shell, **variables)
        assert (code, who) == (0, "itself"), (shell, variables)
    assert workspace.run("--help")[3] == "itself"
    aside = server.rename(server.with_suffix(".aside"))
    with contextlib.chdir(server.parent), socket.socket(socket.AF_UNIX) as left:
        left.bind(server.name)  # as a killed server leaves it
    assert workspace.run("versions")[3] == "itself"
    aside.rename(server)
    assert workspace.run("versions")[3] == "server"


def test_it_ends_as_a_process_of_its_own_would(workspace: Workspace, server: Path) -> None:
    mine = server_process(workspace)

    def command() -> int:
        children = Path(f"/proc/{mine}/task/{mine}/children").read_text().split()
        (found,) = map(int, children)
        return found

    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with workspace.rehearsing() as process:
            process.send_signal(number)
            said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
        (problem,) = json.loads(said)["problems"]
        assert (process.returncode, problem["code"]) == (code, "interrupted")
    with workspace.rehearsing() as process:  # it is killed: so is what it has started
        process.kill()
        wait_until(lambda: workspace.processes() == [mine])
    with workspace.rehearsing() as process:  # the process that runs it is killed
        os.kill(command(), signal.SIGKILL)
        assert process.wait(_PATIENCE_SECONDS) == -signal.SIGKILL
    wait_until(lambda: workspace.processes() == [mine])
    with workspace.rehearsing() as process:  # and the server
        os.kill(mine, signal.SIGKILL)
        said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    (problem,) = json.loads(said)["problems"]
    assert (process.returncode, problem["code"]) == (3, "command-server-ended")
    wait_until(lambda: not workspace.processes())
    code, said, _, who = workspace.run("check", "2.0.0", "--json")
    assert (code, who) == (0, "itself"), said


def test_a_command_outlives_the_up_that_it_was_begun_beside(workspace: Workspace) -> None:
    with serving(workspace):
        process = workspace.rehearsing()
    with process:
        said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    assert json.loads(said)["rehearsals"]["2.0.0"]["is_kept"] is False
    assert (process.returncode, workspace.report.read_text()) == (0, "server")
    wait_until(lambda: not workspace.processes())


def test_a_server_whose_files_were_changed_while_it_imported_them_never_serves(tmp_path: Path) -> None:
    program = "from registry.cli.command_server.server import main; main()"
    command = [sys.executable, "-P", "-c", program, "commands-of-other-files.sock"]
    done = subprocess.run(
        command, cwd=tmp_path, stdin=subprocess.PIPE, check=False, timeout=_PATIENCE_SECONDS
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])


_READ = """
import os, platform, sys, threading
from importlib import import_module
read, get = set(), type(os.environ).__getitem__
def noted(self, name):
    read.add(name)
    return get(self, name)
from registry.cli.command_server.server import PRELOADED
platform.architecture = lambda *_: ("64bit", "ELF")  # starts a program, which is given all of them
type(os.environ).__getitem__ = noted
for module in PRELOADED:
    import_module(module)
print("registry.cli.consoles" in sys.modules, threading.active_count())
print(*read)
"""


def test_what_is_imported_ahead_reads_no_variable_that_a_client_may_have_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", _READ], capture_output=True, text=True, check=True)
    facts, read = done.stdout.splitlines()
    assert facts == "False 1"  # nothing looks at the terminal, and there are no threads to lose in a fork
    assert "DBOS__VMID" in read.split()  # else it looks at nothing
    assert [name for name in read.split() if not is_for_startup(name)] == []


def test_only_commands_that_end_by_themselves_are_handed_over() -> None:
    assert SERVED_COMMANDS.isdisjoint({"up", "serve", "demo", "init", "new", "migration", "toolchain"})
