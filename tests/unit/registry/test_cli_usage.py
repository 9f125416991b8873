"""How the command line is called: help, wrong usage, and what it imports to answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from registry.cli.command_index import COMMANDS, load

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
