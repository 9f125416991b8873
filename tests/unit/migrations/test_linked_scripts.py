"""The checks of a downgrade leave out scripts that have nothing to do with it, and are what they were."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from migrations.data_checks.chained_checks import chained_checks
from migrations.data_checks.script_links import LinkFinder
from migrations.ddl.statements import parse_script

#: Pairs of an up.sql and a down.sql, over tables, columns and types that turn up in others.
_PAIRS = (
    ("CREATE TABLE {t} (id int PRIMARY KEY, {c} text, k {e});", "DROP TABLE {t};"),
    ("DROP TABLE {t};", "CREATE TABLE {t} (id int PRIMARY KEY, {c} text NOT NULL, k {e});"),
    ("ALTER TABLE {t} ADD COLUMN {c} text;", "ALTER TABLE {t} DROP COLUMN {c};"),
    ("ALTER TABLE {t} DROP COLUMN {c};", "ALTER TABLE {t} ADD COLUMN {c} int NOT NULL;"),
    ("ALTER TABLE {t} RENAME TO {u};", "ALTER TABLE {u} RENAME TO {t};"),
    ("ALTER TABLE {t} RENAME COLUMN {c} TO {d};", "ALTER TABLE {t} RENAME COLUMN {d} TO {c};"),
    ("ALTER TABLE {t} ALTER {c} TYPE bigint;", "ALTER TABLE {t} ALTER {c} TYPE int;"),
    ("ALTER TABLE {t} ALTER k TYPE text;", "ALTER TABLE {t} ALTER k TYPE {e} USING k::{e};"),
    ("ALTER TABLE {t} ALTER {c} DROP NOT NULL;", "ALTER TABLE {t} ALTER {c} SET NOT NULL;"),
    (
        "UPDATE {t} SET {c} = 1;",
        "UPDATE {t} SET {c} = {u}.{d} FROM {u}; ALTER TABLE {t} ALTER {c} SET NOT NULL;",
    ),
    ("INSERT INTO {t} (id) SELECT id FROM {u};", "DELETE FROM {t} WHERE {c} IN (SELECT {d} FROM {u});"),
    ("CREATE TYPE {e} AS ENUM ('a', 'b');", "DROP TYPE {e};"),
    ("ALTER TYPE {e} RENAME TO {f};", "ALTER TYPE {f} RENAME TO {e};"),
    ("ALTER TYPE {e} ADD VALUE 'c';", "ALTER TYPE {e} RENAME VALUE 'c' TO 'd';"),
    ("CREATE UNIQUE INDEX {t}_{c} ON {t} ({c});", "DROP INDEX {t}_{c};"),
    ("ALTER INDEX {t}_{c} RENAME TO {u}_{d};", "ALTER INDEX {u}_{d} RENAME TO {t}_{c};"),
    (
        "ALTER TABLE {t} ADD CONSTRAINT k FOREIGN KEY ({c}) REFERENCES {u};",
        "ALTER TABLE {t} DROP CONSTRAINT k;",
    ),
)
_REACHING = (
    ("CREATE VIEW v AS SELECT * FROM {t};", "DROP VIEW v;"),
    ("CREATE TABLE {t} (x int) INHERITS ({u});", "DROP TABLE {t} CASCADE;"),
    ("DO $$ BEGIN UPDATE {t} SET {c} = 1; END $$;", "DO $$ BEGIN DELETE FROM {t}; END $$;"),
    (
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM {u}; END $$;",
        "SELECT f();",
    ),
    ("CREATE TRIGGER g BEFORE UPDATE ON {t} EXECUTE FUNCTION f();", "DROP TRIGGER g ON {t};"),
    ("TRUNCATE {t} CASCADE;", "DROP TYPE {e} CASCADE;"),
    ("SET search_path = o; CREATE TABLE {t} (id int);", "SET search_path = o; DROP TABLE {t};"),
    ("ALTER SCHEMA o RENAME TO p;", "ALTER SCHEMA p RENAME TO o;"),
    ("SELECT 1;", None),
)


def _histories(count: int) -> Iterator[list[tuple[str, str | None]]]:
    for seed in range(count):
        chance = random.Random(seed)
        pairs: tuple[tuple[str, str | None], ...] = _PAIRS if seed % 3 else (*_PAIRS, *_REACHING)
        scripts = []
        for _ in range(chance.randint(4, 14)):
            t, u = chance.sample("tuvwxyz", 2)
            c, d = chance.sample("abcd", 2)
            e, f = chance.sample(("e", "f", "g"), 2)
            up, down = chance.choice(pairs)
            names = {"t": t, "u": u, "c": c, "d": d, "e": e, "f": f}
            scripts.append((up.format(**names), None if down is None else down.format(**names)))
        yield scripts


def test_the_checks_are_those_of_a_walk_through_every_script(monkeypatch: pytest.MonkeyPatch) -> None:
    histories = [
        [(parse_script(up), None if down is None else parse_script(down)) for up, down in scripts]
        for scripts in _histories(120)
    ]
    found = [chained_checks(history) for history in histories]
    asked = sum(len(each) for checks in found for each in checks)
    monkeypatch.setattr(LinkFinder, "links", lambda *_arguments: None)
    assert [chained_checks(history) for history in histories] == found
    assert asked > 1000
