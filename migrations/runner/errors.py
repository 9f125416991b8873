"""Why a run ended without doing what it was asked, and the exit code that says who has to act.

::

    RunnerError                  code, message, fix
    ├── UsageError               exit 2: no database given, unknown version
    ├── RefusedError             exit 1: nothing was changed, on purpose; the message names the migrations
    ├── MigrationFailedError     exit 1: Postgres refused a statement; the step was rolled back
    └── TryAgainError            exit 75: the database or a lock isn't available; the same run may succeed
        └── CommitUnknownError   the answer to a COMMIT was lost: the journal tells whether it happened
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of the command. 75 is EX_TEMPFAIL of sysexits.h; 130 and 143 are 128 + the signal."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    BUG = 70
    TRY_AGAIN = 75
    INTERRUPTED = 130
    TERMINATED = 143


class RunnerError(Exception):
    """Base of every expected failure. ``code`` is a stable name for programs, ``fix`` what to do next."""

    exit_code: ClassVar[ExitCode] = ExitCode.REFUSED

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  fix: {self.fix}"


class UsageError(RunnerError):
    """The call itself is wrong: no database is given, or the version is not in this package."""

    exit_code = ExitCode.USAGE


class RefusedError(RunnerError):
    """The database and this package contradict each other; nothing was changed.

    ``details`` are the findings, one line each: differences, objects that would be lost.
    """

    def __init__(self, code: str, message: str, fix: str, details: Sequence[str] = ()) -> None:
        super().__init__(code, message, fix)
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  - {detail}" for detail in self.details), f"  fix: {self.fix}"])


class MigrationFailedError(RunnerError):
    """Postgres refused a statement of a migration.

    ``file`` is the script's path below the package's ``sql`` folder; ``line`` and ``column`` count from 1 and
    are those of the error where Postgres gives it, else of the statement. ``sqlstate`` is Postgres' own code.
    ``steps_done`` of the script's ``steps`` are committed.
    """

    def __init__(
        self,
        *,
        migration: str,
        file: str,
        line: int | None,
        column: int | None,
        reason: str,
        sqlstate: str | None,
        fix: str,
        steps_done: int,
        steps: int,
    ) -> None:
        place = file if line is None else f"{file}:{line}:{column}"
        super().__init__(
            "migration-failed",
            f"{migration} failed at {place}: {reason}",
            fix,
        )
        self.migration = migration
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
        self.sqlstate = sqlstate
        self.steps_done = steps_done
        self.steps = steps


class TryAgainError(RunnerError):
    """A temporary condition: a database that is starting, a lock that others hold, a lost connection."""

    exit_code = ExitCode.TRY_AGAIN


class CommitUnknownError(TryAgainError):
    """The connection broke between COMMIT and its answer."""

    def __init__(self) -> None:
        super().__init__(
            "commit-unknown",
            "the connection broke between COMMIT and its answer",
            "run this again: the journal tells whether the step was committed",
        )
