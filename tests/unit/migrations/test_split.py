"""Scripts into statements and steps."""

from __future__ import annotations

import pytest

from migrations.errors import MigrationSyntaxError
from migrations.scripts.split import checksum, split


def kinds(script: str) -> list[tuple[str, int]]:
    return [(step.kind, len(step.statements)) for step in split(script, "up.sql")]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "create_index"),
        ("DROP INDEX CONCURRENTLY IF EXISTS s.i", "drop_index"),
        ("REINDEX INDEX CONCURRENTLY i", "standalone"),
        ("REINDEX DATABASE", "standalone"),
        ("VACUUM t", "standalone"),
        ("ALTER SYSTEM SET work_mem = '1MB'", "standalone"),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "standalone"),
        ("CREATE DATABASE d", "standalone"),
        ("ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'", "enum_value"),
        ("ALTER TYPE e RENAME VALUE 'x' TO 'y'", "transaction"),
        ("REINDEX TABLE t", "transaction"),
        ("ANALYZE t", "transaction"),
        ("CREATE INDEX i ON t (a)", "transaction"),
        ("ALTER TABLE t DETACH PARTITION p", "transaction"),
        ("SAVEPOINT s", "transaction"),
    ],
)
def test_every_statement_gets_the_step_that_postgres_allows(statement: str, kind: str) -> None:
    assert kinds(f"{statement};") == [(kind, 1)]


def test_steps_are_as_few_as_possible() -> None:
    script = (
        "CREATE TABLE a (x int); INSERT INTO a VALUES (1);"
        "ALTER TYPE e ADD VALUE 'p'; ALTER TYPE e ADD VALUE 'q'; INSERT INTO b VALUES ('p');"
        "CREATE INDEX CONCURRENTLY i ON a (x); SELECT 1"
    )
    expected = [("transaction", 2), ("enum_value", 2), ("transaction", 1), ("create_index", 1)]
    assert kinds(script) == [*expected, ("transaction", 1)]


def test_settings_travel_to_the_steps_after_them() -> None:
    first, second, third = split("SET a.b = 1; DROP INDEX CONCURRENTLY i; SELECT 1;", "up.sql")
    assert (first.settings, second.settings, third.settings) == ((), ("SET a.b = 1",), ("SET a.b = 1",))


def test_the_authors_own_transaction_is_dropped() -> None:
    (step,) = split("BEGIN; CREATE TABLE a (x int); COMMIT; START TRANSACTION; SELECT 1; END;", "up.sql")
    assert [statement.sql for statement in step.statements] == ["CREATE TABLE a (x int)", "SELECT 1"]


def test_a_script_of_comments_is_one_empty_step() -> None:
    assert kinds("-- nothing\n/* at all */\n;;\n") == [("transaction", 0)]


def test_places_and_texts_are_exact() -> None:
    script = "-- é😀\r\n/* a /* b; */ c */ SELECT $é$;'$é$ ;\r\n\r\n  SELECT E'\\';' -- x;\n;"
    (step,) = split(script, "up.sql")
    assert [(s.sql, s.line, s.column) for s in step.statements] == [
        ("SELECT $é$;'$é$", 2, 20),
        ("SELECT E'\\';' -- x;", 4, 3),
    ]


def test_checksums_are_over_statements_only() -> None:
    plain = checksum(split("CREATE TABLE a (x int, y text DEFAULT 'a  b'); SELECT 1;", "f"))
    cosmetic = "\ufeff-- why\r\nCREATE  TABLE a (x int, -- x\r\n y text DEFAULT 'a  b' ) ;\r\nSELECT 1"
    assert checksum(split(cosmetic, "f")) == plain
    for other in ("'a b'", "'a  b', z int", "'A  b'"):
        script = f"CREATE TABLE a (x int, y text DEFAULT {other}); SELECT 1;"
        assert checksum(split(script, "f")) != plain
    assert checksum(split("SELECT 'a', 'b'", "f")) != checksum(split("SELECT 'a, b'", "f"))


@pytest.mark.parametrize(
    ("script", "line", "column", "words"),
    [
        ("SELECT 1;\n  SELEC é;", 2, 3, "SELEC"),
        ("SELECT 'é", 1, 8, "unterminated"),
        ("-- x\n\\connect y", 2, 1, "psql"),
        ("SELECT 1; ROLLBACK;", 1, 11, "roll back"),
        ("COPY t FROM STDIN;", 1, 1, "STDIN"),
        ("CREATE INDEX CONCURRENTLY ON t (a)", 1, 1, "needs a name"),
        ("DROP INDEX CONCURRENTLY a, b", 1, 1, "one index"),
    ],
)
def test_what_no_step_can_hold_is_told_with_its_place(
    script: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(MigrationSyntaxError) as refused:
        split(script, "005_x/up.sql")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.column) == ("005_x/up.sql", line, column)
    assert words in f"{problem.message} {problem.fix}"


def test_all_refusals_of_a_script_are_told() -> None:
    with pytest.raises(MigrationSyntaxError) as refused:
        split("ROLLBACK; SELECT 1; PREPARE TRANSACTION 'x'; COPY t TO STDOUT;", "f")
    assert [problem.column for problem in refused.value.problems] == [1, 21, 46]
