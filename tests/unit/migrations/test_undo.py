"""What undoes the first steps of a script: statements of the two scripts, and some that are in neither."""

from __future__ import annotations

import pytest

from migrations.scripts.split import split
from migrations.undo.undo_steps import Undo, undo_steps

KEY = (
    'CREATE UNIQUE INDEX CONCURRENTLY "k_new" ON t (a, b); ALTER TABLE t DROP CONSTRAINT k;'
    'VACUUM t; ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX "k_new";'
)
CHECKED = (
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c;"
    "ALTER TABLE t ALTER a SET NOT NULL; ALTER TABLE t DROP CONSTRAINT c;"
)


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        (
            "ALTER TABLE t RENAME a TO b; VACUUM; ALTER TABLE t ADD c int; VACUUM;",
            "ALTER TABLE t DROP c; ALTER TABLE t RENAME b TO a;",
            [["ALTER TABLE t RENAME b TO a"]] * 2
            + [["ALTER TABLE t DROP c", "ALTER TABLE t RENAME b TO a"]] * 2,
        ),
        (
            KEY,
            KEY.replace("(a, b)", "(a)"),
            [
                ['DROP INDEX CONCURRENTLY "k_new"'],
                *[
                    [
                        'DROP INDEX CONCURRENTLY "k_new"',
                        'CREATE UNIQUE INDEX CONCURRENTLY "k_new" ON t (a)',
                        'ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX "k_new"',
                    ]
                ]
                * 2,
            ],
        ),
        (
            CHECKED,
            "ALTER TABLE t ALTER a DROP NOT NULL;",
            [["ALTER TABLE t DROP CONSTRAINT c"]] * 2,
        ),
        (
            "CREATE TABLE p (id int PRIMARY KEY);"
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p NOT VALID;"
            "ALTER TABLE t VALIDATE CONSTRAINT f;",
            "ALTER TABLE t DROP CONSTRAINT f; DROP TABLE p;",
            [["ALTER TABLE t DROP CONSTRAINT f", "DROP TABLE p"]],
        ),
        (
            "CREATE TABLE p (id int); DO $$ BEGIN PERFORM 1; END $$; VACUUM;",
            "DROP TABLE p;",
            [None, ["DROP TABLE p"]],
        ),
    ],
    ids=["rename", "key", "check", "foreign key", "code"],
)
def test_the_undo_at_each_stop_of_a_script(up: str, down: str, expected: list[list[str] | None]) -> None:
    found = undo_steps(split(up, "up.sql"), split(down, "down.sql"))["up"]
    assert [_statements(each) for each in found] == expected


def _statements(undo: Undo | None) -> list[str] | None:
    if undo is None:
        return None
    return [statement.sql for step in undo.steps for statement in step.step.statements]
