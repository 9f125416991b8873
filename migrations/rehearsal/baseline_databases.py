"""Template databases of the versions before the rehearsed one.

For each version there is one database without rows, and one with the rows that were seeded at that version
and at every version before it, and were migrated since. Each is made from the previous one, so a newly
published version costs one step, however long the history is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schemas.versions import SchemaVersion

from ..scratch.scratch_server import ScratchServer
from .history_runner import HistoryRunError, HistoryRunner, objects_of
from .seeding.seed import seed
from .templates import TemplateStore, read_state, template_key, write_state

#: A rehearsal starts from this many of the newest versions. They also hold the rows of older versions.
DIRECT = 8
_EMPTY, _SEEDED = "empty", "seeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A version that a rehearsal starts from: what its database consists of, and databases to copy.

    ``empty`` and ``seeded`` are names of databases; None for versions whose database is not kept.
    """

    version: SchemaVersion
    objects: dict[str, str]
    empty: str | None
    seeded: str | None


class BaselineDatabases:
    """The databases of ``versions``: those before the rehearsed one, oldest first."""

    def __init__(
        self,
        runner: HistoryRunner,
        versions: Sequence[SchemaVersion],
        server: ScratchServer,
        store: TemplateStore,
        pool: Executor,
    ) -> None:
        self._runner = runner
        self._versions = list(versions)
        self._server = server
        self._store = store
        self._pool = pool

    def origins(self) -> list[Origin]:
        """All versions; missing databases are made. Raises HistoryRunError for a migration that fails."""
        if not self._versions:
            return []
        start = next((place for place in range(len(self._versions), 0, -1) if self._reaches(place)), 0)
        if start < len(self._versions):
            self._make(start)
        return [self._origin(place) for place in range(len(self._versions))]

    def templates(self) -> list[str]:
        """The keys of the databases that the next rehearsal can begin with."""
        seeded = [self._key(_SEEDED, place) for place in self._direct]
        return [*seeded, self._key(_EMPTY, self._last)] if self._versions else []

    @property
    def _last(self) -> int:
        return len(self._versions) - 1

    @property
    def _direct(self) -> range:
        return range(max(0, len(self._versions) - DIRECT), len(self._versions))

    def _reaches(self, end: int) -> bool:
        """Whether the store has what is needed of the first ``end`` versions, and to continue from there."""
        return (
            all(self._store.state(self._key(_EMPTY, place)) is not None for place in range(end))
            and all(self._store.find(self._key(_SEEDED, place)) for place in self._direct if place < end)
            and all(self._store.find(self._key(kind, end - 1)) for kind in (_EMPTY, _SEEDED))
        )

    def _make(self, start: int) -> None:
        with_rows = self._pool.submit(self._make_seeded, start)
        self._make_empty(start)
        with_rows.result()

    def _make_empty(self, start: int) -> None:
        with self._copy_of(_EMPTY, start - 1) as database:
            for place in range(start, len(self._versions)):
                self._runner.up(database, self._versions[place], is_noted=True)
                self._store.keep_state(self._key(_EMPTY, place), objects_of(database))
            self._store.keep(self._key(_EMPTY, self._last), database)

    def _make_seeded(self, start: int) -> None:
        with contextlib.ExitStack() as stack:
            database = stack.enter_context(self._copy_of(_SEEDED, start - 1))
            for place in range(start, len(self._versions)):
                try:
                    self._runner.up(database, self._versions[place])
                except HistoryRunError:
                    # It is published and can't be changed any more: continue without the rows so far.
                    database = stack.enter_context(self._server.new_database())
                    self._runner.up(database, self._versions[place])
                with psycopg.connect(database, autocommit=True) as connection:
                    seed(connection)
                key = self._key(_SEEDED, place)
                if place in self._direct and place != self._last and self._store.find(key) is None:
                    with self._server.new_database(_name(database)) as copy:
                        self._store.keep(key, copy)
            self._store.keep(self._key(_SEEDED, self._last), database)

    def _origin(self, place: int) -> Origin:
        objects = self._store.state(self._key(_EMPTY, place))
        if objects is None:
            raise AssertionError("every version's state was stored when it was made")
        return Origin(
            version=self._versions[place],
            objects=objects,
            empty=self._store.find(self._key(_EMPTY, place)),
            seeded=self._store.find(self._key(_SEEDED, place)),
        )

    def _copy_of(self, kind: str, place: int) -> contextlib.AbstractContextManager[str]:
        template = self._store.find(self._key(kind, place)) if place >= 0 else None
        return self._server.new_database(template)

    def _key(self, kind: str, place: int) -> str:
        return _key(self._runner, kind, self._versions[place])


def stored_state(folder: Path, runner: HistoryRunner, version: SchemaVersion) -> dict[str, str] | None:
    """What an earlier rehearsal found at ``version``."""
    return read_state(folder, _key(runner, _EMPTY, version))


def store_state(folder: Path, runner: HistoryRunner, version: SchemaVersion, objects: dict[str, str]) -> None:
    """The counterpart of :func:`stored_state`."""
    write_state(folder, _key(runner, _EMPTY, version), objects)


def _name(database: str) -> str:
    return str(conninfo_to_dict(database)["dbname"])


def _key(runner: HistoryRunner, kind: str, version: SchemaVersion) -> str:
    versions = [str(each) for each in runner.chain(version)]
    return template_key(kind, [*versions, *runner.checksums(version)])
