"""What a downgrade over several migrations asks, by the names that the database has before it."""

from __future__ import annotations

import pytest

from migrations.data_checks.chained_checks import ChainedChecks, chained_checks
from migrations.ddl.statements import parse_script


def checked(*history: tuple[str, str | None]) -> list[list[ChainedChecks]]:
    return chained_checks(
        [(parse_script(up), None if down is None else parse_script(down)) for up, down in history]
    )


def asked(*scripts: str | None) -> list[list[tuple[int, list[str], list[str]]]]:
    return [
        [(each.newest, [check["sql"] for check in each.checks], each.put_off) for each in questions]
        for questions in checked(*(("", script) for script in scripts))
    ]


def test_names_are_followed_back_through_later_scripts() -> None:
    first, *_ = asked(
        "ALTER TABLE t DROP COLUMN c",
        "DROP TABLE other",
        "ALTER TABLE u RENAME TO t",
        "ALTER TABLE w RENAME TO u; ALTER TABLE u RENAME d TO c",
    )
    assert first == [
        (0, ['SELECT count("c"), NULL FROM "t"'], []),
        (2, ['SELECT count("c"), NULL FROM "u"'], []),
        (3, ['SELECT count("d"), NULL FROM "w"'], []),
    ]


def test_what_a_later_script_makes_is_empty_and_no_question() -> None:
    first, _ = asked("DROP TABLE t", "CREATE TABLE s (a int); ALTER TABLE s RENAME TO t")
    assert first == [(0, ['SELECT count(*), NULL FROM "t"'], []), (1, [], [])]


def test_what_a_later_script_writes_to_is_put_off() -> None:
    first, _ = asked("ALTER TABLE t ALTER c SET NOT NULL", "UPDATE t SET c = 1")
    assert first == [
        (0, ['SELECT count(*), NULL FROM "t" WHERE "c" IS NULL'], []),
        (1, [], ['"t"."c"']),
    ]


def test_a_script_that_is_missing_ends_the_way() -> None:
    first, missing, last = asked("DROP TABLE t", None, "ALTER TABLE u RENAME TO t")
    assert (len(first), missing, len(last)) == (1, [], 1)


def test_what_makes_no_difference_is_not_repeated() -> None:
    first, _, _ = asked("DROP TABLE t", "ALTER TABLE a RENAME TO b", "UPDATE b SET c = 1")
    assert len(first) == 1


@pytest.mark.parametrize(
    "trap",
    [
        "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION empty()",
        "CREATE RULE g AS ON INSERT TO t DO ALSO DELETE FROM kept",
        "CREATE OR REPLACE FUNCTION idle() RETURNS void LANGUAGE sql AS 'DELETE FROM kept'",
    ],
)
def test_what_a_later_script_makes_and_this_one_fires_is_asked_about(trap: str) -> None:
    functions = """
        CREATE TABLE t (a int); CREATE TABLE kept (a int);
        CREATE FUNCTION empty() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM kept; END$$;
        CREATE FUNCTION idle() RETURNS void LANGUAGE sql AS 'SELECT 1';
    """
    fires = "INSERT INTO t VALUES (1); SELECT idle();"
    _, first, _ = checked((functions, None), ("", fires), ("", trap))
    assert [(each.newest, len(each.checks)) for each in first] == [(1, 0), (2, 1)]
