"""The server of the state database, and of the databases that are migrated, restarts in the middle."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from registry.catalogue import Catalogue
from registry.catalogue.access import Writer
from registry.errors import CatalogueError
from registry.runs.fleet_request import fleet_request

from .restarts import restarting_postgres
from .tenants import many_tenants, until


@pytest.mark.soak
def test_workers_wait_for_a_server_that_restarts(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(4)]
    work = tmp_path / "workspace"
    work.mkdir()
    with (
        restarting_postgres(tmp_path / "postgres") as postgres,
        postgres.server.new_database() as state,
        many_tenants(work, postgres.server, names, state, seconds=1.0) as tenants,
        tenants.catalogue() as (settings, catalogue),
    ):
        tenants.started("worker")
        new = fleet_request(catalogue, settings, "tenant", "1.1.0", canary=0, concurrency=4)
        fleet = catalogue.fleets.add(new, Writer(who="ops", origin="here"))
        until(lambda: _count(catalogue, fleet.id, "running"))
        postgres.restart()
        until(lambda: _count(catalogue, fleet.id, "succeeded") == len(names))
        tenants.end()
        assert tenants.times("1.1.0") == dict.fromkeys(names, 1)
        runs = [run for run in catalogue.runs.newest(100) if run.fleet == fleet.id]
        assert sorted(run.database for run in runs) == names


def _count(catalogue: Catalogue, fleet_id: str, state: str) -> int:
    with contextlib.suppress(CatalogueError):  # while it restarts
        return catalogue.fleets.counts(fleet_id).get(state, 0)
    return 0
