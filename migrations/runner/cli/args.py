"""The command line's arguments, and its help."""

from __future__ import annotations

import argparse
import re

from ..address.address import DEFAULT_URL_VARIABLE
from ..manifest import Manifest
from ..options import Options
from ..planning.planning import NOTHING

_EPILOG = f"""\
The database is given by {DEFAULT_URL_VARIABLE}, or by libpq's own variables (PGHOST, PGDATABASE, …).
There is no option for it, since every process on the machine can read a command line.

exit codes:
  0    done, or nothing to do: the database is at the version that was asked for
  1    refused, or a migration failed: a person has to act
  2    wrong usage: nothing was changed
  75   try again: the database, its locks or another runner were in the way
  130  interrupted (SIGINT); 143 terminated (SIGTERM): the statement was cancelled
  70   a bug in this program

What 1, 75, 130, 143, 70 and a kill leave: whole migrations, and of the one that failed whole steps (a script
of one step is done or not; a backfill goes in batches; what an interrupted index has left is dropped, by the
next run where a transaction is in the way). Each is recorded. From there either way works:
  upgrade      goes on after the last step; after a downgrade that stopped, it applies the steps again
  downgrade    undoes the steps that are done, after asking what that would destroy; or goes on with its own
  resolve      records the version that hands have brought the database to, if it matches that version
A message that says "nothing was changed" means that.
"""
_RETRY = (
    "how long to retry a step after that, or after a deadlock, and how long a statement with CONCURRENTLY, "
    "which makes nobody wait, waits for a transaction of others"
)


def parser(manifest: Manifest) -> argparse.ArgumentParser:
    """The parser of the command for this manifest."""
    root = argparse.ArgumentParser(
        prog=manifest.package,
        description=f"Migrates a Postgres database between the versions of the schema "
        f"{manifest.schema_name!r} (this package has {', '.join(manifest.versions)}).".replace("%", "%%"),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"{manifest.package} {manifest.package_version}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared, run_options = _shared(), _run_options()
    target = f"stop at this version (default: {manifest.version})"
    back = f"the version to go back to, or {NOTHING!r} for an empty database"

    def add(
        name: str, text: str, *parents: argparse.ArgumentParser, to: str | None = None, required: bool = False
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            parents=[shared, *parents],
            help=text,
            description=text,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if to is not None:
            command.add_argument("--to", metavar="VERSION", required=required, help=to)
        return command

    up = add("upgrade", "apply what is missing", run_options, to=target)
    down = add("downgrade", "undo what is above a version", run_options, to=back, required=True)
    again = add("retry", "continue the last run, which failed or was interrupted", run_options)
    for command in (up, down):
        command.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
    for command in (down, again):
        command.add_argument(
            "--allow-data-loss", action="store_true", help="go back even where that destroys data"
        )
    forecast = add("plan", "show what upgrade would do, and do nothing", to=target)
    forecast.add_argument("--down", action="store_true", help="show what downgrade --to would do")
    add("status", "show the database's version and the state of each migration")
    add("history", "show everything that happened, oldest first")
    connected = add("users", "show which versions of the schema's clients are connected now")
    connected.add_argument(
        "--below", type=_version, metavar="VERSION", help="only those before this version; exit 1 if any is"
    )
    connected.add_argument(
        "--broken-by",
        metavar="VERSION",
        help="only those that work no more on a database at this version, one of this package; exit 1 if any",
    )
    add("verify", "compare the database with its version as rehearsed")
    add(
        "baseline",
        "adopt a database made by other means (Prisma Migrate, by hand): record its version, run nothing",
        run_options,
        to="the version that it is at (default: detected)",
    )
    add(
        "resolve",
        "record the version of a database that was brought there by hand, if it matches it; run nothing",
        run_options,
        to="the version that it is at",
        required=True,
    )
    wait = add("wait", "wait until the database is at this package's version, or at one compatible with it")
    wait.add_argument(
        "--timeout", type=_seconds, default=300.0, metavar="SECONDS", help="then exit 75 (default: 300)"
    )
    return root


def options_of(arguments: argparse.Namespace) -> Options:
    """The options that the arguments give."""
    known = {"lock_timeout", "retry", "runner_wait", "check_timeout", "progress", "batch", "allow_draft"}
    names = known & vars(arguments).keys()
    return Options(database_wait=arguments.wait, **{name: getattr(arguments, name) for name in names})


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", help="one JSON line per event (the default unless on a terminal)"
    )
    shared.add_argument(
        "--database-url-env",
        metavar="NAME",
        help=f"the environment variable with the database's URL (default: {DEFAULT_URL_VARIABLE})",
    )
    _add_seconds(
        shared, "--wait", Options().database_wait, "how long to wait for a database that is starting"
    )
    return shared


def _run_options() -> argparse.ArgumentParser:
    defaults = Options()
    run_options = argparse.ArgumentParser(add_help=False)
    for name, value, text in (
        ("--runner-wait", defaults.runner_wait, "how long to wait for another runner"),
        ("--lock-timeout", defaults.lock_timeout, "how long one attempt may make other sessions wait"),
        ("--retry", defaults.retry, _RETRY),
        ("--check-timeout", defaults.check_timeout, "how long one check of the data before a run may take"),
        ("--progress", defaults.progress, "how often to report on a long statement"),
    ):
        _add_seconds(run_options, name, value, text)
    run_options.add_argument(
        "--batch",
        type=_rows,
        default=defaults.batch,
        metavar="ROWS",
        help=f"how many rows a batch of a backfill covers (default: {defaults.batch})",
    )
    run_options.add_argument(
        "--allow-draft",
        action="store_true",
        help="run the package of a draft, on a database that can be made anew",
    )
    return run_options


def _add_seconds(target: argparse.ArgumentParser, name: str, value: float, text: str) -> None:
    target.add_argument(
        name, type=_seconds, default=value, metavar="SECONDS", help=f"{text} (default: {value:g})"
    )


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("must be a number of seconds between 0 and 86400")
    return value


def _version(text: str) -> str:
    if re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", text) is None:
        raise argparse.ArgumentTypeError("must be a version, such as 2.0.0")
    return text


def _rows(text: str) -> int:
    value = _number(text)
    if not 1 <= value <= 10_000_000 or value != int(value):
        raise argparse.ArgumentTypeError("must be a number of rows between 1 and 10000000")
    return int(value)


def _number(text: str) -> float:
    """A negative number for text that isn't one, so that it is refused with the same message."""
    try:
        return float(text)
    except ValueError:
        return -1.0
