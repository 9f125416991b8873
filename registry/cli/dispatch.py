"""Runs one command: the one place that catches what commands raise."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import typer

from schemas.errors import ExitCode

from .command_names.command_index import command_line
from .failures import Failure, failure_of, is_call_for_help, stop_on_signals
from .output import show_failure
from .streams import prepare_streams, silence

PROGRAM = "schema-service"


def run_as_process(arguments: list[str]) -> int:
    """Run one command, to which this process's signals and streams belong; returns one of :class:`ExitCode`,
    or 128 + a signal."""
    stop_on_signals()
    prepare_streams()
    return _flushed(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. No exception leaves this function."""
    try:
        return _run(arguments)
    except BrokenPipeError:
        silence()
        return ExitCode.DONE
    except (Exception, KeyboardInterrupt) as error:
        if is_call_for_help(error):
            typer.echo(str(error), err=True)
            return ExitCode.USAGE
        if os.environ.get("SCHEMA_SERVICE_DEBUG"):
            import traceback  # noqa: PLC0415 - only needed here

            traceback.print_exception(error)
        return _tell(failure_of(error, arguments), as_json="--json" in arguments)


def _run(arguments: list[str]) -> int:
    # Not typer's own main(): it would turn a closed pipe and an interrupt into exit codes of its own.
    command = command_line()
    try:
        with command.make_context(PROGRAM, list(arguments)) as context:
            Path.cwd()  # every command works in it; without it that is the only problem to report
            outcome = command.invoke(context)
    except typer.Exit as asked:
        outcome = asked.exit_code
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _tell(failure: Failure, *, as_json: bool) -> int:
    try:
        show_failure(failure.problems, failure.exit_code, as_json=as_json)
    except OSError:  # standard output is what failed
        with suppress(OSError):
            show_failure(failure.problems, failure.exit_code, as_json=False)
    return failure.exit_code


def _flushed(exit_code: int) -> int:
    """``exit_code``, unless the command's output can't be written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
    except OSError:
        silence()
        return exit_code or ExitCode.USER
    return exit_code
