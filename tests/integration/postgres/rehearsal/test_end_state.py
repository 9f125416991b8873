"""A history that ends elsewhere than in its schema: where that is, and the plan from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import errors

from migrations.errors import RehearsalError
from migrations.planner.plan import plan
from migrations.rehearsal.end_state import EndState, end_state
from migrations.rehearsal.expected_database import build_expected
from migrations.scratch.scratch_server import ScratchServer
from schemas.answers import Answers, Backfill, SqlOnly
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_SCHEMA = """\
datasource db {
  provider = "postgresql"
}

model User {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  name    String   @default("x") @map("full_name")
  role    Role     @default(USER)
  age     Int?
  price   Decimal  @db.Decimal(10, 2)
  at      DateTime @default(now())
  profile Profile?
  posts   Post[]
  tags    Tag[]

  @@index([role, age(sort: Desc)])
  @@map("users")
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id], onDelete: Cascade)
}

model Post {
  id       Int    @id
  title    String
  authorId Int?
  author   User?  @relation(fields: [authorId], references: [id])

  @@unique([title, authorId])
}

model Tag {
  id    Int    @id
  users User[]
}

enum Role {
  USER
  ADMIN
}
"""
_ANSWERS = Answers(
    accepted_losses=tuple(
        (key, "not needed")
        for key in ("User.extra", "User.age", "User.price", "User.Ex_tra", "legacy", "Role.GUEST")
    ),
    backfills=(
        ("User.email", Backfill(sql="id::text")),
        ("Post.title", Backfill(no_rows=True)),
        ("User.at", Backfill(no_rows=True)),
    ),
)


def _script(number: int, up: str) -> Migration:
    return Migration(number=number, name="step", version=SchemaVersion(1, 0, 0), up=up, down=None)


def _ended(
    history: list[Migration],
    schema: Schema,
    bridge: PrismaBridge,
    server: ScratchServer,
    kept: SqlOnly | None = None,
) -> EndState:
    return end_state(
        history, schema, bridge, sql_only=kept or SqlOnly(), url=server.url, folder=Path("unused")
    )


@pytest.mark.parametrize(
    ("by_hand", "told"),
    [
        (
            """DROP INDEX users_role_age_idx; DROP INDEX "Profile_userId_key"; DROP INDEX users_email_key;
            CREATE INDEX by_hand ON users (full_name, "at" DESC); CREATE UNIQUE INDEX u ON "Post" (title)""",
            5,
        ),
        ("ALTER TABLE users DROP COLUMN age, DROP COLUMN full_name", 3),
        (
            """ALTER TABLE users ADD COLUMN extra varchar(20)[], ALTER COLUMN age SET NOT NULL,
            ADD COLUMN "Ex tra" timestamptz NOT NULL DEFAULT now(), ALTER COLUMN email DROP NOT NULL""",
            4,
        ),
        (
            """ALTER TABLE users ALTER COLUMN price TYPE numeric(12,4), ALTER COLUMN age TYPE bigint,
            ALTER COLUMN full_name DROP DEFAULT, ALTER COLUMN age SET DEFAULT 3,
            ALTER COLUMN role SET DEFAULT 'ADMIN'; ALTER TYPE "Role" ADD VALUE 'GUEST'""",
            6,
        ),
        (
            """ALTER TABLE "Profile" DROP CONSTRAINT "Profile_userId_fkey", ADD CONSTRAINT "other"
            FOREIGN KEY ("userId") REFERENCES users (id) ON UPDATE CASCADE ON DELETE RESTRICT;
            ALTER TABLE "Post" ADD FOREIGN KEY (id) REFERENCES "Tag" (id),
            DROP CONSTRAINT "Post_authorId_fkey" """,
            4,
        ),
        ('DROP TABLE "_TagToUser", "Post"', 2),
        ('DROP TABLE "_TagToUser", "Tag"', 2),
        ('CREATE TABLE legacy (a uuid PRIMARY KEY, b money, c int REFERENCES users, "Role" "Role")', 1),
        ("CREATE TABLE legacy (a text)", 1),
    ],
)
def test_the_difference_is_planned_from_where_the_history_ends(
    scratch_server: ScratchServer, bridge: PrismaBridge, by_hand: str, told: int
) -> None:
    schema = bridge.parse(_SCHEMA)
    history = [_script(1, bridge.diff(None, _SCHEMA)), _script(2, f"{by_hand};\n")]
    found = _ended(history, schema, bridge, scratch_server)
    assert len(found.differences) == told, found.differences
    assert found.schema is not None
    planned = plan(found.schema, schema, bridge, _ANSWERS)
    ended = _ended([*history, _script(3, planned.up)], schema, bridge, scratch_server)
    assert ended.differences == (), planned.up


def test_what_is_left_to_sql_stays_and_what_prisma_has_no_words_for_is_named(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    schema = bridge.parse(_SCHEMA)
    init = _script(1, bridge.diff(None, _SCHEMA))
    by_hand = _script(
        2,
        "CREATE INDEX by_hand ON users (age); DROP INDEX users_role_age_idx; CREATE TABLE legacy (a int);"
        "ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) STORED;"
        "CREATE INDEX half ON users (age) WHERE age > 3;",
    )
    kept = SqlOnly(declared=("index public.by_hand",), inherited=("table public.legacy",))
    found = _ended([init, by_hand], schema, bridge, scratch_server, kept)
    assert len(found.differences) == 1
    assert found.schema is not None
    planned = plan(found.schema, schema, bridge)
    assert "users_role_age_idx" in planned.up
    assert not {"by_hand", "half", "twice", "legacy", "DROP"} & set(planned.up.replace('"', " ").split())

    beyond = _script(2, 'ALTER TABLE "_TagToUser" DROP CONSTRAINT "_TagToUser_AB_pkey";')
    found = _ended([init, beyond], schema, bridge, scratch_server)
    assert found.schema is None
    assert [told for told in found.differences if "primary key" in told] == list(found.differences)


def test_a_full_disk_is_the_servers_fault_and_not_the_schemas(scratch_server: ScratchServer) -> None:
    full = "DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '{}'; END $$;"
    with scratch_server.new_database() as database:
        for state, fault in (("53100", errors.DiskFull), ("58030", errors.IoError)):
            with pytest.raises(fault):
                build_expected(full.format(state), database, [])
            with pytest.raises(fault):
                build_expected("", database, [full.format(state)])
        with pytest.raises(RehearsalError):
            build_expected(full.format("42883"), database, [])
