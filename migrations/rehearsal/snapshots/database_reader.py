"""Reads one scratch database again and again, as migrations change it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from ...introspection.pg_catalog import Connection
from ...runner.verification.fingerprint import read_objects
from ...scratch.scratch_server import open_session
from .data_snapshot import DataSnapshot, read_snapshot


@dataclass(frozen=True, slots=True)
class DatabaseReader:
    """The database at the DSN ``database``, and a connection to it.

    It is one connection for the whole rehearsal, since most of the time that a first query takes is for what
    Postgres has to learn of pg_catalog in each session.
    """

    database: str
    connection: Connection

    def snapshot(self) -> DataSnapshot:
        """What is in the tables now."""
        return read_snapshot(self.connection)

    def objects(self) -> dict[str, str]:
        """What the database consists of now."""
        return read_objects(self.connection)


@contextlib.contextmanager
def database_reader(database: str) -> Iterator[DatabaseReader]:
    """A reader of ``database`` until the block ends, which has to be before it is dropped or renamed."""
    connection = open_session(database)
    try:
        yield DatabaseReader(database, connection)
    finally:
        with connection.lock:  # where a rehearsal fails, another thread may still wait for an answer
            connection.close()
