"""What `mypy --strict` says of a Python client's modules.

Mypy keeps what it knows of all that a client imports, which is most of the first run of a small one. The
modules that are made from the schema mention each other, so it checks all of them again once that changes.
"""

from __future__ import annotations

import importlib.util
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from generators.target import Artifact
from schemas.errors import Problem

from .refusals import could_not_look, refused
from .tool_process import TooSlowError, run_tool

_SECONDS = 1800
_SHOWN = 5
_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?:(?P<column>\d+):)? error: (?P<words>.*)$")
# The runtime is the same in each client, and this project's tests check it with all that it can be used with;
# what is installed here may be less.
_SETTINGS = """\
[mypy]
python_version = 3.11
[mypy-{package}._runtime.*]
ignore_errors = True
[mypy-opentelemetry.*]
ignore_missing_imports = True
"""


def mypy_problems(artifact: Artifact, package: str, folder: Path, kept: Path) -> list[Problem]:
    """The first errors in the modules of ``package``, which are written to ``folder``, a new one.

    What mypy knows then stays in ``kept``, for a release whose folder is called the same.
    """
    if importlib.util.find_spec("mypy") is None:
        return [_not_installed()]
    with zipfile.ZipFile(io.BytesIO(artifact.content)) as archive:
        archive.extractall(folder)
    settings = folder / "mypy.ini"
    settings.write_text(_SETTINGS.format(package=package), "utf-8")
    try:
        done = _checked(folder, package, settings, kept)
    except TooSlowError as error:
        return [could_not_look(artifact, "mypy", str(error))]
    found = [*filter(None, map(_ERROR.match, done.stdout.splitlines()))]
    if done.returncode != 0 and not found:
        return [could_not_look(artifact, "mypy", done.stdout + done.stderr)]
    return [
        refused(
            artifact,
            "mypy --strict",
            each["words"],
            file=Path(each["file"]).as_posix(),
            line=int(each["line"]),
            column=int(each["column"] or 1),
        )
        for each in found[:_SHOWN]
    ]


def _checked(folder: Path, package: str, settings: Path, kept: Path) -> subprocess.CompletedProcess[str]:
    shown = ["--show-column-numbers", "--no-error-summary", "--no-color-output", "--no-pretty"]
    places = ["--config-file", str(settings), "--cache-dir", str(kept)]
    # -P: what the package is called must not hide a module that mypy needs.
    command = [sys.executable, "-P", "-m", "mypy", "--strict", *shown, *places, "-p", package]
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("MYPY")}
    return run_tool(command, folder, environment, _SECONDS)


def _not_installed() -> Problem:
    return Problem(
        code="package-not-checked",
        message="mypy is not installed, and [checks] mypy asks for it",
        fix="run: pip install 'schema-service[mypy]', or remove mypy from [checks] in schema-service.toml",
    )
