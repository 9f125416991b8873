"""What a downgrade asks the data, from what down.sql does."""

from __future__ import annotations

import pytest

from migrations.data_checks.check_reader import CheckReader
from migrations.ddl.statements import parse_script
from migrations.package.needed_rights import needed_rights
from migrations.scripts.detach_partition import finishing_statement


def asked(script: str) -> list[tuple[str, str]]:
    return [(each.check["kind"], each.check["sql"]) for each in CheckReader().checks_of(parse_script(script))]


@pytest.mark.parametrize(
    ("script", "kind", "query"),
    [
        ('DROP TABLE "T"', "loss", 'SELECT count(*), NULL FROM "T"'),
        ("DROP TABLE s.t CASCADE", "loss", 'SELECT count(*), NULL FROM "s"."t"'),
        ("TRUNCATE t", "loss", 'SELECT count(*), NULL FROM "t"'),
        ("DELETE FROM t AS x WHERE x.a = 1", "loss", 'SELECT count(*), NULL FROM "t" AS "x" WHERE x.a = 1\n'),
        ("DELETE FROM t USING u WHERE u.a = t.a", "loss", 'SELECT count(*), NULL FROM "t"'),
        ("ALTER TABLE t DROP COLUMN c", "loss", 'SELECT count("c"), NULL FROM "t"'),
        ("ALTER TABLE t ALTER c SET NOT NULL", "in_use", 'SELECT count(*), NULL FROM "t" WHERE "c" IS NULL'),
        ("ALTER TABLE t ADD c int NOT NULL", "in_use", 'SELECT count(*), NULL FROM "t"'),
        (
            "ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME TO u; ALTER TABLE u DROP b",
            "loss",
            'SELECT count("a"), NULL FROM "t"',
        ),
        ("ALTER TABLE public.t DROP c", "loss", 'SELECT count("c"), NULL FROM "t"'),
    ],
)
def test_each_way_to_lose_or_to_fail_has_its_question(script: str, kind: str, query: str) -> None:
    assert asked(script) == [(kind, query)]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (a int); ALTER TABLE t ALTER a SET NOT NULL; DROP TABLE t",
        "ALTER TABLE t ADD c int; UPDATE t SET c = 1; ALTER TABLE t ALTER c SET NOT NULL",
        "UPDATE t SET c = 1 WHERE c IS NULL; ALTER TABLE t ALTER c SET NOT NULL",
        "DO $$ BEGIN END $$; ALTER TABLE t ALTER c SET NOT NULL",
        "ALTER TABLE t ADD c int NOT NULL DEFAULT 1, ADD d serial NOT NULL",
        "ALTER TABLE t ADD e int NOT NULL GENERATED ALWAYS AS IDENTITY",
        "DROP VIEW v; DROP INDEX i; DROP TYPE e; DROP FUNCTION f; COMMENT ON TABLE t IS 'x'",
        "ALTER TABLE t ADD c int; ALTER TABLE t RENAME c TO d; ALTER TABLE t DROP d",
    ],
)
def test_what_the_script_makes_or_sees_to_itself_is_no_question(script: str) -> None:
    assert asked(script) == []


def test_a_smaller_enum_is_a_question_to_each_column_of_it() -> None:
    script = """
    CREATE TYPE "R_new" AS ENUM ('A', 'it''s');
    ALTER TABLE t ALTER c TYPE "R_new" USING (c::text::"R_new");
    ALTER TABLE t ALTER d TYPE "R_new"[] USING d::text::"R_new"[];
    """
    assert [query for _, query in asked(script)] == [
        'SELECT count(*), min(held) FROM (SELECT unnest(ARRAY["c"::text]) AS held FROM "t") AS held_values '
        "WHERE held <> ALL (ARRAY['A', 'it''s']::text[])",
        'SELECT count(*), min(held) FROM (SELECT unnest("d"::text[]) AS held FROM "t") AS held_values '
        "WHERE held <> ALL (ARRAY['A', 'it''s']::text[])",
    ]


def test_a_smaller_enum_is_asked_about_values_by_the_names_they_have_before() -> None:
    script = """
    ALTER TYPE "R" RENAME VALUE 'X' TO 'A';
    CREATE TYPE "R_new" AS ENUM ('A', 'B');
    ALTER TABLE t ALTER c TYPE "R_new" USING (c::text::"R_new");
    """
    assert [query.partition("WHERE")[2] for _, query in asked(script)] == [
        " held <> ALL (ARRAY['X', 'B']::text[])"
    ]


