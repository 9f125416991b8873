"""Follows a page as a reader does: its files are written, its commands run, its outputs compared."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from schemas.prisma.nodejs import node_environment, node_executable, npm_command

from ....documented_page import DOCS
from ..release_kit import Team

_TIMEOUT_SECONDS = 300
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([^`\s]+\.(?:prisma|toml|sql|py|mjs|json|sh))`(?: \([^)]*\))?:\s*$")
_MODEL = re.compile(r"^(?:model|enum) (\w+) \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)
_EXIT_CODE = re.compile(r"  # exit code (\d+)\s*$")
_SHELL = re.compile(r"[|<>&;$`]")
#: It is running already, in a terminal of its own.
_ELSEWHERE = ("schema-service up",)


@dataclass(slots=True)
class Reader:
    """Somebody with a shell in ``folder``. ``addresses``: what the page calls a server, and where it is."""

    folder: Path
    addresses: Mapping[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    in_process: bool = False

    def __post_init__(self) -> None:
        """The programs that the pages presume: ours, Python, Node and npm."""
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        for name, command in {
            "schema-service": [str(Path(sys.executable).parent / "schema-service")],
            "python3": [sys.executable],
            "node": [str(node_executable())],
            "npm": [*map(str, npm_command())],
        }.items():
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            script.chmod(0o755)
        path = os.pathsep.join([str(programs), node_environment()["PATH"]])
        self.environment |= {"PATH": path, "NO_COLOR": "1"}
        self.environment |= {"PWD": str(self.folder)}

    def follow(self, page: str, *, since: str | None = None, until: str | None = None) -> None:
        """Do what a page says, in its order, from one heading on and up to another."""
        text = (DOCS / page).read_text("utf-8")
        if until is not None:
            text = text[: text.index(f"\n## {until}\n")]
        if since is not None:
            text = text[text.index(f"\n## {since}\n") :]
        output = ""
        for language, place, content in _blocks(self._addressed(text)):
            if language == "sh":
                output = self.run(content) or output
            elif language == "text":
                assert_shown(content, output)
            elif place is not None:
                self._write(place, language, content)
            else:
                assert language == "sql", f"{page}: where does this belong?\n{content}"
                with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
                    connection.execute(content.encode())

    def _addressed(self, text: str) -> str:
        for named, real in self.addresses.items():
            text = text.replace(named, real)
        return text

    def run(self, block: str) -> str:
        """What the commands of a block print; each has to end as it says."""
        output = ""
        for command in _commands(block):
            if command.strip() in _ELSEWHERE:
                continue
            told = _EXIT_CODE.search(command)
            output += self._ended(command, int(told[1]) if told else 0)
        return output

    def _ended(self, command: str, exit_code: int) -> str:
        """What it prints, once it has ended as it should."""
        is_ours = command.startswith("schema-service ") and not _SHELL.search(command)
        ended, output = self._in_process(command) if is_ours and self.in_process else self._shell(command)
        assert ended == exit_code, f"{command}\n{output}"
        return output

    def _in_process(self, command: str) -> tuple[int, str]:
        """One of our commands in this process, which saves starting one."""
        team = Team(Path(self.environment["PWD"]), "", self.environment)
        done = team.run(*shlex.split(command, comments=True)[1:])
        return done.exit_code, done.output + done.errors

    def _shell(self, command: str) -> tuple[int, str]:
        """Its exit code and output. Variables and the folder that it sets are there for the next one."""
        state = self.folder / "shell-state"
        script = f'cd "$PWD"; {command}\ncode=$?; env -0 > {state}; exit $code'
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.environment["PWD"],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        pairs = (each.partition("=") for each in state.read_text().split("\0") if each)
        self.environment |= {name: value for name, _, value in pairs if name in ("PWD", "DATABASE_URL")}
        return done.returncode, done.stdout

    def _write(self, place: str, language: str, content: str) -> None:
        """A schema: models of the same name are replaced, unless it is a whole one. version.toml: its end."""
        file = Path(self.environment["PWD"], place)
        file.parent.mkdir(parents=True, exist_ok=True)
        if language == "prisma" and "datasource" not in content:
            content = with_models(file.read_text(), content)
        elif language == "toml":
            content = f"{file.read_text()}\n{content}"
        file.write_text(content)


def with_models(schema: str, models: str) -> str:
    """``schema`` with ``models``, each in the place of that with its name, or at the end."""
    for model in _MODEL.finditer(models):
        old = next((each for each in _MODEL.finditer(schema) if each[1] == model[1]), None)
        schema = f"{schema}\n{model[0]}" if old is None else schema.replace(old[0], model[0])
    return schema


def assert_shown(expected: str, output: str) -> None:
    """Each line of ``expected`` is in ``output``, in this order; … stands for anything."""
    pattern = ".*?".join(
        ".*?".join(re.escape(part.strip()) for part in line.split("…"))
        for line in expected.strip().splitlines()
    )
    assert re.search(pattern, output, re.DOTALL), f"expected:\n{expected}\nbut there is:\n{output}"


def _blocks(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Language, the file that the line before names, and the content."""
    for block in _BLOCK.finditer(text):
        named = _FILE.search(text[: block.start()])
        yield block[1], named[1] if named else None, block[2]


def _commands(block: str) -> Iterator[str]:
    """Its lines, with those that go on; a here-document belongs to its first one."""
    lines = iter(block.replace("\\\n", "").splitlines())
    for line in lines:
        if "<<'EOF'" in line:
            yield "\n".join([line, *iter(lambda: next(lines), "EOF"), "EOF"])
        elif line.strip() and not line.startswith("#"):
            yield line
