"""How the command line is called: help, wrong usage, and what it imports to answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from registry.cli.command_names.command_index import COMMANDS, load
from registry.cli.command_names.remembered import REMEMBERED

from ...command_line import CommandLine

NAMES = [entry[0] for entry in COMMANDS]
GROUPS = ("migration", "key", "latest", "release", "run", "fleet", "token")


def test_help_fits_a_terminal_and_names_every_command_and_exit_code(cli: CommandLine) -> None:
    shown = cli.run("--help")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    for name in [*NAMES, "0 done", "1 yours to fix", "2 wrong usage", "3 a service", "70 our bug"]:
        assert name in shown.output


@pytest.mark.parametrize(
    "name", [*NAMES, "migration new", "key new", "key rotate", "key list", "latest set", "release show"]
)
def test_every_command_explains_itself_and_takes_json(cli: CommandLine, name: str) -> None:
    shown = cli.run(*name.split(), "--help")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    assert name in GROUPS or "--json" in shown.output


@pytest.mark.parametrize("name", NAMES)
def test_a_command_is_summed_up_in_its_own_help_too(name: str) -> None:
    summary = next(entry[3] for entry in COMMANDS if entry[0] == name)
    assert load(name).help.split()[0] == summary.split()[0]


def test_wrong_usage_is_exit_2_with_a_document_where_one_was_asked_for(cli: CommandLine) -> None:
    for arguments in (
        ["bogus"],
        ["publish"],
        ["publish", "1.0.0", "2.0.0"],
        ["check", "--nope"],
        ["check", "--all", "1.0.0"],
        ["check", "--", "--nope", "x"],
        ["serve", "--port", "99999"],
        ["serve", "--port", "x"],
        ["init", "--sample", "--from-prisma", "."],
        ["build", "1.0.0"],
        ["migration", "bogus"],
        ["show", "--"],
        ["feed", "--url", "javascript:alert(1)"],
        ["feed", "--url", "https://"],
    ):
        if "--" not in arguments:
            finished = cli.refused(*arguments, exit_code=2)
            assert len(finished.codes) == 1
        told = cli.run(*arguments)
        assert told.exit_code == 2
        assert told.errors.startswith(("error[wrong-usage]: ", "error[conflicting-options]: "))
        assert "  fix: " in told.errors
        assert not told.output


def test_a_misspelt_command_is_told_the_right_one(cli: CommandLine) -> None:
    assert "'publish'" in cli.run("publsh").errors


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("latest 2.0.0", "latest set 2.0.0"),
        ("set-latest 2.0.0", "latest set VERSION"),
        ("yank 2.0.0", "withdraw VERSION --reason TEXT"),
        ("unyank 2.0.0", "restore VERSION"),
        ("delete 2.0.0", "delete-draft VERSION"),
        ("list", "versions"),
        ("ls", "versions"),
        ("status", "databases"),
        ("login", "token create NAME"),
        ("run 5f0c4d3e2b1a", "run show 5f0c4d3e2b1a"),
        ("run list", "runs"),
        ("token rm ci", "token revoke NAME"),
    ],
)
def test_a_command_that_is_remembered_from_elsewhere_is_told_the_one_here(
    cli: CommandLine, typed: str, meant: str
) -> None:
    (problem,) = cli.refused(*typed.split(), exit_code=2).document["problems"]
    assert f"schema-service {meant}" in problem["fix"]


def test_what_is_remembered_is_no_command_and_what_is_answered_is_one() -> None:
    for group, words in REMEMBERED.items():
        own = load(group).commands if group else NAMES
        assert not {word for word in words if word in own}, group
        for command in {each for commands in words.values() for each in commands}:
            _check_is_real(command)


def _check_is_real(line: str) -> None:
    name, *rest = line.split()
    if name.startswith("--"):
        return
    command = load(name)
    if hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option: parameter for parameter in command.params for option in parameter.opts}
    places = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    values = [word for word in rest if not word.startswith("--")]
    for option in (word for word in rest if word.startswith("--")):
        if not known[option].is_flag:
            values.pop()
    assert any(each.nargs < 0 for each in places) or len(values) <= sum(each.nargs for each in places), line
    needed = [parameter for parameter in command.params if parameter.required]
    assert all(parameter in places or set(parameter.opts) & set(rest) for parameter in needed), line


@pytest.mark.parametrize("arguments", [[], ["migration"]])
def test_a_call_with_nothing_is_answered_with_help(cli: CommandLine, arguments: list[str]) -> None:
    shown = cli.run(*arguments)
    assert shown.exit_code == 2
    assert shown.errors.startswith("Usage: schema-service")


def test_answering_imports_only_what_the_command_needs(cli: CommandLine) -> None:
    cli.with_workspace()
    heavy = {"dbos", "fastapi", "uvicorn", "twine", "pglast", "requests", "psycopg"}
    script = (
        "import sys\nfrom registry.cli.dispatch import run\n"
        "run(['--help']); help_only = set(sys.modules)\n"
        "run(['versions']); versions = set(sys.modules)\n"
        f"print(sorted({heavy | {'pydantic', 'sqlalchemy', 'rich.live'}!r} & help_only), file=sys.stderr)\n"
        f"print(sorted({heavy!r} & versions), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=cli.folder, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == ["[]", "[]"]
