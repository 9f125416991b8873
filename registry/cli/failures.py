"""Everything that ends a command early, as problems and an exit code."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import FrameType

import typer

from schemas.errors import ExitCode, Problem, ServiceError

from ..os_errors import refusal


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended early: at least one problem, and the exit code that says who has to act."""

    problems: tuple[Problem, ...]
    exit_code: int


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end. It unwinds the stack, so that all that was started is stopped.

    Who leaves something that keeps the same command from running again sets another ``fix``.
    """

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number
        self.fix = _INTERRUPTED.fix


def stop_on_signals() -> None:
    """Let Ctrl-C, an orderly kill and a closed terminal raise :class:`Interrupted`."""
    # A shell starts background jobs with SIGINT ignored; whoever sends one anyway means it.
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup the terminal does not matter
        signal.signal(signal.SIGHUP, _stop)


def exit_code_of(interrupt: KeyboardInterrupt) -> int:
    """128 + the signal's number, as shells count."""
    return interrupt.exit_code if isinstance(interrupt, Interrupted) else 128 + signal.SIGINT


def failure_of(error: BaseException, arguments: Sequence[str]) -> Failure:
    """How to report ``error``, raised for the command line ``arguments``."""
    if isinstance(error, ServiceError):
        return Failure(error.problems, error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        fix = error.fix if isinstance(error, Interrupted) else _INTERRUPTED.fix
        return Failure((replace(_INTERRUPTED, fix=fix),), exit_code_of(error))
    if isinstance(error, typer.TyperException):
        return Failure((_wrong_usage(error, arguments),), ExitCode.USAGE)
    if isinstance(error, OSError) and (problem := refusal(error)) is not None:
        return Failure((problem,), ExitCode.USER)
    return Failure((_our_bug(error),), ExitCode.BUG)


def is_call_for_help(error: BaseException) -> bool:
    """Whether a command was called without arguments, so that its help is shown."""
    # Typer doesn't export the class.
    return type(error).__name__ == "NoArgsIsHelpError"


_INTERRUPTED = Problem(
    code="interrupted",
    message="interrupted; nothing is left running",
    fix="run the command again to continue",
)


def _wrong_usage(error: typer.TyperException, arguments: Sequence[str]) -> Problem:
    """A command line that isn't understood. Its text may hold anything that was typed."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "schema-service"
    message = error.format_message().rstrip(".")
    return Problem(
        code="wrong-usage",
        message=message or f"{' '.join(arguments)!r} is not a command",
        fix=getattr(error, "fix", None) or f"see {command} --help",
    )


def _our_bug(error: BaseException) -> Problem:
    return Problem(
        code="bug",
        message=f"this is a bug in schema-service: {type(error).__name__}: {error}",
        fix="please report it with what SCHEMA_SERVICE_DEBUG=1 prints for the same command",
    )


def _stop(signal_number: int, _frame: FrameType | None) -> None:
    raise Interrupted(signal_number)
