"""Every planned change, stopped after each of its steps, up and down: undone, nothing is left of it."""

from __future__ import annotations

import psycopg
import pytest

from migrations.rehearsal.data_snapshot import read_snapshot
from migrations.runner import commands
from migrations.runner.errors import MigrationFailedError, RunnerError
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.runner.verification.fingerprint import read_objects
from schemas.prisma.bridge import PrismaBridge

from ...plan_cases.plan_case import Case
from ...plan_cases.plan_cases import CASES
from ..databases import EmptyDatabases
from ..runner.kit import manifest_json, migration
from ..runner.stops import stopping
from .test_plan_cases import PlanOnce, _schemas, plan_once
import collections, json
_FIRST, _SECOND = "1.0.0", "2.0.0"
OUT = open("/tmp/stops.txt", "a")

@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_that_stops_between_two_steps_goes_both_ways(
    case: Case, bridge: PrismaBridge, plan_once: PlanOnce, databases: EmptyDatabases
) -> None:
    before, after = _schemas(case, bridge)
    planned, first = plan_once(before, after, case.toml), plan_once(None, before, "")
    data = manifest_json(
        migration(1, first.up, first.down, version=_FIRST),
        migration(2, planned.up, planned.down, version=_SECOND),
    )
    package = Manifest.from_json(data)
    changed = package.migrations[1]
    bad = []
    with databases.lent() as database:
        at = address(database)
        commands.upgrade(package, at, to=_FIRST)
        for statement in case.rows:
            with psycopg.connect(database, autocommit=True) as c: c.execute(statement.encode())
        held = _held(database)
        commands.upgrade(package, at); commands.downgrade(package, at, to=_FIRST, allow_data_loss=True)
        back = _held(database)
        commands.downgrade(package, at, to="none", allow_data_loss=True)
        commands.upgrade(package, at, to=_FIRST)
        for statement in case.rows:
            with psycopg.connect(database, autocommit=True) as c: c.execute(statement.encode())
        held = _held(database)
        for step in range(1, len(changed.up)):
            with pytest.raises(MigrationFailedError):
                commands.upgrade(stopping(data, 2, "up", step), at)
            try:
                commands.downgrade(package, at, to=_FIRST, allow_data_loss=True)
            except RunnerError as e:
                bad.append(("up", step, type(e).__name__, str(e)[:300])); print("up",step,len(changed.up), e)
                if e.code != "half-applied": break
                commands.upgrade(package, at); commands.downgrade(package, at, to=_FIRST, allow_data_loss=True)
                held = _held(database)
                continue
            if not _same(_held(database), held, back): bad.append(("up", step, "differs")); print("up", step, _diff(held, _held(database))); break
        else:
          commands.upgrade(package, at)
          held = _held(database)
          for step in range(1, len(changed.down)):
            with pytest.raises(MigrationFailedError):
                commands.downgrade(stopping(data, 2, "down", step), at, to=_FIRST, allow_data_loss=True)
            try:
                commands.upgrade(package, at)
            except RunnerError as e:
                bad.append(("down", step, type(e).__name__, str(e)[:300])); print("down",step,len(changed.down), e)
                break
            if _held(database) != held: bad.append(("down", step, "differs")); print("down", step, _diff(held, _held(database)));break
    OUT.write(json.dumps([case.name, len(changed.up), len(changed.down), bad])+"\n"); OUT.flush()
    if bad:
        print("UP"); print(planned.up); print("DOWN"); print(planned.down)
        raise AssertionError(bad)

def _same(a, b, c):
    if a[0] != b[0]: return False
    for x, y, z in zip(a[1], b[1], c[1]):
        if x[:2] != y[:2] or len(x[2]) != len(y[2]) or any(r not in y[2] and r not in z[2] for r in x[2]): return False
    return True
def _diff(a, b):
    return [(x,y) for x,y in zip(a,b) if x!=y], [{k:(a[0].get(k),b[0].get(k)) for k in a[0].keys()|b[0].keys() if a[0].get(k)!=b[0].get(k)}]

def _held(database):
    with psycopg.connect(database) as connection:
        objects = read_objects(connection)
        snapshot = read_snapshot(connection)
    return objects, sorted((t.name, sorted(zip(*[ [c.name for c in t.columns.values()] ]) ), sorted(map(str,t.held))) for t in snapshot.tables.values())
