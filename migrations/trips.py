"""Up to the rehearsed version, down to where it began, and up again: with rows of a version before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from .contents import Contents, Loss, losses, read_contents
from .errors import RehearsalError
from .lineage import Origin
from .stage import Stage, StageError, objects_of

_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What became of the rows. ``begun``: rows by table before; ``up``, ``down`` and ``up_again``: after each
    part of the way. Where a down.sql is missing the trip ends at the top, and the last two are None.
    ``lost`` is what the way up takes away, ``lost_down`` what the way back does."""

    origin: SchemaVersion | None
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
            "from": str(self.origin) if self.origin else None,
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

    ``objects`` are what a database of ``version`` made from nothing consists of, ``objects_below`` what one
    of the version ``below`` does, or an empty one where there is none.
    """

    stage: Stage
    version: SchemaVersion
    below: SchemaVersion | None
    objects: dict[str, str]
    objects_below: dict[str, str]

    def travel(self, database: str, origin: Origin | None) -> Trip:
        """``database`` is at ``origin`` (None: empty) and is used up.

        Raises RehearsalError where this version's migrations lead elsewhere than from nothing, or not back;
        what a published version's do is a warning, since they can't be mended any more. Raises StageError
        for a statement that fails.
        """
        came_from = origin.version if origin else None
        begun = read_contents(database)
        self.stage.up(database, self.version)
        way = f"upgrading from {came_from} to {self.version}"
        _expect_equal(self.objects, objects_of(database), way, _MEND_UP)
        up = read_contents(database)
        trip = Trip(origin=came_from, begun=begun.rows, up=up.rows, lost=tuple(losses(begun, up)))
        if not self.stage.has_way_back(self.version, self.below):
            return trip
        return self._back(trip, database, origin, up)

    def _back(self, trip: Trip, database: str, origin: Origin | None, up: Contents) -> Trip:
        self.stage.down(database, self.below)
        way = f"going down from {self.version}"
        _expect_equal(self.objects_below, objects_of(database), way, _MEND_DOWN)
        down = read_contents(database)
        warnings = self._further_back(database, origin)
        if not warnings:
            self.stage.up(database, self.version)
            way = f"going down from {self.version} and up again"
            _expect_equal(self.objects, objects_of(database), way, _MEND_DOWN)
        return replace(
            trip,
            down=down.rows,
            up_again=read_contents(database).rows if not warnings else None,
            lost_down=tuple(losses(up, down)),
            warnings=tuple(warnings),
        )

    def _further_back(self, database: str, origin: Origin | None) -> list[Problem]:
        """From the version below to where the trip began, through published migrations only."""
        if origin is None or self.below is None or origin.version == self.below:
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
