"""Random histories of migrations with more than one step, and what can go wrong in the middle of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.workspace.migration import Migration

from ..kit import migration

BACKFILL = "\n-- schema-service: backfill\n"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A change of the table ``{t}``, which has rows. ``up_rows`` and ``down_rows`` are rows that the script
    fails on, or empty, and ``*_fix`` removes them."""

    table: str
    up: str
    down: str
    up_rows: str = ""
    up_fix: str = ""
    down_rows: str = ""
    down_fix: str = ""


_REQUIRED = (
    "ALTER TABLE {t} ADD CONSTRAINT {t}_set CHECK (a IS NOT NULL) NOT VALID;"
    "ALTER TABLE {t} VALIDATE CONSTRAINT {t}_set; ALTER TABLE {t} ALTER a SET NOT NULL;"
    "ALTER TABLE {t} DROP CONSTRAINT {t}_set;"
)
_TWO = "id int PRIMARY KEY, a text"
PARTS = (
    Part(
        table=_TWO,
        up="ALTER TABLE {t} ADD b int; CREATE UNIQUE INDEX CONCURRENTLY {t}_a ON {t} (a);",
        down="DROP INDEX CONCURRENTLY {t}_a; ALTER TABLE {t} DROP b;",
        up_rows="INSERT INTO {t} VALUES (90, 'x'), (91, 'x')",
        up_fix="DELETE FROM {t} WHERE id = 91",
    ),
    Part(
        table=_TWO,
        up=f"ALTER TABLE {{t}} ADD b int;{BACKFILL}UPDATE {{t}} SET b = id WHERE b IS NULL;{_REQUIRED}",
        down="ALTER TABLE {t} ALTER a DROP NOT NULL; ALTER TABLE {t} DROP b;",
        up_rows="INSERT INTO {t} VALUES (90, NULL)",
        up_fix="DELETE FROM {t} WHERE a IS NULL",
    ),
    Part(
        table=f"{_TWO} UNIQUE",
        up="ALTER TABLE {t} RENAME a TO c; ALTER TABLE {t} DROP CONSTRAINT {t}_a_key;"
        "ALTER TABLE {t} ADD d int;"
        "CREATE UNIQUE INDEX CONCURRENTLY {t}_d ON {t} (d) NULLS NOT DISTINCT WHERE id >= 90;",
        down="DROP INDEX CONCURRENTLY {t}_d; ALTER TABLE {t} DROP d; ALTER TABLE {t} RENAME c TO a;"
        "ALTER TABLE {t} ADD CONSTRAINT {t}_a_key UNIQUE (a);",
        up_rows="INSERT INTO {t} VALUES (90, 'x'), (91, 'y')",
        up_fix="DELETE FROM {t} WHERE id >= 90",
    ),
    Part(
        table=_TWO,
        up="CREATE TABLE {t}_p (id int PRIMARY KEY); INSERT INTO {t}_p SELECT id FROM {t} WHERE id < 50;"
        "ALTER TABLE {t} ADD CONSTRAINT {t}_fk FOREIGN KEY (id) REFERENCES {t}_p NOT VALID;"
        "ALTER TABLE {t} VALIDATE CONSTRAINT {t}_fk;",
        down="ALTER TABLE {t} DROP CONSTRAINT {t}_fk; VACUUM {t}; DROP TABLE {t}_p;",
        up_rows="INSERT INTO {t} VALUES (90, 'x')",
        up_fix="DELETE FROM {t} WHERE id = 90",
    ),
    Part(
        table="id int PRIMARY KEY, a text, b int",
        up="CREATE INDEX CONCURRENTLY {t}_b ON {t} (b); ALTER TABLE {t} ALTER a TYPE int USING a::int;",
        down="ALTER TABLE {t} ALTER a TYPE text USING a::text; DROP INDEX CONCURRENTLY {t}_b;",
        up_rows="INSERT INTO {t} VALUES (90, 'x', 1)",
        up_fix="DELETE FROM {t} WHERE id = 90",
    ),
    Part(
        table=f"{_TWO} NOT NULL",
        up="DROP INDEX CONCURRENTLY IF EXISTS {t}_none; ALTER TABLE {t} ALTER a DROP NOT NULL;",
        down=f"VACUUM {{t}}; CREATE UNIQUE INDEX CONCURRENTLY {{t}}_x ON {{t}} (id); {_REQUIRED}"
        "DROP INDEX CONCURRENTLY {t}_x;",
        down_rows="INSERT INTO {t} VALUES (90, NULL)",
        down_fix="DELETE FROM {t} WHERE a IS NULL",
    ),
    Part(
        table=_TWO,
        up="CREATE INDEX CONCURRENTLY {t}_i ON {t} (a); ALTER TABLE {t} ADD CONSTRAINT {t}_u UNIQUE (id, a);",
        down="ALTER TABLE {t} DROP CONSTRAINT {t}_u; DROP INDEX CONCURRENTLY {t}_i;",
    ),
)


@dataclass(frozen=True, kw_only=True)
class History:
    """``uses`` are the parts of each migration but the first, which makes their tables, by table."""

    migrations: tuple[Migration, ...]
    uses: tuple[tuple[tuple[str, Part], ...], ...]

    @property
    def versions(self) -> list[str]:
        return [str(each.version) for each in self.migrations]


def random_history(chance: random.Random) -> History:
    """Two to three migrations after the first, of one to two parts each."""
    uses: list[tuple[tuple[str, Part], ...]] = []
    for number in range(chance.randint(2, 3)):
        parts = chance.sample(PARTS, chance.randint(1, 2))
        uses.append(tuple((f"t{number}{place}", part) for place, part in enumerate(parts)))
    tables = [used for each in uses for used in each]
    made = migration(
        1,
        "".join(
            f"CREATE TABLE {name} ({part.table}); INSERT INTO {name} VALUES (1, '1'), (2, '2');"
            for name, part in tables
        ),
        "".join(f"DROP TABLE {name};" for name, _ in tables),
    )
    later = [_migration(number, parts) for number, parts in enumerate(uses, 2)]
    return History(migrations=(made, *later), uses=tuple(uses))


def _migration(number: int, parts: Sequence[tuple[str, Part]]) -> Migration:
    up = "".join(part.up.format(t=name) for name, part in parts)
    down = "".join(part.down.format(t=name) for name, part in reversed(parts))
    return migration(number, up, down, version=f"{number}.0.0")
