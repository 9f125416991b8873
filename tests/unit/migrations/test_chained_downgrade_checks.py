"""What a downgrade over several migrations asks, by the names that the database has before it."""

from __future__ import annotations

from migrations.downgrade_checks.chained_downgrade_checks import chained_checks


def asked(*scripts: str | None) -> list[list[tuple[int, list[str], list[str]]]]:
    return [
        [(each.newest, [check["sql"] for check in each.checks], each.put_off) for each in questions]
        for questions in chained_checks([("", script) for script in scripts])
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
