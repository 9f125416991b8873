"""Whatever fails, wherever: the database ends at a version, or between two with a named way out that works.

15 random failures in the ordinary suite, 200 with SCHEMA_SERVICE_SOAK=1; the seed is the case's number.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest

from migrations.runner import commands
from migrations.runner.errors import RunnerError
from migrations.runner.events import Listener, silent
from migrations.runner.manifest import Direction, Manifest
from migrations.runner.options import Options, address

from ...databases import EmptyDatabases
from ..kit import Command, execute, finish, manifest_json, objects, rows, wait_for
from .failing_histories import History, random_history
from .stops import stopping

CASES = 200 if os.environ.get("SCHEMA_SERVICE_SOAK") else 15
OPTIONS = Options(lock_timeout=0.05, retry=0.1, database_wait=5)
_DISK_FULL = "DO $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"
_RUNNERS = """
FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'schema-service-run-%'
"""
#: What the documentation says after a kill, which says nothing itself.
_AFTER_A_KILL = "run this again; or the other way: downgrade --to {}, or run upgrade"

Run: TypeAlias = Callable[[], None]


@dataclass
class Attempt:
    """One case: a database, and a package on the way from one of its versions to the next or back."""

    dsn: str
    folder: Path
    chance: random.Random
    history: History
    data: dict[str, Any]
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    #: The migration that fails (the first is 1) and its script.
    number: int = 0
    direction: Direction = "up"

    @property
    def start(self) -> str:
        return self.history.versions[self.number - (2 if self.direction == "up" else 1)]

    @property
    def end(self) -> str:
        return self.history.versions[self.number - (1 if self.direction == "up" else 2)]

    def go(
        self, direction: Direction, to: str, package: Manifest | None = None, listener: Listener = silent
    ) -> None:
        """A run that may destroy what a downgrade destroys."""
        package, at = package or Manifest.from_json(self.data), address(self.dsn)
        if direction == "up":
            commands.upgrade(package, at, to=to, options=OPTIONS, listener=listener)
        else:
            commands.downgrade(package, at, to=to, allow_data_loss=True, options=OPTIONS, listener=listener)

    def fail(self, package: Manifest | None = None, listener: Listener = silent) -> None:
        """The run that something happens to."""
        self.go(self.direction, self.end, package, listener)

    def assert_at(self, version: str) -> None:
        """Settled, with the objects of that version and no trace of another."""
        found = commands.status(Manifest.from_json(self.data), address(self.dsn))
        assert found.version == version
        assert {entry.status for entry in found.migrations} <= {"success", "rolled_back", "pending"}
        assert rows(self.dsn, "SELECT migration, step FROM schema_service.steps") == []
        assert objects(self.dsn) == self.known[version]

    def random_step(self) -> int:
        steps = self.data["migrations"][self.number - 1][self.direction]
        return self.chance.randrange(len(steps))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(CASES))
def test_a_failure_ends_at_a_version_or_with_a_way_out_that_works(
    seed: int, databases: EmptyDatabases, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    history = random_history(chance)
    with databases.lent() as dsn:
        attempt = Attempt(dsn, tmp_path, chance, history, manifest_json(*history.migrations))
        for version in history.versions:
            attempt.go("up", version)
            attempt.known[version] = objects(dsn)
        attempt.number = chance.randrange(2, len(history.versions) + 1)
        attempt.direction = chance.choice(("up", "down"))
        attempt.go("down", attempt.start)
        fix = None
        with TROUBLES[seed % len(TROUBLES)](attempt) as run:
            try:
                run()
            except RunnerError as error:
                fix = error.fix
        if fix is None:  # it was through before anything could happen to it
            attempt.assert_at(attempt.end)
        else:
            ways = _ways(fix, attempt)
            assert ways, fix
            way, to = chance.choice(ways)
            attempt.go(way, to)
            attempt.assert_at(to)
        # And from there to both ends.
        attempt.go("up", history.versions[-1])
        attempt.assert_at(history.versions[-1])
        attempt.go("down", history.versions[0])
        attempt.assert_at(history.versions[0])


def _ways(fix: str, attempt: Attempt) -> list[tuple[Direction, str]]:
    """The commands that the fix of an error names."""
    forward = attempt.end if attempt.direction == "up" else attempt.start
    back = attempt.start if attempt.direction == "up" else attempt.end
    named: dict[str, tuple[Direction, str]] = {
        r"(run|then run) (this|upgrade|downgrade) again": (attempt.direction, attempt.end),
        r"run upgrade\b": ("up", forward),
        rf"downgrade --to {re.escape(back)}": ("down", back),
    }
    return [way for pattern, way in named.items() if re.search(pattern, fix)]


@contextlib.contextmanager
def _rows(attempt: Attempt) -> Iterator[Run]:
    """Duplicates, NULLs, orphans, texts that are no numbers: rows that a statement of the script fails on."""
    fixes = []
    for table, part in attempt.history.uses[attempt.number - 2]:
        bad, fix = (
            (part.up_rows, part.up_fix) if attempt.direction == "up" else (part.down_rows, part.down_fix)
        )
        if bad:
            execute(attempt.dsn, bad.format(t=table))
            fixes.append(fix.format(t=table))
    yield attempt.fail
    for fix in fixes:
        # The rows may be in a table whose column has another name by now, and be gone with it.
        execute(attempt.dsn, fix)


@contextlib.contextmanager
def _locks(attempt: Attempt) -> Iterator[Run]:
    """A transaction that has read a table, for a second: some statements wait for it without a limit."""
    table, _ = attempt.chance.choice(attempt.history.uses[attempt.number - 2])
    with psycopg.connect(attempt.dsn) as other:
        other.execute(f"SELECT 1 FROM {table}")
        ending = threading.Timer(1, other.rollback)
        ending.start()
        yield attempt.fail
        ending.join()


@contextlib.contextmanager
def _lost_connection(attempt: Attempt) -> Iterator[Run]:
    yield _at_step(attempt, f"SELECT count(pg_terminate_backend(pid)) {_RUNNERS}")


@contextlib.contextmanager
def _rights(attempt: Attempt) -> Iterator[Run]:
    """A table that is given to another role in the middle of the run."""
    table, _ = attempt.chance.choice(attempt.history.uses[attempt.number - 2])
    yield _at_step(attempt, f"ALTER TABLE {table} OWNER TO postgres")
    execute(_admin(attempt), f"ALTER TABLE {table} OWNER TO scratch_owner")


@contextlib.contextmanager
def _disk(attempt: Attempt) -> Iterator[Run]:
    """The error of a full disk, at any step."""
    stopped = stopping(attempt.data, attempt.number, attempt.direction, attempt.random_step(), _DISK_FULL)
    yield lambda: attempt.fail(stopped)


@contextlib.contextmanager
def _failing_statement(attempt: Attempt) -> Iterator[Run]:
    stopped = stopping(attempt.data, attempt.number, attempt.direction, attempt.random_step())
    yield lambda: attempt.fail(stopped)


@contextlib.contextmanager
def _kill(attempt: Attempt) -> Iterator[Run]:
    yield lambda: _killed(attempt)


TROUBLES: tuple[Callable[[Attempt], AbstractContextManager[Run]], ...] = (
    *(_rows, _locks, _lost_connection, _rights, _disk, _failing_statement, _kill),
)


def _at_step(attempt: Attempt, statement: str) -> Run:
    """The run, with a statement of an administrator after so many of its steps."""
    after = attempt.random_step()

    def listen(event: str, /, **fields: Any) -> None:
        if (event == "migration_started" and after == 0) or (
            event == "step_finished" and fields["step"] == after
        ):
            execute(_admin(attempt), statement)

    return lambda: attempt.fail(listener=listen)


def _killed(attempt: Attempt) -> None:
    words = ("upgrade",) if attempt.direction == "up" else ("downgrade", "--allow-data-loss")
    command = Command.of(attempt.folder, attempt.dsn, *attempt.history.migrations)
    process = command.start(*words, "--to", attempt.end)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=attempt.chance.uniform(0.3, 1.2))
    if process.poll() is None:
        process.kill()
        finish(process)
        wait_for(attempt.dsn, f"SELECT 1 WHERE NOT EXISTS (SELECT {_RUNNERS})")
        back = attempt.start if attempt.direction == "up" else attempt.end
        raise RunnerError("killed", "the process was killed", _AFTER_A_KILL.format(back))
    code, output = finish(process)
    assert code == 0, output


def _admin(attempt: Attempt) -> str:
    return attempt.dsn.replace("scratch_owner", "postgres")
