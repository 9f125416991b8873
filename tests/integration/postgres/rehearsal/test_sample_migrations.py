"""The sample's migrations on a real Postgres, with rows: up, down and up again end where they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migrations.scratch.scratch_server import ScratchServer
from migrations.scripts.split import split
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.migration import Migration
from schemas.workspace.workspace import Workspace

_ROWS = Path(__file__).parent / "sample_rows"
_LATEST = SchemaVersion(2, 0, 0)
_NORMAL_TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
_CATALOGUE = {
    "columns": f"""
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE {_NORMAL_TABLES} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2""",
    "indexes": f"""
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE {_NORMAL_TABLES} ORDER BY 1""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2""",
    "enums": """
        SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
        ORDER BY t.typname, e.enumsortorder""",
    "sequences": "SELECT sequencename FROM pg_sequences ORDER BY 1",
}
_BY_HAND = """
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'm'
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""

Database = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return create_workspace(tmp_path_factory.mktemp("sample"), name="schema", sample=True)


@pytest.fixture
def database(scratch_server: ScratchServer) -> Iterator[Database]:
    with (
        scratch_server.new_database() as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        yield connection


def _up(database: Database, workspace: Workspace, *, with_rows: bool) -> None:
    for version in workspace.versions():
        for migration in workspace.load(version).migrations:
            _run(database, migration.up)
        if with_rows:
            _run(database, (_ROWS / f"{version}.sql").read_text())


def _down(database: Database, migrations: tuple[Migration, ...]) -> None:
    for migration in reversed(migrations):
        assert migration.down is not None
        _run(database, migration.down)


def _run(database: Database, script: str) -> None:
    for step in split(script, "a script"):
        for statement in step.statements:
            database.execute(statement.sql.encode())


def _catalogue(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    return {name: database.execute(query).fetchall() for name, query in _CATALOGUE.items()}


def _rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.execute(query.encode()).fetchall()


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_each_version_ends_in_what_its_schema_asks_for(
    workspace: Workspace,
    bridge: PrismaBridge,
    scratch_server: ScratchServer,
    database: Database,
    version: str,
) -> None:
    source = workspace.load(SchemaVersion.parse(version))
    for migration in source.history:
        _run(database, migration.up)
    with scratch_server.new_database() as dsn, psycopg.connect(dsn, autocommit=True) as wanted:
        wanted.execute(bridge.diff(None, source.schema_text).encode())
        assert _catalogue(database) == _catalogue(wanted)


def test_up_down_up_with_rows_at_every_version(workspace: Workspace, database: Database) -> None:
    history = workspace.load(_LATEST).history
    _up(database, workspace, with_rows=True)
    latest = _catalogue(database)
    for version in reversed(workspace.versions()):
        own = workspace.load(version).migrations
        _down(database, own)
        for migration in own:
            _run(database, migration.up)
        _down(database, own)
    assert not any(_catalogue(database).values())
    assert _rows(database, _BY_HAND) == []
    for migration in history:
        _run(database, migration.up)
    assert _catalogue(database) == latest


def test_the_move_to_2_0_0_keeps_every_row(workspace: Workspace, database: Database) -> None:
    _up(database, workspace, with_rows=True)
    assert _rows(database, "SELECT currency, amount::text FROM product_prices ORDER BY valid_from") == [
        ("EUR", "49.90"),
        ("USD", "79.00"),
        ("EUR", "44.90"),
    ]
    assert _rows(database, "SELECT rating, body, status::text FROM reviews ORDER BY id") == [
        (5, "Boils water.", "published"),
        (2, "", "published"),
        (1, "Buy now", "rejected"),
    ]


def test_the_search_document_is_filled_and_kept(workspace: Workspace, database: Database) -> None:
    _up(database, workspace, with_rows=True)
    found = "SELECT external_id FROM reviews WHERE search_document @@ to_tsquery('simple', '{}')"
    assert _rows(database, found.format("water")) == [("r1",)]
    _run(database, "UPDATE reviews SET body = 'Leaks badly' WHERE external_id = 'r2'")
    assert _rows(database, found.format("leaks")) == [("r2",)]


def test_ratings_are_weighted_by_source(workspace: Workspace, database: Database) -> None:
    _up(database, workspace, with_rows=True)
    _run(database, "REFRESH MATERIALIZED VIEW product_ratings")
    database.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY product_ratings")
    assert _rows(database, "SELECT review_count, average_rating::text FROM product_ratings") == [(2, "4.00")]


def test_a_failed_run_raises_an_alert(workspace: Workspace, database: Database) -> None:
    _up(database, workspace, with_rows=True)
    assert _rows(database, "SELECT severity::text, message, run_id FROM alerts") == [
        ("critical", "Timed out", 2)
    ]


def test_going_back_restores_what_it_can(workspace: Workspace, database: Database) -> None:
    _up(database, workspace, with_rows=True)
    _run(
        database,
        "INSERT INTO products (id, sku, name, category_id, updated_at) "
        "VALUES ('00000000-0000-4000-8000-00000000000e', 'K-3', 'Unpriced', 1, now())",
    )
    _down(database, workspace.load(_LATEST).migrations)
    assert _rows(database, "SELECT sku, price::text, currency FROM products ORDER BY sku") == [
        ("K-1", "44.90", "EUR"),
        ("K-2", "79.00", "USD"),
        ("K-3", "0.00", "EUR"),
    ]
    assert _rows(database, "SELECT stars, status::text FROM reviews ORDER BY id") == [
        (5, "published"),
        (2, "published"),
        (1, "hidden"),
    ]
