"""Partitioned tables, which Prisma has no word for: planned, checked, seeded, rehearsed, run and verified."""

from __future__ import annotations

import psycopg
import pytest

from migrations.package.manifest import build_manifest
from migrations.planner.plan import plan
from migrations.rehearsal.rehearsal import rehearse
from migrations.review import review
from migrations.runner import commands
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.scratch.scratch_server import ScratchServer
from migrations.scripts.scripts import script_problems
from schemas.answers import Answers
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

FIRST = """datasource db {
  provider = "postgresql"
}

model User {
  id     Int     @id @default(autoincrement())
  name   String
  events Event[]
}

model Event {
  id     Int      @default(autoincrement())
  at     DateTime @db.Timestamptz(6)
  kind   String
  userId Int
  user   User     @relation(fields: [userId], references: [id])

  @@id([id, at])
  @@index([kind])
}

model Tenant {
  id   Int
  land String

  @@id([id, land])
}

model Part {
  id Int @id
}
"""
SECOND = (
    FIRST.replace(
        "@@id([id, at])", "note String?\n @@id([at, id])\n @@unique([at, kind, id])\n @@index([note])"
    )
    .replace(
        "  @@index([kind])\n",
        '  extraId Int?\n  extra User? @relation("x", fields: [extraId], references: [id])\n',
    )
    .replace("  events Event[]", '  events Event[]\n  extras Event[] @relation("x")\n\n  @@index([name])')
)
UP = """
CREATE TABLE "User" (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Event" (
    id serial NOT NULL, at timestamptz(6) NOT NULL, kind text NOT NULL, "userId" int NOT NULL,
    CONSTRAINT "Event_pkey" PRIMARY KEY (id, at),
    CONSTRAINT "Event_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" (id)
        ON DELETE RESTRICT ON UPDATE CASCADE
) PARTITION BY RANGE (at);
CREATE TABLE event_2025 PARTITION OF "Event" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE event_2026 PARTITION OF "Event" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX "Event_kind_idx" ON "Event" (kind);
CREATE TABLE "Tenant" (id int, land text, CONSTRAINT "Tenant_pkey" PRIMARY KEY (id, land))
    PARTITION BY LIST (land);
CREATE TABLE tenant_de PARTITION OF "Tenant" FOR VALUES IN ('de', 'at');
CREATE TABLE tenant_other PARTITION OF "Tenant" DEFAULT;
CREATE TABLE "Part" (id int, CONSTRAINT "Part_pkey" PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF "Part" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF "Part" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
"""
LATER = """
CREATE TABLE event_2027 PARTITION OF "Event" FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
"""


def step(number: int, up: str, down: str | None = None, version: str = "1.0.0") -> Migration:
    return Migration(number=number, name="step", version=SchemaVersion.parse(version), up=up, down=down)


def test_what_the_planner_writes_is_right_up_to_a_verified_database(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    first, second = bridge.parse(FIRST), bridge.parse(SECOND)
    planned = plan(first, second, bridge, history=[UP])
    history = (step(1, UP), step(2, planned.up, planned.down, "1.1.0"))
    assert [line for line in planned.up.splitlines() if "CONCURRENTLY" in line] == [
        'CREATE INDEX CONCURRENTLY "User_name_idx" ON "User"("name");'
    ]
    assert script_problems(history) == []
    answers = {"answers": Answers(), "answers_file": "version.toml"}
    assert review(history[1:], first, second, bridge, **answers, history=history) == []  # type: ignore[arg-type]
    found = rehearse(history, second, scratch_server, bridge)
    assert found.warnings == ()
    assert found.summary == "up, down and up from an empty database, and with rows from 1.0.0"
    assert all(count > 0 for count in found.trips[0].begun.values())
    assert found.trips[0].begun.keys() == {"User", "Event", "Tenant", "Part"}
    manifest = Manifest.from_json(
        build_manifest(
            schema_name="log",
            package="log-migrations",
            version=SchemaVersion.parse("1.1.0"),
            schema_digest="0" * 64,
            migrations=history,
            history=found.history,
        )
    )
    with scratch_server.new_database() as dsn:
        commands.upgrade(manifest, address(dsn), to="1.0.0")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("INSERT INTO \"User\" (name) VALUES ('Ada')")
            connection.execute("""INSERT INTO "Event" (at, kind, "userId") VALUES ('2025-05-05', 'in', 1)""")
            connection.execute(LATER)
        commands.upgrade(manifest, address(dsn))
        assert commands.verify(manifest, address(dsn)).differences == ()
        commands.downgrade(manifest, address(dsn), to="1.0.0", allow_data_loss=True)
        commands.upgrade(manifest, address(dsn))
        assert commands.verify(manifest, address(dsn)).differences == ()


BUILT_IN_PARTS = """
CREATE INDEX "Event_note_idx" ON ONLY "Event" (kind, id);
CREATE INDEX CONCURRENTLY event_2025_note_idx ON event_2025 (kind, id);
CREATE INDEX CONCURRENTLY event_2026_note_idx ON event_2026 (kind, id);
ALTER INDEX "Event_note_idx" ATTACH PARTITION event_2025_note_idx;
ALTER INDEX "Event_note_idx" ATTACH PARTITION event_2026_note_idx;
"""


@pytest.mark.parametrize(
    ("up", "down", "places"),
    [
        ('CREATE INDEX CONCURRENTLY i ON "Event" (id);', "DROP INDEX i;", [("up", 1, 1)]),
        (
            'SELECT 1;\n  CREATE INDEX CONCURRENTLY i\n  ON "Event" (id);\n'
            'DROP INDEX CONCURRENTLY "Event_kind_idx";',
            'CREATE INDEX CONCURRENTLY "Event_kind_idx" ON "Event" (kind);',
            [("up", 2, 3), ("up", 4, 1), ("down", 1, 1)],
        ),
        ('ALTER TABLE "Event" RENAME TO e; CREATE INDEX CONCURRENTLY i ON e (id);', None, [("up", 1, 34)]),
        ('CREATE INDEX i ON "Event" (id);', "DROP INDEX CONCURRENTLY i;", [("down", 1, 1)]),
        ('CREATE INDEX CONCURRENTLY i ON "User" (id);', "DROP INDEX CONCURRENTLY i;", []),
        (BUILT_IN_PARTS, 'DROP INDEX "Event_note_idx";', []),
    ],
)
def test_concurrently_is_told_at_check_with_its_place(
    up: str, down: str | None, places: list[tuple[str, int, int]]
) -> None:
    migration = step(2, up, down, "1.1.0")
    found = script_problems((step(1, UP), migration))
    assert [(each.code, each.file, each.line, each.column) for each in found] == [
        ("concurrently-on-partitions", migration.script_path(way), line, column)  # type: ignore[arg-type]
        for way, line, column in places
    ]
    assert all("leave out CONCURRENTLY" in each.fix for each in found)


def test_an_index_built_partition_by_partition_is_rehearsed(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    indexed = bridge.parse(
        FIRST.replace("@@index([kind])", '@@index([kind])\n  @@index([kind, id], map: "Event_note_idx")')
    )
    history = (step(1, UP), step(2, BUILT_IN_PARTS, 'DROP INDEX "Event_note_idx";', "1.1.0"))
    assert rehearse(history, indexed, scratch_server, bridge).warnings == ()
