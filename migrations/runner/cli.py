"""The command line: what an init container runs."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from .errors import ExitCode, MigrationFailedError, RunnerError
from .events import Reporter, redacted
from .manifest import Manifest
from .options import DEFAULT_URL_VARIABLE, Address, Options, address_from_environment
from .planning import NOTHING

_EPILOG = f"""\
The database is named by {DEFAULT_URL_VARIABLE}, or by libpq's own variables (PGHOST, PGDATABASE, …).
There is no option for it: what stands on a command line can be read by every process of the machine.

exit codes:
  0    done, or nothing to do
  1    refused, or a migration failed: somebody has to look; nothing is half done
  2    wrong usage
  75   try again: the database, its locks or another runner were in the way
  130  interrupted (SIGINT); 143 terminated (SIGTERM): the statement was cancelled and rolled back
  70   a fault of this program
"""


class _StoppedError(KeyboardInterrupt):
    """A signal came in. As a KeyboardInterrupt it makes psycopg cancel the statement in the server."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def main(manifest: Manifest, arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser(manifest).parse_args(arguments)
    reporter = Reporter(as_json=options.json or None, secret=None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    secret: str | None = None
    try:
        address = address_from_environment(options.database_url_env)
        secret = address.password
        reporter = Reporter(as_json=options.json or None, secret=secret)
        _COMMANDS[options.command](manifest, address, options, reporter)
    except MigrationFailedError as error:
        place = {"migration": error.migration, "file": error.file, "line": error.line, "column": error.column}
        reporter.error(error.code, error.message, error.fix, sqlstate=error.sqlstate, **place)
        return error.exit_code
    except RunnerError as error:
        reporter.error(error.code, error.message, error.fix)
        return error.exit_code
    except _StoppedError as stopped:
        reporter.error("stopped", f"stopped by {stopped}; the running step was rolled back", "run it again")
        return 128 + stopped.number
    except Exception as error:  # the last line of defence: a message instead of a traceback
        text = redacted(f"{type(error).__name__}: {error}", secret)
        reporter.error("bug", f"a fault of this program: {text}", "report it with this message")
        return ExitCode.BUG
    return ExitCode.DONE


def _stop(number: int, _frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # one is enough: a second must not disturb the clean-up
    raise _StoppedError(number)


def _upgrade(manifest: Manifest, address: Address, options: argparse.Namespace, reporter: Reporter) -> None:
    # Imported late: `--help` and wrong usage need no database driver.
    from . import commands  # noqa: PLC0415

    commands.upgrade(manifest, address, to=options.to, options=_patience(options), listener=reporter)


def _downgrade(manifest: Manifest, address: Address, options: argparse.Namespace, reporter: Reporter) -> None:
    from . import commands  # noqa: PLC0415

    commands.downgrade(manifest, address, to=options.to, options=_patience(options), listener=reporter)


def _status(manifest: Manifest, address: Address, options: argparse.Namespace, reporter: Reporter) -> None:
    from . import commands, display  # noqa: PLC0415

    # Standard output belongs to the answer; waiting for a database is told beside it.
    listener = reporter.to(sys.stderr)
    found = commands.status(manifest, address, options=_patience(options), listener=listener)
    display.show_status(found, as_json=options.json)


def _history(manifest: Manifest, address: Address, options: argparse.Namespace, reporter: Reporter) -> None:
    from . import commands, display  # noqa: PLC0415

    listener = reporter.to(sys.stderr)
    rows = commands.history(manifest, address, options=_patience(options), listener=listener)
    display.show_history(rows, as_json=options.json)


_COMMANDS = {"upgrade": _upgrade, "downgrade": _downgrade, "status": _status, "history": _history}


def _patience(options: argparse.Namespace) -> Options:
    return Options(
        lock_timeout=options.lock_timeout,
        retry=options.retry,
        database_wait=options.wait,
        runner_wait=options.runner_wait,
    )


def _parser(manifest: Manifest) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=manifest.package,
        description=f"Migrates a Postgres database between the versions of the schema "
        f"{manifest.schema_name!r} (this package holds {', '.join(manifest.versions)}).".replace("%", "%%"),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"{manifest.package} {manifest.package_version}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = _shared_options()
    up = commands.add_parser("upgrade", parents=[shared], help="apply what is missing")
    up.add_argument("--to", metavar="VERSION", help=f"stop at this version (default: {manifest.version})")
    down = commands.add_parser("downgrade", parents=[shared], help="take back what is above a version")
    down.add_argument("--to", metavar="VERSION", required=True, help=f"or {NOTHING!r}, for an empty database")
    commands.add_parser("status", parents=[shared], help="where the database is, migration by migration")
    commands.add_parser("history", parents=[shared], help="everything that happened, oldest first")
    return parser


def _shared_options() -> argparse.ArgumentParser:
    defaults = Options()
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="one JSON line an event (default off a terminal)")
    shared.add_argument(
        "--database-url-env",
        metavar="NAME",
        help=f"the environment variable with the database's URL (default: {DEFAULT_URL_VARIABLE})",
    )
    for name, value, text in (
        ("--wait", defaults.database_wait, "how long a database that is starting is waited for"),
        ("--runner-wait", defaults.runner_wait, "how long another runner is waited for"),
        ("--lock-timeout", defaults.lock_timeout, "how long one attempt may hold up other sessions"),
        ("--retry", defaults.retry, "how long a step is tried again after that, or after a deadlock"),
    ):
        shared.add_argument(
            name, type=_seconds, default=value, metavar="SECONDS", help=f"{text} (default: {value:g})"
        )
    return shared


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds between 0 and 86400 is needed")
    return value
