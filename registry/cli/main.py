"""The command ``schema-service``: its commands, and the one place that catches what they raise."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib.metadata import version as installed_version
from typing import Annotated

import typer
from click.exceptions import Abort, ClickException

from schemas.errors import ExitCode, ServiceError

from . import (
    build_command,
    check_command,
    demo_command,
    init_command,
    migration_command,
    publish_command,
    serve_command,
    toolchain_command,
    up_command,
    versions_command,
)
from .output import error_console, show_failure

app = typer.Typer(
    name="schema-service",
    help="Compile versions of a Prisma schema into packages and push them to private registries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 yours to fix, 2 wrong usage, "
    "3 a service failed (safe to run again), 70 our bug.",
)

init_command.register(app)
versions_command.register(app)
check_command.register(app)
migration_command.register(app)
build_command.register(app)
publish_command.register(app)
serve_command.register(app)
up_command.register(app)
demo_command.register(app)
toolchain_command.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(installed_version("schema-service"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compile versions of a Prisma schema into packages and push them to private registries."""


def main() -> None:
    """The console script's entry point; ends the process with one of :class:`ExitCode`."""
    signal.signal(signal.SIGTERM, _stop)
    # A shell starts background jobs with SIGINT ignored; whoever sends it means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. No exception leaves this function."""
    as_json = "--json" in arguments
    try:
        outcome = app(arguments, standalone_mode=False)
    except ServiceError as error:
        return show_failure(error, as_json=as_json)
    except ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (Abort, KeyboardInterrupt):
        error_console.print("interrupted")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader (head, less) has what it wanted; nothing may be written on the way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        return _show_bug(error)
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _show_bug(error: Exception) -> int:
    if os.environ.get("SCHEMA_SERVICE_DEBUG"):
        traceback.print_exception(error)
    error_console.print(
        f"This is a bug in schema-service: {type(error).__name__}: {error}\n"
        "Please report it with what SCHEMA_SERVICE_DEBUG=1 prints for the same command.",
        markup=False,
    )
    return ExitCode.BUG


def _stop(signal_number: int, _frame: object) -> None:
    # SystemExit unwinds the stack, so that every server that was started is stopped.
    sys.exit(128 + signal_number)
