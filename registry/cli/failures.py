"""Everything that ends a command early, as problems and an exit code."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

import typer

from schemas.errors import ExitCode, Problem, ServiceError

_FIXES = {
    errno.ENOSPC: "free some disk space, then run this again",
    errno.EDQUOT: "free some of your quota, then run this again",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f), then run this again",
    errno.EROFS: "use a place that can be written",
    errno.EACCES: "let this user read and write it, or use another place",
    errno.EPERM: "let this user read and write it, or use another place",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then run this again",
    errno.ENFILE: "close other programs, then run this again",
    errno.ENOMEM: "close other programs, then run this again",
    errno.ENOTDIR: "a file is where a folder should be: move it away, or use another place",
    errno.EISDIR: "a folder is where a file should be: move it away, or use another place",
    errno.EEXIST: "something is there already: move it away, or use another place",
    errno.ENAMETOOLONG: "use a shorter name or another place",
    errno.ELOOP: "mend the symbolic links, which lead in a circle",
    errno.EIO: "check the disk, then run this again",
    errno.ESTALE: "check the network drive, then run this again",
    errno.EINVAL: "use another name or place",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended early: never empty, and who has to act."""

    problems: tuple[Problem, ...]
    exit_code: int


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end. It unwinds the stack, so that all that was started is stopped."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number


def stop_on_signals() -> None:
    """Let Ctrl-C, an orderly kill and a closed terminal raise :class:`Interrupted`."""
    # A shell starts background jobs with SIGINT ignored; whoever sends it means it.
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup the terminal does not matter
        signal.signal(signal.SIGHUP, _stop)


def exit_code_of(interrupt: KeyboardInterrupt) -> int:
    """128 + the signal's number, as shells count."""
    return interrupt.exit_code if isinstance(interrupt, Interrupted) else 128 + signal.SIGINT


def failure_of(error: BaseException, arguments: Sequence[str]) -> Failure:
    """What to tell of ``error``, which the command line ``arguments`` led to."""
    if isinstance(error, ServiceError):
        return Failure(error.problems, error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        return Failure((_INTERRUPTED,), exit_code_of(error))
    if isinstance(error, typer.TyperException):
        return Failure((_wrong_usage(error, arguments),), ExitCode.USAGE)
    if isinstance(error, OSError) and (problem := _refused_by_system(error)) is not None:
        return Failure((problem,), ExitCode.USER)
    return Failure((_our_bug(error),), ExitCode.BUG)


def is_call_for_help(error: BaseException) -> bool:
    """Whether a command was called with nothing, and its help is the answer."""
    # Typer keeps the class to itself, and tells it by its name too.
    return type(error).__name__ == "NoArgsIsHelpError"


_INTERRUPTED = Problem(
    code="interrupted",
    message="interrupted; nothing is left running",
    fix="run the command again when it suits",
)


def _wrong_usage(error: typer.TyperException, arguments: Sequence[str]) -> Problem:
    """A command line that isn't understood. Its text may hold anything that was typed."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "schema-service"
    message = error.format_message().rstrip(".")
    return Problem(
        code="wrong-usage",
        message=message or f"{' '.join(arguments)!r} is not a command",
        fix=f"see {command} --help",
    )


def _refused_by_system(error: OSError) -> Problem | None:
    """What to say where the system refused something; None where that can only be a bug of ours."""
    if error.errno == errno.ENOENT and not _has_working_folder():
        return Problem(
            code="no-working-folder",
            message="the current folder does not exist any more",
            fix="change into one that does: cd",
        )
    if error.errno == errno.ENOENT and "temporary directory" in str(error):
        return Problem(
            code="no-temporary-folder",
            message="there is no folder for temporary files that can be written",
            fix="make room in the system's, or set TMPDIR to one that can be written",
        )
    fix = _FIXES.get(error.errno or 0)
    if fix is None:
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return Problem(code="refused-by-system", message=f"{where}{error.strerror}", fix=fix)


def _our_bug(error: BaseException) -> Problem:
    return Problem(
        code="bug",
        message=f"this is a bug in schema-service: {type(error).__name__}: {error}",
        fix="please report it with what SCHEMA_SERVICE_DEBUG=1 prints for the same command",
    )


def _has_working_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - only asked whether there is one
    except OSError:
        return False
    return True


def _stop(signal_number: int, _frame: FrameType | None) -> None:
    raise Interrupted(signal_number)
