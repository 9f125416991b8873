"""The commands by name. A command's module is imported when it is called: importing all of them takes over
a second."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from .loading import loading

#: Name, module and attribute in it, and its line in the list of commands.
COMMANDS = (
    ("init", "init", "init", "Create a workspace."),
    ("new", "versions", "new", "Draft a new version."),
    ("check", "check", "check", "Validate a version and show every problem in it."),
    ("migration", "migration", "app", "Write migrations."),
    ("generate", "build", "generate", "Write the sources of the four packages, for review."),
    ("build", "build", "build", "Build the four artifacts."),
    ("publish", "publish", "publish_version", "Publish a version, or packages of a draft."),
    ("push", "publish", "push_version", "Upload a version that nobody gets unasked."),
    ("promote", "publish", "promote_version", "Make a pushed version visible."),
    ("versions", "versions", "versions", "List the versions: drafts, published, latest."),
    ("show", "versions", "show", "Show a version: description, migrations, changelog, packages."),
    ("deliveries", "deliveries", "deliveries", "Show what was announced, and send it again."),
    ("serve", "serve", "serve_api", "Serve the Schema API until Ctrl-C."),
    ("up", "up", "up", "Run local registries, Postgres and the API until Ctrl-C."),
    ("demo", "demo", "demo", "Publish the sample to real servers here, and consume it."),
    ("toolchain", "toolchain", "toolchain", "Install the npm toolchain before it is first needed."),
)

_EPILOG = """\
Every command has --json. Exit codes: 0 done, 1 yours to fix, 2 wrong usage,
3 a service or the network failed (safe to run again), 70 our bug, 130 and 143
interrupted.
"""
_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


class LazyGroup(TyperGroup):
    """Lists the commands from :data:`COMMANDS`, and imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name:
            with loading():
                command = load(name)
        return name, command, rest


def command_line() -> LazyGroup:
    """``schema-service``, ready to be given arguments."""
    app = typer.Typer(
        name="schema-service",
        cls=LazyGroup,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=_HELP_NAMES,
        epilog=f"\b\n{_EPILOG}",
    )
    app.callback()(_options)
    group = typer.main.get_command(app)
    if not isinstance(group, LazyGroup):
        raise TypeError("an app with a callback is a group")
    for name, _module, _attribute, summary in COMMANDS:
        group.add_command(TyperCommand(name, help=summary))
    return group


def load(name: str) -> Any:
    """Import the command called ``name``. Raises KeyError for one that isn't in the list."""
    module, attribute = next((entry[1], entry[2]) for entry in COMMANDS if entry[0] == name)
    target = getattr(import_module(f".commands.{module}", __package__), attribute)
    if not isinstance(target, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=_HELP_NAMES)
        app.command(name)(target)
        target = app
    return typer.main.get_command(target)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as installed_version  # noqa: PLC0415 - only needed here

        typer.echo(installed_version("schema-service"))
        raise typer.Exit


def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compile versions of a Prisma schema into packages and push them to private
    registries."""
