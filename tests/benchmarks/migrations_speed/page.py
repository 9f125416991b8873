"""The text of the page of results."""

from __future__ import annotations

HEAD = """\
# Migrations: applying a history, starting with nothing to do, rehearsing

`.venv/bin/python -m pytest tests/benchmarks/test_migrations_speed.py -m benchmark -s` runs these measurements
and writes this page to `dist/benchmarks/migrations.md`. Rely on the ratios: they are medians of the ratios
within a round, in which every method has an empty database of its own on the same server (the embedded
Postgres 18 over TCP, with fsync on); the methods take turns in going first. The first two are measured in
{rounds} rounds, all of them in {rounds_of_all}. If the resulting databases differ, the run fails.

- **plain psycopg loop**: one connection, and for each migration one transaction with its script and one row
  in a table. No lock, checksum, retry or status. It runs in a Python process that is already running, as does
  **our runner, in the same process**; the programs start a new one.
- **psql -f** starts a psql for each file. **Alembic** runs each script as a revision of its own, each in one
  transaction, with psycopg.
- **dbmate** is the binary of its npm package for Linux; it writes no schema file.

The runner can be faster than the loop because only the last commit of a run waits for the disk, and because a
migration takes two round trips. It is slowed down by a second connection, which holds the lock, and by its
tracking tables.
"""
RELEASE = """\
## A release of a schema of {models} models: diff, plan, lint and rehearsal

From 1.0.0 to 1.1.0, which adds ten columns, ten indexes and two models. The rehearsal goes up, down and up,
from an empty database and from 1.0.0 with rows in every table, and compares the results. The first time it
also creates 1.0.0 with its rows, which are kept for later rehearsals.

| what | s |
| --- | ---: |"""
