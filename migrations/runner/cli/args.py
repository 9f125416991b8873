"""The command line's words, and its help."""

from __future__ import annotations

import argparse

from ..address import DEFAULT_URL_VARIABLE
from ..manifest import Manifest
from ..options import Options
from ..planning.planning import NOTHING

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


def parser(manifest: Manifest) -> argparse.ArgumentParser:
    """Of the command over this manifest."""
    root = argparse.ArgumentParser(
        prog=manifest.package,
        description=f"Migrates a Postgres database between the versions of the schema "
        f"{manifest.schema_name!r} (this package holds {', '.join(manifest.versions)}).".replace("%", "%%"),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"{manifest.package} {manifest.package_version}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    reading, running = _shared(), _patience()
    target = f"stop at this version (default: {manifest.version})"
    back = f"the version to go back to, or {NOTHING!r} for an empty database"

    def add(
        name: str, text: str, *parents: argparse.ArgumentParser, to: str | None = None, required: bool = False
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            parents=[reading, *parents],
            help=text,
            description=text,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if to is not None:
            command.add_argument("--to", metavar="VERSION", required=required, help=to)
        return command

    up = add("upgrade", "apply what is missing", running, to=target)
    down = add("downgrade", "take back what is above a version", running, to=back, required=True)
    again = add("retry", "take up the last run, which failed or was cut short", running)
    for command in (up, down):
        command.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    for command in (down, again):
        command.add_argument(
            "--allow-data-loss", action="store_true", help="go back even where that destroys data"
        )
    forecast = add("plan", "tell what upgrade would do, and do nothing", to=target)
    forecast.add_argument("--down", action="store_true", help="what downgrade --to would do")
    add("status", "where the database is, migration by migration")
    add("history", "everything that happened, oldest first")
    add("verify", "compare the database with what its version consists of")
    add(
        "baseline",
        "adopt a database that something else has made (Prisma Migrate, by hand): record it, run nothing",
        running,
        to="the version that it is at (default: found out)",
    )
    wait = add("wait", "until the database is at this package's version, or at one compatible with it")
    wait.add_argument(
        "--timeout", type=_seconds, default=300.0, metavar="SECONDS", help="then exit 75 (default: 300)"
    )
    return root


def options_of(words: argparse.Namespace) -> Options:
    """The patience that was asked for."""
    names = {"lock_timeout", "retry", "runner_wait", "progress", "batch"} & vars(words).keys()
    return Options(database_wait=words.wait, **{name: getattr(words, name) for name in names})


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="one JSON line an event (default off a terminal)")
    shared.add_argument(
        "--database-url-env",
        metavar="NAME",
        help=f"the environment variable with the database's URL (default: {DEFAULT_URL_VARIABLE})",
    )
    _add_seconds(
        shared, "--wait", Options().database_wait, "how long a database that is starting is waited for"
    )
    return shared


def _patience() -> argparse.ArgumentParser:
    defaults = Options()
    patience = argparse.ArgumentParser(add_help=False)
    for name, value, text in (
        ("--runner-wait", defaults.runner_wait, "how long another runner is waited for"),
        ("--lock-timeout", defaults.lock_timeout, "how long one attempt may hold up other sessions"),
        ("--retry", defaults.retry, "how long a step is tried again after that, or after a deadlock"),
        ("--progress", defaults.progress, "how often a statement that goes on and on is reported"),
    ):
        _add_seconds(patience, name, value, text)
    patience.add_argument(
        "--batch",
        type=_rows,
        default=defaults.batch,
        metavar="ROWS",
        help=f"how many rows a batch of a backfill walks over (default: {defaults.batch})",
    )
    return patience


def _add_seconds(target: argparse.ArgumentParser, name: str, value: float, text: str) -> None:
    target.add_argument(
        name, type=_seconds, default=value, metavar="SECONDS", help=f"{text} (default: {value:g})"
    )


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds between 0 and 86400 is needed")
    return value


def _rows(text: str) -> int:
    value = _number(text)
    if not 1 <= value <= 10_000_000 or value != int(value):
        raise argparse.ArgumentTypeError("a number of rows between 1 and 10000000 is needed")
    return int(value)


def _number(text: str) -> float:
    """Less than any that is accepted for what is no number: it is refused with the same words."""
    try:
        return float(text)
    except ValueError:
        return -1.0
