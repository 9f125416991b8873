"""Planned changes that stop after each of their steps, up and down: undone, nothing is left of them.

Some in the ordinary suite; all of them with SCHEMA_SERVICE_SOAK=1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import pytest

from migrations.planner.plan import plan
from migrations.rehearsal.snapshots.data_snapshot import read_snapshot
from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RefusedError
from migrations.runner.manifest import Direction, Manifest
from migrations.runner.options import address
from migrations.runner.verification.fingerprint import read_objects
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import Case
from ...plan_cases.plan_cases import CASES
from ..databases import EmptyDatabases
from ..runner.halfway.stops import stopping
from ..runner.kit import execute, manifest_json, migration

FIRST, SECOND = "1.0.0", "2.0.0"
#: Changes of two names for each other, for some of whose steps the scripts don't tell what undoes them.
UNTOLD = (
    "field takes the name of one that goes",
    "model, its fields, their enum and its values get other names at once",
    "sides of a relation of a model with itself swap under the same name",
)
#: Values that down.sql computes otherwise than up.sql alone.
CONVERTED = ("list to scalar",)
#: Rows that a step of theirs refuses.
REFUSED = ("times keep their meaning where a database has a zone and a style of its own",)
STOPPING = [case for case in CASES if not case.is_empty and case.name not in REFUSED]
STRIDE = 1 if os.environ.get("SCHEMA_SERVICE_SOAK") else 12


@pytest.mark.parametrize("case", STOPPING[::STRIDE], ids=lambda case: case.name)
def test_a_change_that_stops_between_two_steps_goes_both_ways(
    case: Case, bridge: PrismaBridge, databases: EmptyDatabases
) -> None:
    data = _package(case, bridge)
    package = Manifest.from_json(data)
    changed = package.migrations[1]
    with databases.lent() as database:
        at = address(database)
        there_and_back = _rows_after_both_ways(package, database, case.rows)
        held = _objects(database), _rows(database)
        for step in range(1, len(changed.up)):
            with pytest.raises(MigrationFailedError) as failed:
                commands.upgrade(stopping(data, 2, "up", step), at)
            ways = _ways_told(package, database, failed.value)
            is_undone = _is_undone(case, database, package, "up")
            assert ways == ({"upgrade", "downgrade"} if is_undone else {"upgrade"})
            if is_undone:
                assert _objects(database) == held[0], step
                assert case.name in CONVERTED or _are_kept(_rows(database), held[1], there_and_back), step
        commands.upgrade(package, at)
        held = _objects(database), _rows(database)
        for step in range(1, len(changed.down or ())):
            with pytest.raises(MigrationFailedError) as failed:
                commands.downgrade(stopping(data, 2, "down", step), at, to=FIRST, allow_data_loss=True)
            assert _ways_told(package, database, failed.value) == {"upgrade", "downgrade"}
            if _is_undone(case, database, package, "down"):
                assert (_objects(database), len(_rows(database))) == (held[0], len(held[1])), step


def _package(case: Case, bridge: PrismaBridge) -> dict[str, Any]:
    before, after = (
        bridge.parse(f'datasource db {{\n  provider = "postgresql"\n  {extra}\n}}\n{text}')
        for extra, text in zip(case.head, (case.before, case.after), strict=True)
    )
    answers = VersionToml.from_toml(case.toml, file="version.toml").answers
    planned, first = plan(before, after, bridge, answers), plan(None, before, bridge)
    return manifest_json(
        migration(1, first.up, first.down, version=FIRST),
        migration(2, planned.up, planned.down, version=SECOND),
    )


def _ways_told(package: Manifest, database: str, failed: MigrationFailedError) -> set[str]:
    """The ways on that ``verify`` names, each of which the failure has named."""
    with pytest.raises(RefusedError) as refused:
        commands.verify(package, address(database))
    assert refused.value.code == "unfinished"
    told = refused.value.fix.rpartition("these work: ")[2].split(", ")
    assert set(told) <= {"upgrade", f"downgrade --to {FIRST}"}
    ways = {way.split()[0] for way in told}
    assert all(re.search(rf"\b{way}\b", failed.fix) for way in ways)
    return ways


def _is_undone(case: Case, database: str, package: Manifest, script: Direction) -> bool:
    """Where no undo is known, the way on is: and back, for the next stop."""
    at = address(database)
    try:
        if script == "up":
            commands.downgrade(package, at, to=FIRST, allow_data_loss=True)
        else:
            commands.upgrade(package, at)
    except RefusedError as refused:
        if (refused.code, case.name in UNTOLD) != ("half-applied", True):
            raise
        commands.upgrade(package, at)
        commands.downgrade(package, at, to=FIRST, allow_data_loss=True)
        return False
    return True


def _rows_after_both_ways(
    package: Manifest, database: str, statements: Sequence[str]
) -> Mapping[str, list[str]]:
    """And leaves the database at the first version, with its rows anew."""
    at = address(database)
    commands.upgrade(package, at, to=FIRST)
    for statement in statements:
        execute(database, statement)
    commands.upgrade(package, at)
    commands.downgrade(package, at, to=FIRST, allow_data_loss=True)
    found = _rows(database)
    commands.downgrade(package, at, to="none", allow_data_loss=True)
    commands.upgrade(package, at, to=FIRST)
    for statement in statements:
        execute(database, statement)
    return found


def _are_kept(found: Mapping[str, list[str]], *known: Mapping[str, list[str]]) -> bool:
    """Whether each row is as it was, or as it is after all of both scripts."""
    return all(
        len(rows) == len(known[0][table]) and all(any(row in each[table] for each in known) for row in rows)
        for table, rows in found.items()
    )


def _objects(database: str) -> dict[str, str]:
    with psycopg.connect(database) as connection:
        return read_objects(connection)


def _rows(database: str) -> dict[str, list[str]]:
    with psycopg.connect(database) as connection:
        tables = read_snapshot(connection).tables.values()
    return {table.name: sorted(map(str, table.held)) for table in tables}
