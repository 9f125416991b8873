"""A page with every command of ``schema-service``, and one with those of a migrations package."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from migrations.runner.cli.args import parser
from migrations.runner.manifest import Manifest

from ..cli.command_names.command_index import COMMANDS, command_line, load
from .markdown import GENERATED, code, table, text_block

_PROGRAM = "schema-service"
_INTRODUCTION = f"""\
{GENERATED}
# Commands

`{_PROGRAM} COMMAND --help` shows the same. Every command has `--json`, which prints one document and nothing
else, and is run in the workspace's folder, or in a folder below it.
"""
_RUNNER_INTRODUCTION = f"""\
{GENERATED}
# Commands of a migrations package

The command is called as the package is; here that is `schema-migrations`, of a schema with the versions
1.0.0 and 2.0.0. [What it does, and how](migrations-runner.md).
"""
_EXAMPLE = Manifest(
    schema_name="shop",
    package="schema-migrations",
    package_version="2.0.0",
    version="2.0.0",
    versions=("1.0.0", "2.0.0"),
    compatible_from={},
    migrations=(),
    state_changes=(),
)


def commands_page() -> str:
    """docs/reference/commands.md."""
    lines = [
        _INTRODUCTION,
        *table(["command", "what it does"], (_entry(name, summary) for name, _, _, summary in COMMANDS)),
    ]
    for name, *_ in COMMANDS:
        lines += _command(load(name), [_PROGRAM, name], level=2)
    exit_codes = command_line().epilog or ""
    return (
        "\n".join([*lines, "## Exit codes", "", *text_block(exit_codes.replace("\b", "").strip())]).rstrip()
        + "\n"
    )


def runner_commands_page() -> str:
    """docs/reference/migrations-commands.md."""
    root = parser(_EXAMPLE)
    (commands,) = (each for each in root._actions if isinstance(each, argparse._SubParsersAction))
    lines = [_RUNNER_INTRODUCTION]
    for name, command in commands.choices.items():
        lines += [f"## {name}", "", f"{_sentence(command.description or '')}", ""]
        lines += table(
            ["option", "meaning"],
            ((code(_option(each)), each.help or "") for each in command._actions if each.dest != "help"),
        )
    return "\n".join([*lines, "## Exit codes", "", *text_block((root.epilog or "").strip())]).rstrip() + "\n"


def _option(action: argparse.Action) -> str:
    return " ".join((*action.option_strings, *([str(action.metavar)] if action.metavar else [])))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _entry(name: str, summary: str) -> tuple[str, str]:
    return f"[`{name}`](#{name})", summary


def _command(command: Any, path: list[str], *, level: int) -> Iterator[str]:
    yield f"{'#' * level} {' '.join(path[1:])}"
    yield ""
    yield _paragraphs(command.help)
    yield ""
    subcommands = getattr(command, "commands", None)
    context = command.make_context(path[-1], [], resilient_parsing=True)
    if subcommands is None:
        usage = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
        yield from text_block(f"{' '.join(path)} {usage}")
        records = (parameter.get_help_record(context) for parameter in command.get_params(context))
        yield from table(
            ["argument or option", "meaning"],
            ((code(names), text) for names, text in filter(None, records) if "--help" not in names),
        )
    for name, below in (subcommands or {}).items():
        yield from _command(below, [*path, name], level=level + 1)


def _paragraphs(text: str) -> str:
    """The help without the marks that keep a terminal from wrapping it."""
    parts = []
    for paragraph in text.strip().split("\n\n"):
        verbatim = paragraph.startswith("\b")
        shown = paragraph.removeprefix("\b\n")
        parts.append("\n".join(text_block(shown)).rstrip() if verbatim else shown)
    return "\n\n".join(parts)
