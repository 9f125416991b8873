"""What the page of results says besides figures."""

from __future__ import annotations

HEAD = """\
# Migrations: applying a history, starting with nothing to do, rehearsing

`.venv/bin/python -m pytest tests/benchmarks/test_migrations_speed.py -m benchmark -s` measures all of it and
writes this page to `dist/benchmarks/migrations.md`. Trust the ratios: they are medians of ratios within a
round, in which every way has an empty database of its own on the same server (the embedded Postgres 18 over
TCP, with fsync on) and which begins takes turns. The first two play {rounds} rounds, all of them
{rounds_of_all}. Every way has to end in the same catalogue, or the run fails.

- **plain psycopg loop**: one connection, and for each migration one transaction with its script and one row
  in a table. No lock, checksum, retry or status. It runs in a Python that is there already, as does
  **our runner, in the same process**; the programs start one.
- **psql -f** starts a psql for each file. **Alembic** runs each script in a revision of its own, one
  transaction each, on psycopg.
- **dbmate** is in neither PyPI nor Debian, and nothing else was downloaded here: it isn't measured. In the
  study that came before this runner it took 0.9 to 1.2 times the loop's time, as a program, and 26 to 34 ms
  for a start with nothing to do.

Where the runner is faster than the loop it is because only the last commit of a run waits for the disk, on
behalf of all before it, and because a migration takes two round trips. It pays for a second connection, which
holds the lock, and for the tables that it keeps track in.
"""
RELEASE = """\
## A release of a schema of {models} models: diff, plan, lint and rehearsal

From 1.0.0 to 1.1.0, which adds ten columns, ten indexes and two models. The rehearsal makes it from nothing,
and from 1.0.0 with rows in every table, up, down and up, and compares the catalogues. The first time it also
makes 1.0.0 and its rows; later these are kept.

| what | s |
| --- | ---: |"""