@pytest.mark.parametrize(
    ("change", "kind", "where"),
    [
        ("TYPE int", "loss", """"c" IS DISTINCT FROM ((c)::integer)::numeric"""),
        ("TYPE numeric(9, 2)", "loss", """"c" IS DISTINCT FROM ((c)::numeric(9, 2))"""),
        ("TYPE text USING c::text", None, None),
        ("TYPE text USING lower(d)", "loss", """"c"::text IS DISTINCT FROM ((lower(old))::text)::text"""),
        (
            "TYPE text USING to_jsonb()",
            "loss",
            '"c"::jsonb IS DISTINCT FROM to_jsonb((to_jsonb())::text)::jsonb',
        ),
        ("TYPE bool USING c <> 0", "loss", """"c" IS DISTINCT FROM ((c <> 0)::bool)::integer::numeric"""),
    ],
)
def test_each_conversion_is_asked_for_the_values_that_it_changes(
    change: str, kind: str | None, where: str | None
) -> None:
    reader = CheckReader()
    list(reader.checks_of(parse_script("CREATE TABLE t (c numeric, old text);")))
    reader = CheckReader(reader.database.settled())
    script = f"ALTER TABLE t RENAME old TO d; ALTER TABLE t ALTER c {change};"
    checks = [each.check for each in reader.checks_of(parse_script(script))]
    assert [(each["kind"], each["sql"].partition(" IS NOT NULL AND ")[2]) for each in checks] == (
        [] if kind is None else [(kind, where)]
    )


def test_a_second_conversion_is_asked_about_what_the_first_one_leaves() -> None:
    reader = CheckReader()
    list(reader.checks_of(parse_script("CREATE TABLE t (c numeric);")))
    reader = CheckReader(reader.database.settled())
    script = "ALTER TABLE t ALTER c TYPE text; ALTER TABLE t ALTER c TYPE int USING c::int;"
    (check,) = (each.check for each in reader.checks_of(parse_script(script)))
    assert check["sql"].partition(" AND ")[2] == (
        "(c)::text::text IS DISTINCT FROM ((CAST(c AS text))::integer)::text"
    )
    script = "ALTER TABLE t ADD d text; ALTER TABLE t ALTER c TYPE int USING d::int;"
    (check,) = (each.check for each in reader.checks_of(parse_script(script)))
    assert check["sql"] == 'SELECT count("c"), NULL FROM "t"'


def test_rights_are_those_on_what_is_altered_and_where_things_are_made() -> None:
    script = (
        'ALTER TABLE "A" ADD b int; CREATE TABLE s.n (a int REFERENCES p); CREATE INDEX i ON t (a);'
        "DROP TABLE x, s.y; ALTER TABLE public.a RENAME TO b; CREATE TYPE e AS ENUM ('a');"
        "INSERT INTO q SELECT * FROM r; DROP FUNCTION f(int, text), g; ALTER TYPE s.e ADD VALUE 'b';"
        "CREATE OR REPLACE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS ''; DROP POLICY k ON s.t;"
    )
    assert needed_rights(parse_script(script)) == [
        ("owner", None, '"A"'),
        ("REFERENCES", None, '"p"'),
        ("create", "s", ""),
        ("owner", None, '"t"'),
        ("create", None, ""),
        ("drop", None, '"x"'),
        ("drop", "s", '"y"'),
        ("owner", None, '"a"'),
        ("INSERT", None, '"q"'),
        ("SELECT", None, '"r"'),
        ("drop function", None, '"f"(integer, text)'),
        ("drop function", None, '"g"'),
        ("own type", "s", '"e"'),
        ("own function", None, '"h"()'),
        ("owner", "s", '"t"'),
    ]


def test_a_detach_that_was_cut_short_can_be_finished() -> None:
    found = finishing_statement('ALTER TABLE s.p DETACH PARTITION "P 1" CONCURRENTLY')
    assert found == 'ALTER TABLE "s"."p" DETACH PARTITION "P 1" FINALIZE'
    assert finishing_statement("VACUUM t") is None
