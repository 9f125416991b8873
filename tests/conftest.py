"""What every folder's tests share: the command line, and a bridge and a Postgres, started once a session."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from migrations.scratch.scratch_server import ScratchServer, open_server
from schemas.prisma.bridge import PrismaBridge

from .command_line import CommandLine

# Collecting makes a hundred thousand objects that stay, and looks for none of them that don't.
gc.disable()

# The same examples in each run: a suite that fails by chance tells nobody what they broke.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.load_profile("suite")

# The files that take longest, longest first: started last, one would keep its worker busy alone.
_LONGEST = (
    "integration/registries/lifecycle/test_changes.py",
    "integration/registries/publish/test_publish_parts.py",
    "integration/registries/lifecycle/test_databases.py",
    "integration/registries/publish/test_publish_several.py",
    "integration/registries/trust/test_verify.py",
    "integration/registries/publish/test_publish_lines.py",
    "integration/registries/publish/test_publish_kills.py",
    "integration/registries/lifecycle/test_release_runs.py",
    "integration/node/registry/test_check_and_release_agree.py",
    "integration/registries/lifecycle/test_cut_requests.py",
    "integration/registries/trust/test_npm_signatures.py",
    "integration/registries/trust/test_trust_page.py",
    "integration/registries/publish/test_publish.py",
    "integration/registries/publish/test_publish_latest.py",
    "integration/registries/front_end/test_types_in_use.py",
    "integration/registries/cli/test_cli_processes.py",
    "integration/registries/cli/test_ci_examples.py",
    "integration/registries/runs/test_runs.py",
    "integration/postgres/fleets/test_fleets_page.py",
    "integration/postgres/fleets/test_fleets.py",
    "integration/node/python_client/test_checkers.py",
    "integration/postgres/planner/test_plan_cases.py",
    "integration/registries/cli/test_demo.py",
    "integration/registries/cli/test_cli_publish_failures.py",
    "integration/postgres/runner/test_runner_interruptions.py",
    "packages/test_python_client_docs.py",
    "integration/registries/publish/test_build_equals_publish.py",
    "integration/postgres/rehearsal/test_rehearsal_rows.py",
    "integration/postgres/python_client/connection/test_elsewhere.py",
    "integration/postgres/runner/test_runner_concurrency.py",
    "integration/postgres/runner/test_runner_connections.py",
    "integration/node/bridge/test_toolchain_install.py",
    "integration/postgres/rehearsal/test_answers_rehearsed.py",
    "packages/test_node_client_package.py",
    "integration/postgres/python_client/connection/test_pooler.py",
    "integration/registries/servers/test_embedded_registries.py",
    "integration/postgres/servers/test_scratch_servers.py",
    "integration/postgres/python_client/reading/test_properties.py",
)
_TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, the others keep their order; leave out what `make soak` runs."""
    if "SCHEMA_SERVICE_SOAK" not in os.environ:
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(pytest.mark.skip(reason="takes long: set SCHEMA_SERVICE_SOAK"))
    ranks = {_TESTS / file: rank for rank, file in enumerate(_LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """What was collected is looked at no more."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def bridge() -> Iterator[PrismaBridge]:
    """The Prisma bridge. It starts Node on first use, so a test that never calls it pays nothing."""
    with PrismaBridge() as running:
        yield running


@pytest.fixture(scope="session")
def scratch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """An embedded Postgres 18, or the server of TEST_POSTGRES_URL; ask it for an empty database a test."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    with open_server(os.environ.get("TEST_POSTGRES_URL"), folder=folder) as server:
        yield server


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """``schema-service``, run in this process and in an empty folder."""
    yield CommandLine(tmp_path, monkeypatch, capsys)
    # DBOS' handler holds on to this test's standard error, and would write to it in the next test.
    logging.getLogger("dbos").handlers.clear()
