"""Fleet runs by real workers, some of which are killed: few databases in the ordinary suite, 200 and 50 kills
with SCHEMA_SERVICE_SOAK=1, which also prints the figures of docs/migrate-many-databases.md."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue
from registry.catalogue.access import Writer
from registry.databases.registered import registered_databases
from registry.databases.whereabouts import versions_count, whereabouts
from registry.runs.fleet_request import fleet_request

from .tenants import many_tenants, until

SOAK = bool(os.environ.get("SCHEMA_SERVICE_SOAK"))
DATABASES, KILLS, POISONED = (200, 50, 3) if SOAK else (12, 3, 1)
#: How long a migration takes: so long that most kills find one at work.
_SECONDS = 2.0 if SOAK else 0.2


@pytest.mark.timeout(3600 if SOAK else 600)
def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, scratch_server: ScratchServer
) -> None:
    names = [f"t{number:03}" for number in range(DATABASES)]
    chance = random.Random(12)
    poisoned = sorted(chance.sample(names[1:], POISONED))
    with (
        scratch_server.new_database() as state,
        many_tenants(tmp_path, scratch_server, names, state, seconds=_SECONDS) as tenants,
        tenants.catalogue() as (settings, catalogue),
    ):
        for name in poisoned:
            tenants.poison(name)
        new = fleet_request(catalogue, settings, "tenant", "1.1.0", concurrency=8, stop_after=10)
        for _ in range(2):
            tenants.started("worker")
        began = time.monotonic()
        fleet = catalogue.fleets.add(new, Writer(who="ops", origin="here"))
        for number in range(KILLS):  # each after as many databases as the one before
            enough = number * DATABASES // (KILLS + 1)
            until(lambda enough=enough: _ended(catalogue, fleet.id) >= enough)
            time.sleep(chance.uniform(0, 0.5))
            tenants.kill_one(chance)
        until(lambda: catalogue.fleets.find(fleet.id).is_over, seconds=1800)
        took = time.monotonic() - began
        tenants.end()
        members = catalogue.fleets.members(fleet.id)
        failed = {each.database: each for each in members if each.state != "succeeded"}
        assert sorted(failed) == poisoned
        for each in failed.values():
            assert each.state == "failed"
            assert "positive" in each.problems[0]["message"]
        expected = {name: 0 if name in poisoned else 1 for name in names}
        assert tenants.times("1.1.0") == expected
        assert tenants.times("1.0.0") == dict.fromkeys(names, 1)
        runs = [run for run in catalogue.runs.newest(1000) if run.fleet == fleet.id]
        assert sorted(run.database for run in runs) == names
        assert max(run.attempt for run in runs) <= KILLS + 1, "only a kill makes another attempt"
        assert catalogue.fleets.find(fleet.id).state == "failed"
        began = time.monotonic()
        found = whereabouts(catalogue, registered_databases(settings))
        told = time.monotonic() - began
        assert versions_count(found)["1.1.0"] == DATABASES - POISONED
        assert sorted(row.name for row in found if row.status == "failed") == poisoned
        again = sum(run.attempt > 1 for run in runs)
        print(
            f"\n{DATABASES} databases, {KILLS} kills: {took:.0f} s, {again} runs taken over, "
            f"who is where in {told * 1000:.0f} ms"
        )


def _ended(catalogue: Catalogue, fleet_id: str) -> int:
    counts = catalogue.fleets.counts(fleet_id)
    return counts.get("succeeded", 0) + counts.get("failed", 0)
