"""The commands by name. A command's module is imported when it is called: importing all of them takes over
a second."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ..chosen_schema import choose_schema
from ..loading import loading
from .remembered import Group

#: Name, module and attribute in it, and its line in the list of commands.
COMMANDS = (
    ("init", "init", "init", "Create a workspace."),
    ("new", "versions", "new", "Draft a new version."),
    ("rename-draft", "drafts", "rename_draft", "Give a draft another number."),
    ("delete-draft", "drafts", "delete_draft", "Delete a draft."),
    ("diff", "diff", "diff", "Show what changed between two versions, and for whom."),
    ("changelog", "drafts", "changelog", "Show a version's changelog, or write it down to edit it."),
    ("check", "check", "check", "Validate a version and show every problem in it."),
    ("migration", "migration", "app", "Write migrations."),
    ("generate", "build", "generate", "Write the sources of the four packages, for review."),
    ("build", "build", "build", "Build the four artifacts."),
    ("publish", "publish", "publish_version", "Publish a version, or packages of a draft."),
    ("push", "publish", "push_version", "Upload a version that nobody gets unasked."),
    ("promote", "publish", "promote_version", "Make a pushed version visible."),
    ("versions", "versions", "versions", "List the versions: drafts, published, latest."),
    ("show", "versions", "show", "Show a version: description, migrations, changelog, packages."),
    ("latest", "lifecycle.latest", "app", "Choose which version is latest."),
    ("rollback", "lifecycle.latest", "rollback", "Move latest back, and databases with it where asked."),
    ("withdraw", "lifecycle.withdraw", "withdraw", "Mark a version as one that nobody should use."),
    ("restore", "lifecycle.withdraw", "restore", "Take back that a version is withdrawn."),
    ("repair", "lifecycle.repair", "repair", "Let registries and state database agree again."),
    ("log", "history", "log", "Show what happened to the versions, when, and by whom."),
    ("amend", "history", "amend", "Correct what was published about a version."),
    ("verify", "trust.verify", "verify", "Verify a published version: digests, signatures, rebuild."),
    ("constraints", "trust.constraints", "constraints", "Write hashes for `pip install --require-hashes`."),
    ("audit", "trust.audit", "audit", "Warn where a consumer could get a stranger's package."),
    ("key", "trust.key", "app", "The keys that sign releases."),
    (
        "releases",
        "lifecycle.releases",
        "releases",
        "List the releases that were begun here, and how each ended.",
    ),
    ("release", "lifecycle.releases", "app", "Look at one release."),
    (
        "databases",
        "lifecycle.databases",
        "databases",
        "List the registered databases: version, what is pending, drift.",
    ),
    (
        "users",
        "lifecycle.users",
        "users",
        "List which versions of the clients are connected to registered databases.",
    ),
    ("migrate", "runs.migrate", "migrate", "Migrate a registered database, or all with a label."),
    ("runs", "runs.runs", "runs", "List the migration runs."),
    ("run", "runs.runs", "app", "Look at one migration run, cancel it, or try it again."),
    ("fleets", "runs.fleets", "fleets", "List the fleet runs: one version for all databases with a label."),
    ("fleet", "runs.fleets", "app", "Look at one fleet run, pause it, or go on with it."),
    ("worker", "runs.worker", "work", "Do the migration runs that are asked for, until Ctrl-C."),
    ("token", "runs.token", "app", "Tokens that let programs write over the API."),
    ("deliveries", "deliveries", "deliveries", "Show what was announced, and send it again."),
    ("feed", "feed", "feed", "Write an Atom feed of the releases."),
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


class LazyGroup(Group):
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
    target = getattr(import_module(f"..commands.{module}", __package__), attribute)
    if not isinstance(target, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=_HELP_NAMES)
        app.command(name)(target)
        target = app
    target.info.cls = Group
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
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema",
            metavar="NAME",
            help="Another schema of this service: [schemas.NAME] in the settings.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Compile versions of a Prisma schema into packages and push them to private
    registries."""
    choose_schema(schema)
