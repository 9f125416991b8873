"""What authored scripts take away or stop is found in the scripts themselves, wherever it was written."""

from __future__ import annotations

import pytest

from migrations.planner.losses.loss_warnings import find_losses, loss_questions
from migrations.planner.plan import plan
from migrations.review import review
from migrations.scripts.linting import Script, lint
from schemas.answers import Answers
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import Case
from ...plan_cases.plan_cases import CASES

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_BEFORE = (
    'model Thing {\n  id Int @id\n  a String?\n  b Int @map("b_b")\n  e Kind\n  @@map("things")\n}\n'
    'enum Kind {\n  ON @map("on")\n  OFF\n}\n'
)

_CLEANING = (
    "CREATE FUNCTION clean(t text) RETURNS void LANGUAGE plpgsql AS "
    "$f$ BEGIN EXECUTE format('DELETE FROM %I', t); END $f$"
)


def _review(bridge: PrismaBridge, *scripts: str, toml: str = "") -> list[tuple[str, str | None]]:
    schema = bridge.parse(_HEAD + _BEFORE)
    version = SchemaVersion(2, 0, 0)
    migrations = [
        Migration(number=number, name="m", version=version, up=sql, down=None)
        for number, sql in enumerate(scripts, start=2)
    ]
    answers = VersionToml.from_toml(toml, file="version.toml").answers
    problems = review(migrations, schema, schema, bridge, answers=answers, answers_file="version.toml")
    return [(problem.code, problem.fix.partition('"')[2].partition('"')[0]) for problem in problems]


@pytest.mark.parametrize(
    ("sql", "subject"),
    [
        ("DROP TABLE things", "Thing"),
        ("ALTER TABLE things DROP COLUMN b_b", "Thing.b"),
        ("ALTER TABLE things RENAME TO t; ALTER TABLE t RENAME b_b TO c; ALTER TABLE t DROP c", "Thing.b"),
        ("TRUNCATE things", "Thing.*"),
        ("DELETE FROM things WHERE id > 3", "Thing.*"),
        ("WITH gone AS (DELETE FROM things RETURNING *) INSERT INTO archive SELECT * FROM gone", "Thing.*"),
        ("CREATE TABLE kept AS WITH gone AS (DELETE FROM things RETURNING a) SELECT * FROM gone", "Thing.*"),
        ("MERGE INTO things USING other o ON o.id = things.id WHEN MATCHED THEN DELETE", "Thing.*"),
        ("DROP EXTENSION hstore CASCADE", "002_m"),
        ("DROP OWNED BY somebody", "002_m"),
        ("DROP TABLE by_hand", "by_hand"),
        ("ALTER TABLE by_hand DROP COLUMN x", "by_hand.x"),
        ("DROP SCHEMA public CASCADE", "Thing"),
        ("DO $$ BEGIN DROP  TABLE things; END $$", "002_m"),
        ("DO $$ BEGIN EXECUTE 'ALTER TABLE things DROP b_b'; END $$", "002_m"),
        (f"{_CLEANING}; SELECT clean('things')", "002_m"),
        (f"{_CLEANING}; DO $$ BEGIN PERFORM public.clean('things'); END $$", "002_m"),
        (
            f"{_CLEANING.replace('FUNCTION', 'PROCEDURE').replace('RETURNS void ', '')}; CALL clean('t')",
            "002_m",
        ),
        (
            "CREATE TYPE k AS ENUM ('on'); "
            "-- squawk-ignore changing-column-type\n"
            'ALTER TABLE things ALTER e TYPE k USING (e::text::k); DROP TYPE "Kind"',
            "Kind.OFF",
        ),
        (
            "-- squawk-ignore changing-column-type\nALTER TABLE things ALTER b_b TYPE smallint",
            "Thing.b",
        ),
    ],
)
def test_a_loss_is_refused_until_it_is_accepted(bridge: PrismaBridge, sql: str, subject: str) -> None:
    assert _review(bridge, sql) == [("loss-not-accepted", subject)]
    assert _review(bridge, sql, toml=f'[accept_loss]\n"{subject}" = "why"\n') == []


@pytest.mark.parametrize(
    ("moving", "is_moved"),
    [
        ("INSERT INTO other (x) SELECT a FROM things", True),
        ("CREATE TABLE other AS SELECT * FROM things", True),
        ("UPDATE other SET x = things.a FROM things WHERE things.id = other.id", True),
        ("UPDATE things SET b_b = 1", False),
        ("INSERT INTO other (x) SELECT a FROM elsewhere", False),
    ],
)
def test_what_a_script_may_have_moved_is_asked_about_in_other_words(
    bridge: PrismaBridge, moving: str, is_moved: bool
) -> None:
    schema = bridge.parse(_HEAD + _BEFORE)
    (loss,) = find_losses([("", f"{moving}; ALTER TABLE things DROP COLUMN a")], schema, bridge)
    (question,) = loss_questions([loss], Answers())
    assert ("was all of it copied elsewhere before" in question.text) == is_moved


