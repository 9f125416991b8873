"""Applying migrations, and rehearsing them: this tool against the ones that people use, in the same run.

Times are shown and written down, never asserted. What is asserted is that each way ends in the same objects.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

import psycopg
import pytest

from migrations.planner.plan import plan
from migrations.rehearsal.rehearsal import rehearse
from migrations.rehearsal.server import on_rehearsal_server
from migrations.review import review
from migrations.runner.verification.fingerprint import read_objects
from migrations.scratch.scratch_server import ScratchServer, embedded_postgres
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from .migrations_speed import ours
from .migrations_speed.histories import PROJECT, History, real_history, synthetic_history
from .migrations_speed.large_schema import MODELS, large_schema
from .migrations_speed.page import HEAD, RELEASE
from .migrations_speed.peers import (
    Alembic,
    Apply,
    Dbmate,
    alembic,
    dbmate,
    loop_process,
    plain_loop,
    psql_files,
)

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

Result = TypeVar("Result")

# The first two ways are short, and the ratio between them is what matters most: they take more rounds.
_ROUNDS, _ROUNDS_OF_ALL = 11, 3
_STARTS = 9
_LOOP, _FUNCTION = "plain psycopg loop", "our runner, in the same process"
_PROGRAM = "the loop, as a program of its own"
_COMMAND, _PSQL, _ALEMBIC = "schema-migrations upgrade", "psql -f, a file each", "alembic upgrade head"
_DBMATE = "dbmate migrate"
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "migrations.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server that waits for its disk, as one in production does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(12)
    with embedded_postgres(tmp_path_factory.mktemp("server"), port=port, password=password) as running:
        assert running.url is not None
        with contextlib.closing(ScratchServer(url=running.url, role_url=running.url)) as databases:
            yield databases


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Alembic | str:
    return alembic(tmp_path_factory.mktemp("alembic"))


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Dbmate | str:
    return dbmate(tmp_path_factory.mktemp("dbmate") / "project")


@pytest.fixture(scope="module")
def report() -> Iterator[list[str]]:
    """Shown and written when all is done."""
    lines = [HEAD.format(rounds=_ROUNDS, rounds_of_all=_ROUNDS_OF_ALL)]
    yield lines
    text = "\n".join(lines)
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


@pytest.fixture(scope="module", params=["real", "synthetic"])
def history(
    request: pytest.FixtureRequest, bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory
) -> History:
    if request.param == "synthetic":
        return synthetic_history()
    if not PROJECT.is_dir():
        pytest.skip("the corpus of real schemas isn't beside this repository")
    return real_history(tmp_path_factory.mktemp("real") / "workspace", bridge)


def test_applying_a_history(
    history: History,
    server: ScratchServer,
    peer: Alembic | str,
    binary: Dbmate | str,
    report: list[str],
    bridge: PrismaBridge,
    tmp_path: Path,
) -> None:
    short: dict[str, Apply] = {_LOOP: plain_loop(history), _FUNCTION: ours.function(history)}
    ways = {**short, _PROGRAM: loop_process(history, tmp_path / "loop")}
    ways[_COMMAND] = command = ours.installed(history, tmp_path / "ours", bridge)
    psql = psql_files(history, tmp_path / "psql")
    ways |= {_PSQL: psql} if psql else {}
    ways |= {_ALEMBIC: peer.apply(history, tmp_path / "alembic")} if isinstance(peer, Alembic) else {}
    ways |= {_DBMATE: binary.apply(history, tmp_path / "dbmate")} if isinstance(binary, Dbmate) else {}
    rounds = [_round(ways if turn < _ROUNDS_OF_ALL else short, server, turn) for turn in range(_ROUNDS)]
    report += [f"## Applying {history.title}", "", "| way | s | ratio to the loop |", "| --- | ---: | ---: |"]
    for name in ways:
        played = [each for each in rounds if name in each]
        ratio = median(each[name] / each[_LOOP] for each in played)
        report.append(f"| {name} | {median(each[name] for each in played):.2f} | {ratio:.2f} |")
    report += ["", *(f"{why}: not measured" for why in _missing(psql, peer, binary))]
    starts = {_COMMAND: command, _ALEMBIC: ways.get(_ALEMBIC), _DBMATE: ways.get(_DBMATE)}
    report += ["", "| start with nothing to do | ms |", "| --- | ---: |"]
    report += [f"| {name} | {_start_ms(way, server):.0f} |" for name, way in starts.items() if way]
    report.append("")


def test_planning_and_rehearsing_a_large_schema(
    bridge: PrismaBridge, report: list[str], tmp_path: Path
) -> None:
    taken: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        result = work()
        taken[name] = time.perf_counter() - began
        return result

    old, new = SchemaVersion(1, 0, 0), SchemaVersion(1, 1, 0)
    before = bridge.parse(large_schema(newer=False))
    after = timed("parse", lambda: bridge.parse(large_schema(newer=True)))
    start = plan(None, before, bridge)
    planned = timed("diff and plan, both ways", lambda: plan(before, after, bridge))
    migrations = (
        Migration(number=1, name="start", version=old, up=start.up, down=start.down),
        Migration(number=2, name="next", version=new, up=planned.up, down=planned.down),
    )
    assert timed("split and check the scripts", lambda: script_problems(migrations)) == []
    problems = timed("losses, and lint", lambda: _review(migrations[1:], before, after, bridge))
    assert problems == []
    for name in ("rehearse, first publish on this machine", "rehearse, later publishes"):
        found = timed(
            name,
            lambda: on_rehearsal_server(
                None, tmp_path, lambda server, cache: rehearse(migrations, after, server, bridge, cache=cache)
            ),
        )
        assert found.round_trip
        assert len(found.trips) == 1
    report.append(RELEASE.format(models=MODELS))
    report += [f"| {name} | {seconds:.2f} |" for name, seconds in taken.items()]
    first = sum(taken.values()) - taken["rehearse, later publishes"]
    later = sum(taken.values()) - taken["rehearse, first publish on this machine"]
    report += [
        f"| **all of it, the first time** | {first:.2f} |",
        f"| **all of it, later** | {later:.2f} |",
        "",
    ]


def _review(
    migrations: Sequence[Migration], before: Schema, after: Schema, bridge: PrismaBridge
) -> list[Problem]:
    return review(migrations, before, after, bridge, answers=Answers(), answers_file="version.toml")


def _round(ways: Mapping[str, Apply], server: ScratchServer, turn: int) -> dict[str, float]:
    """Seconds by way, each on a database of its own; which begins depends on ``turn``."""
    names = list(ways)
    taken: dict[str, float] = {}
    ends = []
    for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
        with server.new_database() as dsn:
            began = time.perf_counter()
            ways[name](dsn)
            taken[name] = time.perf_counter() - began
            with psycopg.connect(dsn, autocommit=True) as connection:
                ends.append(_application_objects(connection))
    assert all(end == ends[0] for end in ends)
    return taken


def _application_objects(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """All but the tools' own tables."""
    objects = read_objects(connection)
    own = ("public.applied", "public.alembic_version", "public.schema_migrations")
    return {name: text for name, text in objects.items() if not any(table in name + text for table in own)}


def _start_ms(way: Apply, server: ScratchServer) -> float:
    with server.new_database() as dsn:
        way(dsn)
        times = []
        for _ in range(_STARTS):
            began = time.perf_counter()
            way(dsn)
            times.append(time.perf_counter() - began)
    return median(times) * 1000


def _missing(psql: Apply | None, peer: Alembic | str, binary: Dbmate | str) -> list[str]:
    return [
        *([f"dbmate can't be installed ({binary})"] if isinstance(binary, str) else []),
        *(["psql is not on this machine"] if psql is None else []),
        *([f"Alembic can't be installed ({peer})"] if isinstance(peer, str) else []),
    ]
