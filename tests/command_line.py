"""Running ``schema-service`` in this process, as fast as the command itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.cli.dispatch import run
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.private_folder import PRIVATE_FOLDER

from .one_node import one_node


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

    @property
    def codes(self) -> list[str]:
        """The codes of the problems in the document."""
        return [problem["code"] for problem in self.document["problems"]]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Commands run in ``folder``."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Finished:
        """Run one command."""
        self.monkeypatch.chdir(self.folder)
        self.capsys.readouterr()
        with one_node():
            exit_code = run(list(arguments))
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.err
        return Finished(int(exit_code), captured.out, captured.err)

    def refused(self, *arguments: str, exit_code: int = 1) -> Finished:
        """Run one command with ``--json``; it must fail so, and leave every file of the folder alone."""
        before = contents(self.folder)
        finished = self.run(*arguments, "--json")
        assert finished.exit_code == exit_code, finished.output + finished.errors
        assert finished.document["ok"] is False
        assert finished.document["exit_code"] == exit_code
        for problem in finished.document["problems"]:
            assert problem["code"], problem
            assert problem["message"], problem
            assert problem["fix"], problem
        assert contents(self.folder) == before
        return finished

    def with_workspace(self, *, sample: bool = False) -> CommandLine:
        """The same in a new workspace."""
        create_workspace(self.folder, name="shop", sample=sample)
        return self

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file of the folder."""
        content = text.encode() if isinstance(text, str) else text
        (self.folder / path).write_bytes(content)


def contents(folder: Path) -> Mapping[str, str]:
    """The digest of every file below ``folder`` but the tool's own state, and its symbolic links."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] == PRIVATE_FOLDER:
            continue
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "other"
    return found