@pytest.mark.parametrize(
    "scripts",
    [
        ("CREATE TABLE n (x int); INSERT INTO n VALUES (1); DELETE FROM n; DROP TABLE n",),
        ("CREATE TABLE n (x int)", "ALTER TABLE n DROP COLUMN x", "TRUNCATE n"),
        ("ALTER TABLE things ADD COLUMN x int", "ALTER TABLE things DROP COLUMN x"),
        ("CREATE TABLE n (x int NOT NULL); CREATE INDEX i ON n (x)", "CREATE INDEX j ON n (x)"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS x; CREATE UNIQUE INDEX i ON v (x)",),
        ("ALTER TYPE \"Kind\" RENAME VALUE 'on' TO 'up'",),
        (_CLEANING,),
        ("DO $$ BEGIN ALTER TABLE things ALTER a DROP DEFAULT, DROP CONSTRAINT IF EXISTS c; END $$",),
        ("ALTER TABLE things ADD COLUMN x int NOT NULL DEFAULT 1",),
        (
            "UPDATE things SET a = '' WHERE a IS NULL;"
            "ALTER TABLE things ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;"
            "ALTER TABLE things VALIDATE CONSTRAINT c;"
            "ALTER TABLE things ALTER a SET NOT NULL; ALTER TABLE things DROP CONSTRAINT c",
        ),
    ],
)
def test_what_takes_nothing_from_anybody_is_fine(bridge: PrismaBridge, scripts: tuple[str, ...]) -> None:
    assert _review(bridge, *scripts) == []


@pytest.mark.parametrize(
    ("sql", "subject"),
    [
        ("ALTER TABLE things ADD COLUMN x int NOT NULL", "Thing.x"),
        (
            "ALTER TABLE things ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;"
            "ALTER TABLE things VALIDATE CONSTRAINT c; ALTER TABLE things ALTER a SET NOT NULL",
            "Thing.a",
        ),
    ],
)
def test_existing_rows_need_a_value(bridge: PrismaBridge, sql: str, subject: str) -> None:
    assert _review(bridge, sql) == [("backfill-missing", subject)]
    assert _review(bridge, sql, toml=f'[backfill]\n"{subject}" = {{ rows = "none" }}\n') == []


def test_a_first_version_takes_nothing_from_anybody(bridge: PrismaBridge) -> None:
    schema = bridge.parse(_HEAD + _BEFORE)
    migration = Migration(
        number=1, name="m", version=SchemaVersion(1, 0, 0), up="DROP TABLE IF EXISTS x", down=None
    )
    assert review([migration], None, schema, bridge, answers=Answers(), answers_file="f") == []


@pytest.mark.parametrize(
    ("sql", "rule", "place"),
    [
        ("SELECT 1;\n  CREATE INDEX i ON t (a);", "require-concurrent-index-creation", (2, 3)),
        ("DROP INDEX i;", "require-concurrent-index-deletion", (1, 1)),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL;", "adding-not-nullable-field", (1, 30)),
        ("ALTER TABLE t ALTER COLUMN a TYPE bigint;", "changing-column-type", (1, 30)),
        (
            'ALTER TABLE "é" ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id);',
            "constraint-missing-not-valid",
            (1, 17),
        ),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);", "disallowed-unique-constraint", (1, 19)),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);", "constraint-missing-not-valid", (1, 15)),
    ],
)
def test_an_outage_is_found_where_it_is_and_can_be_accepted(
    sql: str, rule: str, place: tuple[int, int]
) -> None:
    found = {problem.code: problem for problem in lint([Script("a.sql", "SELECT 2;"), Script("b.sql", sql)])}
    problem = found[rule]
    assert (problem.file, problem.line) == ("b.sql", place[0])
    assert abs((problem.column or 0) - place[1]) <= 4, problem.column
    assert f"-- squawk-ignore {rule}" in problem.fix
    *before, last = sql.split("\n")
    accepted = "\n".join([*before, *(f"-- squawk-ignore {code}" for code in found), last])
    if len(found) == 1:
        assert lint([Script("b.sql", accepted)]) == []


def test_taste_and_what_the_runner_sees_to_are_no_findings() -> None:
    sql = "CREATE TABLE n (a serial, b timestamp, c varchar(3)); ALTER TYPE e ADD VALUE 'x'; DROP TABLE o;"
    concurrent = "CREATE INDEX CONCURRENTLY i ON t (a);"
    assert lint([Script("a.sql", sql), Script("b.sql", concurrent)]) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_planner_writes_passes_its_own_review(case: Case, bridge: PrismaBridge) -> None:
    heads = zip(case.head, (case.before, case.after), strict=True)
    before, after = (
        bridge.parse(f'datasource db {{\n  provider = "postgresql"\n  {extra}\n}}\n{text}')
        for extra, text in heads
    )
    answers = VersionToml.from_toml(case.toml, file="version.toml").answers
    planned = plan(before, after, bridge, answers)
    migration = Migration(
        number=2, name="m", version=SchemaVersion(2, 0, 0), up=planned.up, down=planned.down
    )
    assert review([migration], before, after, bridge, answers=answers, answers_file="version.toml") == []
