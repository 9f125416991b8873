"""Up to the rehearsed version, down to where it began, and up again: with rows of a version before."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import RehearsalError
from ..runner.verification.fingerprint import read_objects
from .baseline_databases import Origin
from .data_snapshot import Contents, Loss, losses, read_contents
from .history_runner import Stage, StageError, objects_of

_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What became of the rows. ``begun``: rows by table before; ``up``, ``down`` and ``up_again``: after each
    part of the way. Where a down.sql is missing the trip ends at the top, and the last two are None.
    ``lost`` is what the way up takes away, ``lost_down`` what the way back does."""

    origin: SchemaVersion
    begun: dict[str, int]
    up: dict[str, int]
    down: dict[str, int] | None = None
    up_again: dict[str, int] | None = None
    lost: tuple[Loss, ...] = ()
    lost_down: tuple[Loss, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As JSON values, one entry a table."""
        ways = {"begun": self.begun, "up": self.up, "down": self.down, "up_again": self.up_again}
        tables = sorted({table for way in ways.values() if way for table in way})
        return {
            "from": str(self.origin),
            "tables": [
                {"table": table} | {name: way.get(table) for name, way in ways.items() if way is not None}
                for table in tables
            ],
            "lost": [loss.to_json() for loss in self.lost],
            "lost_down": [loss.to_json() for loss in self.lost_down],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """Takes databases of versions before to ``version``, which is reached from the one below it.

    ``objects`` will be what a database of ``version`` made from nothing consists of, ``objects_below`` is
    what one of the version ``below`` does, or an empty one where there is none.
    """

    stage: Stage
    version: SchemaVersion
    below: SchemaVersion | None
    objects: Future[dict[str, str]]
    objects_below: dict[str, str]

    def travel(self, database: str, origin: Origin) -> Trip:
        """``database`` is at ``origin`` and is used up.

        Raises RehearsalError where this version's migrations lead elsewhere than from nothing, or not back;
        what a published version's do is a warning, since they can't be mended any more. Raises StageError
        for a statement that fails.
        """
        with psycopg.connect(database, autocommit=True) as connection:
            begun = read_contents(connection)
        self.stage.up(database, self.version)
        up = self._arrived(database, f"upgrading from {origin.version} to {self.version}", _MEND_UP)
        trip = Trip(origin=origin.version, begun=begun.rows, up=up.rows, lost=tuple(losses(begun, up)))
        if not self.has_way_back:
            return trip
        down = self._go_down(database)
        warnings = self._further_back(database, origin)
        up_again = None if warnings else self._go_up_again(database)
        return replace(
            trip,
            down=down.rows,
            up_again=up_again.rows if up_again else None,
            lost_down=tuple(losses(up, down)),
            warnings=tuple(warnings),
        )

    def return_trip(self, database: str) -> None:
        """Down from this version without rows, and up again, where there is a way. Raises as ``travel``."""
        if not self.has_way_back:
            return
        self.stage.down(database, self.below)
        _expect_equal(self.objects_below, objects_of(database), self._way_down, _MEND_DOWN)
        self.stage.up(database, self.version)
        _expect_equal(self.objects.result(), objects_of(database), self._way_up_again, _MEND_DOWN)

    @property
    def has_way_back(self) -> bool:
        """Whether each migration of this version has a down.sql."""
        return self.stage.has_way_back(self.version, self.below)

    @property
    def _way_down(self) -> str:
        return f"going down from {self.version}"

    @property
    def _way_up_again(self) -> str:
        return f"{self._way_down} and up again"

    def _go_down(self, database: str) -> Contents:
        self.stage.down(database, self.below)
        contents, objects = _seen(database)
        _expect_equal(self.objects_below, objects, self._way_down, _MEND_DOWN)
        return contents

    def _go_up_again(self, database: str) -> Contents:
        self.stage.up(database, self.version)
        return self._arrived(database, self._way_up_again, _MEND_DOWN)

    def _arrived(self, database: str, way: str, fix: str) -> Contents:
        contents, objects = _seen(database)
        _expect_equal(self.objects.result(), objects, way, fix)
        return contents

    def _further_back(self, database: str, origin: Origin) -> list[Problem]:
        """From the version below to where the trip began, through published migrations only."""
        if self.below is None or origin.version == self.below:
            return []
        if not self.stage.has_way_back(self.below, origin.version):
            return []
        way = f"going down from {self.below} to {origin.version}"
        try:
            self.stage.down(database, origin.version)
            _expect_equal(origin.objects, objects_of(database), way, _MEND_DOWN)
        except StageError as error:
            return [_published(way, error.problem)]
        except RehearsalError as error:
            return [_published(way, problem) for problem in error.problems]
        return []


def _seen(database: str) -> tuple[Contents, dict[str, str]]:
    with psycopg.connect(database, autocommit=True) as connection:
        return read_contents(connection), read_objects(connection)


_MEND_UP = "write the migration so that it ends in the same state whatever the rows are"
_MEND_DOWN = "mend down.sql: it has to undo what up.sql did"


def _published(way: str, problem: Problem) -> Problem:
    return replace(
        problem,
        message=f"{way}: {problem.message}",
        fix="it is published and stays as it is: don't go down that far with rows in it",
        severity="warning",
    )


def _expect_equal(before: dict[str, str], after: dict[str, str], route: str, fix: str) -> None:
    problems = [
        Problem(
            code="round-trip",
            message=f"{route} {what}: {' '.join(f'{name} {definition}'.split())[:_SHOWN]}",
            fix=fix,
        )
        for what, entries in (
            ("loses", before.items() - after.items()),
            ("leaves behind", after.items() - before.items()),
        )
        for name, definition in sorted(entries)
    ]
    if problems:
        raise RehearsalError(*problems)
