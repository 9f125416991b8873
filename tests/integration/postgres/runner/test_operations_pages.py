"""docs/operations: every command of its pages, on a database in the state which a section is about."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from unittest import mock

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from migrations.runner.cli.main import main
from migrations.runner.connection.lock import lock_connection, runner_lock
from migrations.runner.events import silent
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address
from migrations.scratch.scratch_server import ScratchServer

from ....documented_page import DOCS, commands_of, sections
from .kit import execute, migration, rehearsed

_FIRST = migration(1, "CREATE TABLE users (id int PRIMARY KEY, email text);", "DROP TABLE users;")
#: It stops at its last step over two users with the same address: no query tells that before the second one.
_SECOND = migration(
    2,
    "ALTER TABLE users ADD handle text;"
    "-- schema-service: backfill\nUPDATE users SET handle = lower(email) || substr('', (random() * 0)::int) "
    "WHERE handle IS NULL;\nCREATE UNIQUE INDEX CONCURRENTLY users_handle ON users (handle);",
    "DROP INDEX CONCURRENTLY users_handle; ALTER TABLE users DROP handle;",
    version="2.0.0",
)
_PAGES = sorted(page.name for page in (DOCS / "operations").glob("*.md"))
#: It needs registries: see test_documented_commands.py.
_OF_RELEASES = "releases.md"
_WITHOUT_DATABASE = "exit-codes.md"
_SECTIONS = [
    (page, title)
    for page in _PAGES
    if page != _OF_RELEASES
    for title, found in sections(f"operations/{page}").items()
    if any(language in ("sh", "sql") for language, _ in found)
]


@pytest.fixture(scope="module")
def package(scratch_server: ScratchServer) -> Manifest:
    return rehearsed(scratch_server, _FIRST, _SECOND, schema_name="schema")


@pytest.fixture
def server(scratch_server: ScratchServer) -> ScratchServer:
    """One server is enough."""
    return scratch_server


@dataclass(frozen=True, slots=True)
class Runner:
    """The package's command in this process, which saves starting one."""

    package: Manifest
    dsn: str
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str, exit_code: int = 0, url: str | None = None) -> str:
        """What it prints."""
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        try:
            self.capsys.readouterr()
            variables = {**kept, "DATABASE_URL": self.dsn if url is None else url}
            with mock.patch.dict(os.environ, variables, clear=True):
                ended = main(self.package, arguments)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        printed = self.capsys.readouterr()
        assert ended == exit_code, printed.out + printed.err
        return printed.out


@pytest.fixture
def runner(dsn: str, package: Manifest, capsys: pytest.CaptureFixture[str]) -> Runner:
    """The package at 2.0.0, over a database at 1.0.0 with two users."""
    found = Runner(package, dsn, capsys)
    found.run("upgrade", "--to", "1.0.0")
    execute(dsn, "INSERT INTO users VALUES (1, 'Ann@x'), (2, 'ann@x')")
    return found


def _stopped(runner: Runner) -> AbstractContextManager[None]:
    runner.run("upgrade", exit_code=1)
    return nullcontext()


def _corrected(runner: Runner) -> AbstractContextManager[None]:
    _stopped(runner)
    execute(runner.dsn, "DELETE FROM users WHERE id = 2")
    return nullcontext()


def _finished_by_hand(runner: Runner) -> AbstractContextManager[None]:
    _corrected(runner)
    execute(runner.dsn, "CREATE UNIQUE INDEX users_handle ON users (handle)")
    return nullcontext()


def _drifted(runner: Runner) -> AbstractContextManager[None]:
    _corrected(runner)
    runner.run("retry")
    execute(runner.dsn, "CREATE INDEX users_email_by_hand ON users (email)")
    execute(runner.dsn, "ALTER TABLE users ALTER COLUMN email SET NOT NULL")
    return nullcontext()


def _ready(runner: Runner) -> AbstractContextManager[None]:
    return nullcontext()


@contextlib.contextmanager
def _locked(runner: Runner) -> Iterator[None]:
    """Another runner holds the lock until it ends, or its session does."""
    execute(runner.dsn, "DELETE FROM users WHERE id = 2")
    options = Options()
    connection = lock_connection(address(runner.dsn), options, silent)
    with contextlib.suppress(psycopg.Error), runner_lock(connection, options, "schema", silent):
        yield


@contextlib.contextmanager
def _locked_for_a_moment(runner: Runner) -> Iterator[None]:
    with contextlib.ExitStack() as lock:
        lock.enter_context(_locked(runner))
        end = threading.Timer(0.5, lock.close)
        end.start()
        yield
        end.join()


@contextlib.contextmanager
def _held_by_a_report(runner: Runner) -> Iterator[None]:
    """A run gave up because of a session that is idle in a transaction."""
    execute(runner.dsn, "DELETE FROM users WHERE id = 2")
    with contextlib.closing(psycopg.connect(runner.dsn, application_name="nightly-report")) as report:
        report.execute("SELECT count(*) FROM users")
        runner.run("upgrade", "--lock-timeout", "0.1", "--retry", "0.5", exit_code=75)
        yield


_STATES: dict[tuple[str, str], Callable[[Runner], AbstractContextManager[None]]] = {
    ("index.md", "First, look"): _stopped,
    ("exit-codes.md", "Of a migrations package"): _ready,
    ("half-applied.md", "See it"): _stopped,
    ("half-applied.md", "On"): _corrected,
    ("half-applied.md", "Back"): _stopped,
    ("half-applied.md", "By hand"): _finished_by_hand,
    ("locks.md", "Another runner"): _locked_for_a_moment,
    ("locks.md", "A runner that hangs"): _locked,
    ("locks.md", "Somebody's transaction"): _held_by_a_report,
    ("drift.md", "See it"): _drifted,
    ("drift.md", "Take it back"): _drifted,
}


def test_each_section_has_its_state() -> None:
    assert set(_SECTIONS) == set(_STATES)


@pytest.mark.parametrize(("page", "title"), _SECTIONS, ids=lambda each: each)
def test_the_commands_of_a_section(page: str, title: str, runner: Runner) -> None:
    output = ""
    with _STATES[page, title](runner):
        for language, text in sections(f"operations/{page}")[title]:
            if language == "sql":
                assert _rows(runner.dsn, text), text
            elif language == "text":
                assert output.strip() == text.strip()
            else:
                for command in commands_of(text):
                    assert command.words[0] == "schema-migrations"
                    url = "" if page == _WITHOUT_DATABASE else None
                    output = runner.run(*command.words[1:], exit_code=command.exit_code, url=url)


def _rows(dsn: str, statements: str) -> bool:
    """Whether each query has an answer; a statement that changes something has none."""
    plain = make_conninfo(dsn, options="-c datestyle=ISO -c intervalstyle=postgres")
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in filter(str.strip, statements.split(";")):
            done = connection.execute(statement.encode())
            if done.description is not None and not done.fetchall():
                return False
    return True
