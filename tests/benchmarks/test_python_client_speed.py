"""The Python client against the drivers, other ORMs and Prisma for Node: one run, rounds in turn.

Times are shown and written down, never asserted. What is asserted is that every peer does every operation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from generators.node_client.generate import NodeClientTarget
from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.generate import TypesTarget
from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import PythonEnvironment, npm_project, python_environment
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.versions import SchemaVersion

from .programs import run
from .speed_report import OURS, Times, speed_table

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]

_ROUNDS = 21
_HERE = Path(__file__).parent / "python_client"
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "python_client_speed.md"
_PEERS = (
    "psycopg[binary,pool]",
    "sqlalchemy[asyncio]>=2",
    "asyncpg",
    "tortoise-orm>=1,<2",
    "yara-orm>=1.19",
    "oxyde>=0.8",
)
_OPERATIONS = 8


@dataclass(frozen=True, slots=True)
class Arena:
    """A Python environment with all peers, the command of the Node peer, and a seeded database."""

    python: PythonEnvironment
    node: tuple[str, ...]
    dsn: str

    def play(self, mode: str) -> Times:
        command = [str(self.python.python), "side_by_side.py", mode, str(_ROUNDS), *self.node]
        times: Times = json.loads(run(command, _HERE, {**node_environment(), "DATABASE_URL": self.dsn}))
        return times


@pytest.fixture(scope="module")
def arena(
    bridge: PrismaBridge, scratch_server: ScratchServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("arena")
    request = GenerationRequest(
        schema_name="speed",
        version=SchemaVersion.parse("1.0.0"),
        description="What the peers read and write",
        author=None,
        schema=bridge.parse((_HERE / "schema.prisma").read_text("utf-8")),
        migrations=(),
        names=PackageNames(),
    )
    packages = []
    for target in (PythonClientTarget(), TypesTarget(), NodeClientTarget(bridge)):
        artifact = pack(target.generate(request))
        packages.append(folder / artifact.filename)
        packages[-1].write_bytes(artifact.content)
    wheel, *tarballs = packages
    project = npm_project(folder / "node", tarballs)
    script = project.folder / "peer_node.mjs"
    script.write_bytes((_HERE / script.name).read_bytes())
    with scratch_server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, request.schema.text).encode())
            connection.execute((_HERE / "seed.sql").read_bytes())
        python = python_environment(folder / "python", [wheel, *_PEERS])
        yield Arena(python, (str(node_executable()), str(script)), dsn)


@pytest.fixture(scope="module")
def tables() -> Iterator[list[str]]:
    """Shown and written when both modes are done."""
    collected: list[str] = []
    yield collected
    text = "\n".join(["# The Python client's speed", "", *collected])
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


def test_blocking(arena: Arena, tables: list[str]) -> None:
    times = arena.play("sync")
    tables.append(speed_table("Blocking, one connection", times, ["psycopg"]))
    _assert_complete(times)


def test_asyncio(arena: Arena, tables: list[str]) -> None:
    times = arena.play("async")
    tables.append(speed_table("asyncio, ten tasks on ten connections", times, ["psycopg", "asyncpg"]))
    _assert_complete(times)


def _assert_complete(times: Times) -> None:
    assert len(times) == _OPERATIONS
    for taken in times.values():
        assert OURS in taken
        assert {len(seconds) for seconds in taken.values()} == {_ROUNDS}
