"""The reader of SQL: names, statements with their places, and what it makes of things nobody told it of."""

from __future__ import annotations

from pathlib import Path

import pytest
from pglast import ast
from pglast.parser import parse_sql
from pglast.visitors import Visitor

import schemas.sample
from migrations.ddl.catalog_model import Database
from migrations.ddl.ddl_interpreter import DdlInterpreter
from migrations.ddl.definitions.chosen_names import object_name
from migrations.ddl.effects import Effect
from migrations.ddl.function_calls import Reader
from migrations.ddl.names import name_of, path_of, sql_name, type_text, type_text_of
from migrations.ddl.statements import line_and_column, normalised, parse_script, parse_statement, where_clause
from migrations.planner.losses.loss_warnings import needs_warning
from migrations.scripts.batches import batch_parts
from migrations.scripts.detach_partition import finishing_statement

_SAMPLE = Path(schemas.sample.__path__[0])


def effects(script: str, database: Database | None = None) -> list[Effect]:
    found = DdlInterpreter(database or Database()).apply_script(parse_script(script))
    return [effect for _, effect in found]


@pytest.mark.parametrize(
    ("written", "name", "sql"),
    [
        ("t", ("public", "t"), '"t"'),
        ("public.t", ("public", "t"), '"t"'),
        ('"public"."T"', ("public", "T"), '"T"'),
        ("a.t", ("a", "t"), '"a"."t"'),
        ('"A ""b"."t"', ('A "b', "t"), '"A ""b"."t"'),
    ],
)
def test_a_name_is_the_same_however_a_statement_spells_it(
    written: str, name: tuple[str, str], sql: str
) -> None:
    table, dropped = parse_script(f"TRUNCATE {written}; DROP TABLE {written}")
    assert name_of(table.node.relations[0]) == path_of(dropped.node.objects[0]) == name
    assert sql_name(name) == sql


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("int", "integer"),
        ("varchar(5)[]", "varchar(5)[]"),
        ("numeric(10,2)", "numeric(10, 2)"),
        ('public."Role"', '"Role"'),
        ("a.mood[]", "a.mood[]"),
        ("json", "json"),
        ("geometry(Point, 4326)", "geometry(point, 4326)"),
    ],
)
def test_a_type_is_the_same_however_a_statement_spells_it(written: str, text: str) -> None:
    node = parse_statement(f"ALTER TABLE t ADD c {written}")
    assert isinstance(node, ast.AlterTableStmt)
    assert type_text((node.cmds or ())[0].def_.typeName) == text


def test_a_type_s_name_is_written_as_its_text() -> None:
    assert type_text_of(("public", "Role")) == '"Role"'
    assert type_text_of(("a", "mood")) == "a.mood"


def test_statements_have_their_place_and_the_comments_above_them() -> None:
    script = "\ufeff-- é\r\nSELECT 1;\r\n-- schema-service: may-refuse\r\n/* x */ SELECT ';' ;;\r\n-- end\r\n"
    first, second = parse_script(script)
    places = [line_and_column(normalised(script), each.offset) for each in (first, second)]
    assert places == [(2, 1), (4, 9)]
    assert (first.sql, second.sql) == ("SELECT 1", "SELECT ';'")
    assert (first.directives, second.directives) == ([], ["may-refuse"])


@pytest.mark.parametrize(
    ("sql", "condition"),
    [
        ("DELETE FROM t", None),
        ("DELETE FROM t WHERE a = (SELECT 1 WHERE true) RETURNING b", "a = (SELECT 1 WHERE true)"),
        ('DELETE FROM t WHERE "RETURNING" = 1 -- where', '"RETURNING" = 1 -- where'),
    ],
)
def test_a_condition_is_found(sql: str, condition: str | None) -> None:
    place = where_clause(sql)
    assert (None if place is None else sql[slice(*place)].strip()) == condition


