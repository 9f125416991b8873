"""Every planned change, on a real Postgres with rows: nothing is lost, and both ends are exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import psycopg
import pytest

from migrations.package.manifest import build_manifest
from migrations.package.release_state import ReleaseState
from migrations.planner.plan import MigrationPlan, plan
from migrations.planner.questions import UnansweredError
from migrations.rehearsal.snapshots.data_snapshot import DataSnapshot, lost_data, read_snapshot
from migrations.runner import commands
from migrations.runner.errors import RefusedError
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.runner.verification.fingerprint import read_objects
from migrations.scripts.linting import Script, lint
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import Case, Check
from ...plan_cases.plan_cases import CASES
from ...plan_cases.plan_cases_history import HISTORY
from ...plan_cases.plan_cases_joins import JOINS
from ...plan_cases.plan_cases_shapes import INDEXES
from ..databases import EmptyDatabases

MadeWhole: TypeAlias = Callable[[Schema], dict[str, str]]


class PlanOnce(Protocol):
    """Plans a change with the answers of a version.toml, after a history."""

    def __call__(
        self, before: Schema | None, after: Schema, toml: str, history: tuple[str, ...] = ()
    ) -> MigrationPlan: ...


_FIRST, _SECOND = SchemaVersion(1, 0, 0), SchemaVersion(2, 0, 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_survive_and_both_ends_are_exact(
    case: Case, bridge: PrismaBridge, plan_once: PlanOnce, databases: EmptyDatabases, made_whole: MadeWhole
) -> None:
    before, after = _schemas(case, bridge)
    first = plan_once(None, before, "")
    history = (f"{first.up}{case.made}",)
    planned = plan_once(before, after, case.toml, history if case.made else ())
    assert planned.is_empty == case.is_empty
    migrations = _migration(1, *history, first.down), _migration(2, planned.up, planned.down)
    manifest = _manifest(*migrations)
    with databases.lent() as database:
        commands.upgrade(manifest, address(database), to="1.0.0")
        at_first = _objects(database)
        _run(database, case.rows)
        commands.upgrade(manifest, address(database), to="2.0.0")
        at_second = _objects(database)
        assert case.keeps_order or case.made or at_second == made_whole(after)
        _check(database, case.up)
        recorded = ((_FIRST, at_first), (_SECOND, at_second))
        states = [ReleaseState(version=v, schema_digest="", objects=objects) for v, objects in recorded]
        manifest = _manifest(*migrations, history=states)
        told, held = commands.plan(manifest, address(database), to="1.0.0", down=True), _contents(database)
        assert [loss for loss in told.losses if "can't be counted" in loss] == []
        assert not [line for line in (*told.blocked_by, *told.unchecked) if "depends on it" in line]
        commands.downgrade(manifest, address(database), to="1.0.0", allow_data_loss=True)
        assert _objects(database) == at_first
        lost = [
            loss for loss in lost_data(held, _contents(database)) if loss.kind in ("table", "column", "rows")
        ]
        assert lost == [] or told.losses, "going back loses what nobody was asked about"
        assert case.toml or case.rows == () or not case.made or told.losses == ()
        _check(database, case.down)
        again = commands.plan(manifest, address(database))
        assert not [line for line in (*again.blocked_by, *again.unchecked) if "depends on it" in line]
        commands.upgrade(manifest, address(database), to="2.0.0")
        assert _objects(database) == at_second


def test_an_accepted_change_of_type_refuses_what_it_would_change(
    bridge: PrismaBridge, plan_once: PlanOnce, databases: EmptyDatabases
) -> None:
    fields = {
        "a": ("Decimal @db.Decimal(10, 4)", "Decimal @db.Decimal(10, 2)", "1.23", "1.2345"),
        "b": ("Float", "Int", "2", "1.5"),
        "c": ("BigInt", "Float", "2", "9007199254740993"),
        "d": ("DateTime", "DateTime @db.Timestamp(0)", "'2024-01-02 03:04:05'", "'2024-01-02 03:04:05.5'"),
        "e": ("DateTime @db.Timestamptz(6)", "DateTime @db.Date", "'2024-01-02Z'", "'2024-01-02 01:00Z'"),
        "f": ("String[]", "String?", "'{a}'", "'{a,b}'"),
        "g": ("E[]", "E?", "'{A}'", "'{A,B}'"),
        "h": ("Int", "Boolean", "1", "2"),
        "i": ("String", "DateTime", "'2024-01-02T03:04:05Z'", "'2024-01-02T03:04:05+02:00'"),
        "m": (
            "String",
            "DateTime @db.Timestamptz(6)",
            "'2024-01-02T03:04:05.1234560Z'",
            "'2024-01-02T03:04:05.1234567Z'",
        ),
        "j": ("Float", "Float @db.Real", "0.5", "0.1"),
        "k": ("Float", "Decimal @db.Decimal(9, 2)", "0.25", "0.255"),
        "l": ("Json", "Int", "'2'", "'1.5'"),
    }
    head = 'datasource db {\n  provider = "postgresql"\n}\nenum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n'
    before, after = (
        bridge.parse(head + "".join(f"  {name} {types[which]}\n" for name, types in fields.items()) + "}")
        for which in (0, 1)
    )
    toml = "[accept_loss]\n" + "".join(f'"T.{name}" = "all fit"\n' for name in fields)
    first, planned = plan_once(None, before, ""), plan_once(before, after, toml)
    manifest = _manifest(_migration(1, first.up, first.down), _migration(2, planned.up, planned.down))
    with databases.lent() as database:
        commands.upgrade(manifest, address(database), to="1.0.0")
        good = f'INSERT INTO "T" VALUES (1, {", ".join(each[2] for each in fields.values())})'
        _run(database, (good,))
        held = _contents(database)
        for name, (_, _, fits, changed) in fields.items():
            _run(database, (f'UPDATE "T" SET {name} = {changed}',))
            with pytest.raises(RefusedError) as refused:
                commands.upgrade(manifest, address(database))
            assert refused.value.code == "rows-do-not-fit"
            assert f"{name}_keeps_its_values" in refused.value.details[0]
            assert "1 row, such as 'id 1'" in refused.value.details[0]
            _run(database, (f'UPDATE "T" SET {name} = {fits}',))
        assert lost_data(held, _contents(database)) == []
        commands.upgrade(manifest, address(database))
        commands.downgrade(manifest, address(database), to="1.0.0")
        assert lost_data(held, _contents(database)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_only_an_author_knows_is_asked(case: Case, bridge: PrismaBridge, plan_once: PlanOnce) -> None:
    before, after = _schemas(case, bridge)
    asked: tuple[str, ...] = ()
    try:
        plan_once(before, after, "")
    except UnansweredError as error:
        asked = tuple(sorted(question.subject for question in error.questions))
        for problem in error.problems:
            assert "version.toml: [" in problem.fix
    assert asked == case.asked


def test_what_is_planned_for_keys_and_indexes_passes_the_linter(
    bridge: PrismaBridge, plan_once: PlanOnce
) -> None:
    for case in (*JOINS, *INDEXES, *HISTORY):
        before, after = _schemas(case, bridge)
        history = (f"{plan_once(None, before, '').up}{case.made}",)
        planned = plan_once(before, after, case.toml, history if case.made else ())
        assert lint([Script(f"{case.name}: up", planned.up)]) == []
        assert lint([Script(f"{case.name}: down", planned.down)]) == []


def _schemas(case: Case, bridge: PrismaBridge) -> Iterator[Schema]:
    for extra, text in zip(case.head, (case.before, case.after), strict=True):
        yield bridge.parse(f'datasource db {{\n  provider = "postgresql"\n  {extra}\n}}\n{text}')


def _migration(number: int, up: str, down: str) -> Migration:
    return Migration(number=number, name="m", version=_FIRST if number == 1 else _SECOND, up=up, down=down)


def _manifest(*migrations: Migration, history: Sequence[ReleaseState] = ()) -> Manifest:
    content = build_manifest(
        schema_name="shop",
        package="shop-migrations",
        version=migrations[-1].version,
        schema_digest="",
        migrations=migrations,
        history=history,
    )
    return Manifest.from_json(content)


@pytest.fixture(scope="module")
def plan_once(bridge: PrismaBridge) -> PlanOnce:
    """Plans a change with the answers of a version.toml, unless it was planned already."""
    plans: dict[tuple[object, ...], MigrationPlan] = {}

    def planned(
        before: Schema | None, after: Schema, toml: str, history: tuple[str, ...] = ()
    ) -> MigrationPlan:
        key = (before and before.text, after.text, toml, history)
        if key not in plans:
            answers = VersionToml.from_toml(toml, file="version.toml").answers
            plans[key] = plan(before, after, bridge, answers, history=history)
        return plans[key]

    return planned


@pytest.fixture(scope="module")
def made_whole(plan_once: PlanOnce, databases: EmptyDatabases) -> MadeWhole:
    """The objects of a schema that is made in one go: once for all cases that lead to it."""
    made: dict[str, dict[str, str]] = {}

    def objects(schema: Schema) -> dict[str, str]:
        if schema.text not in made:
            planned = plan_once(None, schema, "")
            with databases.lent() as database:
                commands.upgrade(_manifest(_migration(1, planned.up, planned.down)), address(database))
                made[schema.text] = _objects(database)
        return made[schema.text]

    return objects


def _objects(database: str) -> dict[str, str]:
    with psycopg.connect(database, autocommit=True) as connection:
        return read_objects(connection)


def _contents(database: str) -> DataSnapshot:
    with psycopg.connect(database, autocommit=True) as connection:
        return read_snapshot(connection)


def _run(database: str, statements: tuple[str, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _check(database: str, checks: tuple[Check, ...]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for query, expected in checks:
            assert connection.execute(query.encode()).fetchall() == expected
