"""Every planned change, on a real Postgres with rows: nothing is lost, and both ends are exact."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from migrations.package.manifest import build_manifest
from migrations.planner.plan import plan
from migrations.planner.questions import UnansweredError
from migrations.runner import commands
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.runner.verification.fingerprint import read_objects
from migrations.scratch.scratch_server import ScratchServer
from schemas.answers import Answers
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import Case, Check
from ...plan_cases.plan_cases import CASES

_FIRST, _SECOND = SchemaVersion(1, 0, 0), SchemaVersion(2, 0, 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_survive_and_both_ends_are_exact(
    case: Case, bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    before, after = _schemas(case, bridge)
    answers = VersionToml.from_toml(case.toml, file="version.toml").answers
    planned = plan(before, after, bridge, answers)
    assert planned.is_empty == case.is_empty
    first = plan(None, before, bridge)
    manifest = _manifest(_migration(1, first.up, first.down), _migration(2, planned.up, planned.down))
    with scratch_server.new_database() as database:
        commands.upgrade(manifest, address(database), to="1.0.0")
        at_first = _objects(database)
        _run(database, case.rows)
        commands.upgrade(manifest, address(database), to="2.0.0")
        at_second = _objects(database)
        assert case.keeps_order or at_second == _made(after, bridge, scratch_server)
        _check(database, case.up)
        commands.downgrade(manifest, address(database), to="1.0.0", allow_data_loss=True)
        assert _objects(database) == at_first
        _check(database, case.down)
        commands.upgrade(manifest, address(database), to="2.0.0")
        assert _objects(database) == at_second


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_only_an_author_knows_is_asked(case: Case, bridge: PrismaBridge) -> None:
    before, after = _schemas(case, bridge)
    asked: tuple[str, ...] = ()
    try:
        plan(before, after, bridge, Answers())
    except UnansweredError as error:
        asked = tuple(sorted(question.subject for question in error.questions))
        for problem in error.problems:
            assert "version.toml: [" in problem.fix
    assert asked == case.asked


def _schemas(case: Case, bridge: PrismaBridge) -> Iterator[Schema]:
    for extra, text in zip(case.head, (case.before, case.after), strict=True):
        yield bridge.parse(f'datasource db {{\n  provider = "postgresql"\n  {extra}\n}}\n{text}')


def _migration(number: int, up: str, down: str) -> Migration:
    return Migration(number=number, name="m", version=_FIRST if number == 1 else _SECOND, up=up, down=down)


def _manifest(*migrations: Migration) -> Manifest:
    content = build_manifest(
        schema_name="shop",
        package="shop-migrations",
        version=migrations[-1].version,
        schema_digest="",
        migrations=migrations,
    )
    return Manifest.from_json(content)


def _made(schema: Schema, bridge: PrismaBridge, server: ScratchServer) -> dict[str, str]:
    made = plan(None, schema, bridge)
    with server.new_database() as database:
        commands.upgrade(_manifest(_migration(1, made.up, made.down)), address(database))
        return _objects(database)


def _objects(database: str) -> dict[str, str]:
    with psycopg.connect(database, autocommit=True) as connection:
        return read_objects(connection)


def _run(database: str, statements: tuple[str, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _check(database: str, checks: tuple[Check, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for query, expected in checks:
            assert connection.execute(query.encode()).fetchall() == expected