def test_sql_that_runs_beside_a_statement_names_what_the_statement_names() -> None:
    sql = "UPDATE public.t SET a = 1 WHERE b"
    parts = batch_parts(sql, parse_statement(sql))
    assert parts is not None
    assert parts.relation == parts.target == '"public"."t"'
    finishing = finishing_statement("ALTER TABLE public.t DETACH PARTITION p CONCURRENTLY")
    assert finishing == 'ALTER TABLE "public"."t" DETACH PARTITION "p" FINALIZE'


def test_long_names_are_cut_as_postgres_cuts_them() -> None:
    assert object_name("a" * 40, "b" * 40, label="key") == f"{'a' * 29}_{'b' * 29}_key"
    assert object_name("t", label="pkey") == "t_pkey"


def test_what_nobody_told_of_was_there_before() -> None:
    script = (
        "ALTER TABLE t RENAME a TO b; ALTER TABLE t SET SCHEMA s; ALTER SCHEMA s RENAME TO z; DROP TABLE z.t"
    )
    (gone,) = effects(script)
    assert (gone.kind, gone.table) == ("table", ("public", "t"))
    assert effects("CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; DROP TABLE u") == []


def test_if_not_exists_makes_nothing_that_is_known_to_be_new() -> None:
    script = "CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t"
    (gone,) = effects(script)
    assert (gone.table, gone.may_be_missing) == (("public", "t"), True)
    assert effects(script, Database(is_complete=True)) == []


def test_a_script_s_search_path_ends_with_it() -> None:
    interpreter = DdlInterpreter(Database())
    first = list(interpreter.apply_script(parse_script("SET search_path = a; DROP TABLE t")))
    second = list(interpreter.apply_script(parse_script("DROP TABLE t")))
    assert [effect.table for _, effect in (*first, *second)] == [("a", "t"), ("public", "t")]


def test_rows_that_a_truncate_takes_along_are_told() -> None:
    script = "CREATE TABLE c (b int); CREATE TABLE a (id int PRIMARY KEY);"
    script += (
        "CREATE TABLE b (id int PRIMARY KEY REFERENCES a); ALTER TABLE c ADD FOREIGN KEY (b) REFERENCES b;"
    )
    made = DdlInterpreter(Database())
    list(made.apply_script(parse_script(script)))
    found = effects("TRUNCATE a CASCADE", made.database.settled())
    told = [("public", "a"), ("public", "b"), ("public", "c")]
    assert [effect.table for effect in found if effect.kind == "rows"] == told
    assert [(effect.table, effect.kept) for effect in found if effect.kind == "referring"] == [
        (("public", "a"), tuple(told))
    ]


def test_a_part_of_a_type_that_goes_is_a_loss_to_the_planner() -> None:
    (gone,) = effects("ALTER TYPE spot DROP ATTRIBUTE lon")
    assert needs_warning(gone)
    assert gone.detail == "public.spot.lon"


def test_a_reader_visits_what_pglasts_visitor_does_in_the_same_order() -> None:
    def visit(self: _Seen, _ancestors: object, node: ast.Node) -> None:
        self.seen.append(id(node))

    kinds = [
        name for name, kind in vars(ast).items() if isinstance(kind, type) and issubclass(kind, ast.Node)
    ]
    methods = {f"visit_{name}": visit for name in kinds}
    scripts = [file.read_text("utf-8") for file in _SAMPLE.rglob("*.sql")]
    scripts += [
        "INSERT INTO a SELECT x FROM b WHERE x IN (VALUES (1, f(2)), (3, 4)) ON CONFLICT (x) DO NOTHING",
        "WITH d AS (DELETE FROM c RETURNING *) MERGE INTO t USING d ON t.i = d.i WHEN MATCHED THEN DELETE",
    ]
    for script in scripts:
        tree = parse_sql(script)
        theirs, ours = (type("Each", (_Seen, base), methods)() for base in (Visitor, Reader))
        theirs(tree)
        ours(tree)
        assert theirs.seen == ours.seen != []


class _Seen:
    def __init__(self) -> None:
        self.seen: list[int] = []
