"""Up to the rehearsed version, back down, and up again: with the rows of an earlier version."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import RehearsalError
from .baseline_databases import Origin
from .code.failing_code import Failure, failing_code
from .code.problems import newly_failing, stale
from .code.stale_names import stale_names
from .history_runner import HistoryRunError, HistoryRunner
from .snapshots.data_snapshot import DataSnapshot, LostData, lost_data
from .snapshots.database_reader import DatabaseReader, database_reader
from .values.cascades import is_allowed
from .values.changed_values import changed_values, name_after
from .values.permitted_losses import FoundLosses, losses_going_up
from .values.problems import fails_with_new_rows, lost_again, lost_on_the_way, told, unanswered
from .values.remove_rows import remove_rows

_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """What became of the rows, counted by table."""

    origin: SchemaVersion
    #: Before the upgrade.
    begun: dict[str, int]
    #: After the upgrade, the downgrade and the second upgrade. Where a down.sql is missing, the last two are
    #: None.
    up: dict[str, int]
    down: dict[str, int] | None = None
    up_again: dict[str, int] | None = None
    #: What the upgrade removed, and what the downgrade did.
    lost: tuple[LostData, ...] = ()
    lost_down: tuple[LostData, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with one entry for each table."""
        counts = {"begun": self.begun, "up": self.up, "down": self.down, "up_again": self.up_again}
        tables = sorted({table for rows in counts.values() if rows for table in rows})
        return {
            "from": str(self.origin),
            "tables": [
                {"table": table}
                | {name: rows.get(table) for name, rows in counts.items() if rows is not None}
                for table in tables
            ],
            "lost": [loss.to_json() for loss in self.lost],
            "lost_down": [loss.to_json() for loss in self.lost_down],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTripRunner:
    """Runs databases of earlier versions up to ``version``, down to ``below`` (the one before) and up again.

    ``objects`` will be what a database of ``version`` made from nothing consists of; ``objects_below`` is
    what one of the version ``below`` does, or an empty database where there is none.
    """

    runner: HistoryRunner
    version: SchemaVersion
    below: SchemaVersion | None
    objects: Future[dict[str, str]]
    objects_below: dict[str, str]
    #: Whether ``below`` is on a line that ``version`` takes over.
    is_taken: bool = False

    def run(self, database: str, origin: Origin) -> RoundTrip:
        """Run ``database``, which is at ``origin`` and can't be used afterwards.

        Raises RehearsalError where this version's migrations end in another state than from nothing, or where
        the downgrade doesn't restore the earlier state. For a published version that is a warning, since its
        migrations can't be changed any more. Raises HistoryRunError for a statement that fails.
        """
        with database_reader(database) as reader:
            return self._run(reader, origin)

    def _run(self, reader: DatabaseReader, origin: Origin) -> RoundTrip:
        is_newest = origin.version == self.below
        begun = reader.snapshot()
        code_begun = failing_code(reader.connection) if is_newest else {}
        refused = self.runner.up(reader.database, self.version)
        fix = _FIX_TAKEN if self.is_taken else _FIX_UP
        up = self._check_reached(reader, f"upgrading from {origin.version} to {self.version}", fix)
        trip = RoundTrip(
            origin=origin.version,
            begun=begun.rows,
            up=up.rows,
            lost=tuple(lost_data(begun, up)),
            warnings=(
                *refused,
                *(self._broken_code(reader, code_begun, begun, up) if is_newest else ()),
            ),
        )
        if not self.has_down_scripts:
            return trip
        found = FoundLosses(self.runner.ask_down(reader.database, self.below).losses)
        down, needless = self._go_down(reader)
        problems: list[Problem] = [*unanswered(found), *needless]
        if is_newest:
            problems += self._not_restored(begun, up, down, found)
        warnings = self._down_to_origin(reader, origin)
        up_again = None if warnings else self._go_up_again(reader)
        if up_again is not None and is_newest:
            problems += self._not_reached_again(up, down, up_again, found)
        warnings += told(problems)
        return replace(
            trip,
            down=down.rows,
            up_again=up_again.rows if up_again else None,
            lost_down=tuple(lost_data(up, down)),
            warnings=(*trip.warnings, *warnings),
        )

    def expect_reached(self, objects: dict[str, str], route: str) -> None:
        """Raises RehearsalError where a database at the version consists of other ``objects``."""
        _expect_equal(self.objects.result(), objects, route, _FIX_TAKEN)

    def run_without_rows(self, reader: DatabaseReader) -> None:
        """Down from this version without rows, and up again, if each down.sql is there. Raises as ``run``."""
        if not self.has_down_scripts:
            return
        self.runner.down(reader.database, self.below)
        _expect_equal(self.objects_below, reader.objects(), self._down_route, _FIX_DOWN)
        self.runner.up(reader.database, self.version)
        _expect_equal(self.objects.result(), reader.objects(), self._up_again_route, _FIX_DOWN)

    def run_with_new_rows(self, reader: DatabaseReader) -> tuple[Problem, ...]:
        """Down and up again with rows that were seeded at this version: warnings. Raises RehearsalError for
        values that are lost, though no check of the downgrade finds any.

        Rows that the checks refuse are removed first: the runner refuses them before its first step.
        """
        if not self.has_down_scripts or self.below is None:
            return ()
        while (forecast := self.runner.ask_down(reader.database, self.below)).blocked_by:
            if not remove_rows(reader.connection, forecast.blocked_by):
                return ()
        before = reader.snapshot()
        try:
            self.runner.down(reader.database, self.below)
            below = reader.snapshot()
            self.runner.up(reader.database, self.version)
        except HistoryRunError as error:
            return (fails_with_new_rows(self.version, error.problem),)
        found = FoundLosses(forecast.losses)
        return tuple(told(self._not_reached_again(before, below, reader.snapshot(), found)))

    def _broken_code(
        self,
        reader: DatabaseReader,
        code_begun: Mapping[tuple[str, int], Failure | None],
        begun: DataSnapshot,
        up: DataSnapshot,
    ) -> list[Problem]:
        """Functions that name what is gone: warnings. Raises RehearsalError for what fails now."""
        failing = newly_failing(code_begun, failing_code(reader.connection), self.version)
        return told([*failing, *stale(stale_names(reader.connection, begun, up), self.version)])

    def _not_restored(
        self, begun: DataSnapshot, up: DataSnapshot, down: DataSnapshot, found: FoundLosses
    ) -> list[Problem]:
        """What the way up and down changed, though neither up.sql nor a check of the downgrade says so."""
        permitted = losses_going_up(*self.runner.up_scripts(self.version, self.below))
        return [
            lost_on_the_way(each, self.version)
            for each in changed_values(begun, down)
            if not is_allowed(permitted, begun, each.table, each.column)
            and not is_allowed(found, up, *name_after(begun, up, each.table, each.column))
        ]

    def _not_reached_again(
        self, before: DataSnapshot, below: DataSnapshot, after: DataSnapshot, found: FoundLosses
    ) -> list[Problem]:
        """The same for the way down and up again."""
        permitted = losses_going_up(*self.runner.up_scripts(self.version, self.below), is_back=True)
        return [
            lost_again(each, self._up_again_route)
            for each in changed_values(before, after)
            if not is_allowed(found, before, each.table, each.column)
            and not is_allowed(permitted, below, *name_after(before, below, each.table, each.column))
        ]

    @property
    def has_down_scripts(self) -> bool:
        """Whether each migration of this version has a down.sql."""
        return self.runner.has_down_scripts(self.version, self.below)

    @property
    def _down_route(self) -> str:
        return f"going down from {self.version}"

    @property
    def _up_again_route(self) -> str:
        return f"{self._down_route} and up again"

    def _go_down(self, reader: DatabaseReader) -> tuple[DataSnapshot, tuple[Problem, ...]]:
        """The data there, and warnings."""
        warnings = self.runner.down(reader.database, self.below)
        snapshot = reader.snapshot()
        _expect_equal(self.objects_below, reader.objects(), self._down_route, _FIX_DOWN)
        return snapshot, warnings

    def _go_up_again(self, reader: DatabaseReader) -> DataSnapshot:
        self.runner.up(reader.database, self.version)
        return self._check_reached(reader, self._up_again_route, _FIX_DOWN)

    def _check_reached(self, reader: DatabaseReader, route: str, fix: str) -> DataSnapshot:
        snapshot = reader.snapshot()
        _expect_equal(self.objects.result(), reader.objects(), route, fix)
        return snapshot

    def _down_to_origin(self, reader: DatabaseReader, origin: Origin) -> list[Problem]:
        """Down from the version below to the origin, through published migrations only."""
        if self.below is None or origin.version == self.below:
            return []
        if not self.runner.has_down_scripts(self.below, origin.version):
            return []
        route = f"going down from {self.below} to {origin.version}"
        try:
            self.runner.down(reader.database, origin.version)
            _expect_equal(origin.objects, reader.objects(), route, _FIX_DOWN)
        except HistoryRunError as error:
            return [_published(route, error.problem)]
        except RehearsalError as error:
            return [_published(route, problem) for problem in error.problems]
        return []


_FIX_UP = "write the migration so that it ends in the same state whatever the rows are"
_FIX_TAKEN = (
    "give the version's [takes] another answer for the migrations of that line, or a migration of its own in "
    "the place of one, so that databases of both lines end in the same state"
)
_FIX_DOWN = "fix down.sql: it has to undo what up.sql did"


def _published(route: str, problem: Problem) -> Problem:
    return replace(
        problem,
        message=f"{route}: {problem.message}",
        fix="it is published and can't be changed: don't downgrade that far with rows in the database",
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
