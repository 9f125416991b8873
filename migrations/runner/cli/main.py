"""The command line: what an init container runs."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

from .. import commands
from ..errors import ExitCode, MigrationFailedError, RefusedError, RunnerError
from ..events import Reporter, redacted
from ..manifest import Manifest
from ..options import Address, address_from_environment
from ..output import silence
from . import display
from .args import options_of, parser


class _StoppedError(KeyboardInterrupt):
    """A signal came in. As a KeyboardInterrupt it makes psycopg cancel the statement in the server."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


def main(manifest: Manifest, arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the terminal may not have a name's letters
    args = parser(manifest).parse_args(arguments)
    reporter = Reporter(as_json=args.json or None, secret=None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    secret: str | None = None
    try:
        address = address_from_environment(args.database_url_env)
        secret = address.password
        reporter = Reporter(as_json=args.json or None, secret=secret)
        return _COMMANDS[args.command](*manifest.placed_at(address), args, reporter)
    except RunnerError as error:
        reporter.error(error.code, error.message, error.fix, **_fields(error))
        return error.exit_code
    except _StoppedError as stopped:
        reporter.error(
            "stopped",
            f"{stopped}; {_done_by(reporter)}",
            "run this again, or go the other way" if reporter.has_begun else "run this again",
        )
        return 128 + stopped.number
    except BrokenPipeError:  # the reader has seen enough
        silence(sys.stdout)
        return ExitCode.DONE
    except Exception as error:  # the last resort: a message instead of a traceback
        text = redacted(f"{type(error).__name__}: {error}", secret)
        reporter.error("bug", f"a bug in this program: {text}", "report it with this message")
        return ExitCode.BUG


def refuse_damaged(path: Path, error: Exception) -> int:
    """Report that the package's own file can't be read; return the exit code."""
    what = f"{path} is damaged, or made for another runner ({type(error).__name__}: {error})"
    Reporter(as_json=None, secret=None).error("damaged", what, "install the package again")
    return ExitCode.BUG


def _done_by(reporter: Reporter) -> str:
    if reporter.is_migrating:
        return "the running step was rolled back, and the steps before it stay"
    return "no step was running, and those before stay" if reporter.has_begun else "no step had begun"


def _fields(error: RunnerError) -> dict[str, Any]:
    if isinstance(error, MigrationFailedError):
        names = ("migration", "file", "line", "column", "sqlstate", "steps_done", "steps")
        return {name: getattr(error, name) for name in names}
    if isinstance(error, RefusedError) and error.details:
        return {"details": list(error.details)}
    return {}


def _stop(number: int, _frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # a second signal must not disturb the clean-up
    raise _StoppedError(number)


def _upgrade(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    if args.dry_run:
        return _plan(manifest, address, args, reporter)
    commands.upgrade(manifest, address, to=args.to, options=options_of(args), listener=reporter)
    return ExitCode.DONE


def _downgrade(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    if args.dry_run:
        return _plan(manifest, address, args, reporter, down=True)
    commands.downgrade(
        manifest,
        address,
        to=args.to,
        allow_data_loss=args.allow_data_loss,
        options=options_of(args),
        listener=reporter,
    )
    return ExitCode.DONE


def _retry(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    commands.retry(
        manifest,
        address,
        allow_data_loss=args.allow_data_loss,
        options=options_of(args),
        listener=reporter,
    )
    return ExitCode.DONE


def _plan(
    manifest: Manifest,
    address: Address,
    args: argparse.Namespace,
    reporter: Reporter,
    *,
    down: bool | None = None,
) -> int:
    # Standard output is for the answer; events such as waiting for a database go to standard error.
    found = commands.plan(
        manifest,
        address,
        to=args.to,
        down=getattr(args, "down", False) if down is None else down,
        options=options_of(args),
        listener=reporter.to(sys.stderr),
    )
    display.show_plan(found, as_json=args.json)
    return ExitCode.DONE


def _status(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    listener = reporter.to(sys.stderr)
    found = commands.status(manifest, address, options=options_of(args), listener=listener)
    display.show_status(found, as_json=args.json)
    return ExitCode.DONE


def _history(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    listener = reporter.to(sys.stderr)
    rows = commands.history(manifest, address, options=options_of(args), listener=listener)
    display.show_history(rows, as_json=args.json)
    return ExitCode.DONE


def _users(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    found = commands.users(
        manifest,
        address,
        below=args.below,
        broken_by=args.broken_by,
        options=options_of(args),
        listener=reporter.to(sys.stderr),
    )
    display.show_users(found, as_json=args.json)
    is_asked = args.below is not None or args.broken_by is not None
    return ExitCode.REFUSED if is_asked and found.clients else ExitCode.DONE


def _verify(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    listener = reporter.to(sys.stderr)
    found = commands.verify(manifest, address, options=options_of(args), listener=listener)
    display.show_verification(found, as_json=args.json)
    return ExitCode.REFUSED if found.differences else ExitCode.DONE


def _baseline(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    commands.baseline(manifest, address, to=args.to, options=options_of(args), listener=reporter)
    return ExitCode.DONE


def _resolve(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    commands.resolve(manifest, address, to=args.to, options=options_of(args), listener=reporter)
    return ExitCode.DONE


def _wait(manifest: Manifest, address: Address, args: argparse.Namespace, reporter: Reporter) -> int:
    commands.wait(manifest, address, seconds=args.timeout, options=options_of(args), listener=reporter)
    return ExitCode.DONE


_COMMANDS: dict[str, Callable[[Manifest, Address, argparse.Namespace, Reporter], int]] = {
    "upgrade": _upgrade,
    "downgrade": _downgrade,
    "retry": _retry,
    "plan": _plan,
    "status": _status,
    "history": _history,
    "users": _users,
    "verify": _verify,
    "baseline": _baseline,
    "resolve": _resolve,
    "wait": _wait,
}
