"""Migrations run, in tests and benchmarks, where no setting that changes what a value means is the default.

Databases of a ScratchServer are: whoever starts a server without one gives its databases the same settings.
"""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

from migrations.scratch.scratch_server import FOREIGN_SETTINGS, ScratchServer

_TESTS = Path(__file__).parents[1]
_POSTGRES = _TESTS / "integration" / "postgres"
_FOLDERS = (*(_POSTGRES / name for name in ("runner", "rehearsal", "planner")), _TESTS / "benchmarks")
_STARTS = re.compile(r"\b(?:run_postgres|embedded_postgres|debian_server)\b")
_GIVES = re.compile(r"\b(?:ScratchServer|foreign_settings|scratch)\(")


def test_every_database_has_other_settings_than_the_defaults(scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as dsn, psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT name, setting, boot_val FROM pg_settings WHERE name = ANY (%s)", ([*FOREIGN_SETTINGS],)
        ).fetchall()
    assert {name: setting for name, setting, _ in rows} == FOREIGN_SETTINGS
    assert all(setting not in (default, "UTC", "GMT") for _, setting, default in rows)
    assert set(FOREIGN_SETTINGS) == {"TimeZone", "DateStyle", "IntervalStyle"}


def test_whoever_starts_a_server_for_migrations_gives_its_databases_these_settings() -> None:
    files = [file for folder in _FOLDERS for file in folder.rglob("*.py")]
    starting = [file for file in files if _STARTS.search(file.read_text("utf-8"))]
    assert {file.name for file in starting} >= {"test_migrations_speed.py", "test_runner_interruptions.py"}
    assert [file.name for file in starting if not _GIVES.search(file.read_text("utf-8"))] == []
