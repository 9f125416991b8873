"""What Prisma has no word for is compared with what the migrations made; what it could say needs a line."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg
import pytest

from migrations.errors import DriftError, RehearsalError
from migrations.package.manifest import build_manifest
from migrations.package.release_state import ReleaseState
from migrations.planner.plan import plan
from migrations.rehearsal.rehearsal import rehearse
from migrations.runner import commands
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.scratch.scratch_server import ScratchServer
from migrations.scripts.linting import Script, lint
from schemas.answers import Answers, Backfill, SqlOnly
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
PLAIN = (
    HEAD
    + """
model Doc {
  id     Int     @id @default(autoincrement())
  title  String
  body   String?
  amount Int     @default(2)
  parts  Part[]
}

model Part {
  id     Int  @id @default(autoincrement())
  place  Int  @unique
  tenant Int?
  docId  Int?
  doc    Doc? @relation(fields: [docId], references: [id])
}
"""
)
#: How `prisma db pull` writes a generated column; how a team writes one that clients read; and none at all.
DESCRIBED = PLAIN.replace(
    "  parts  Part[]",
    """  parts  Part[]
  search Unsupported("tsvector")? @default(dbgenerated("to_tsvector('english'::regconfig, title)"))
  twice  Int? @default(dbgenerated())
  half   Int?
""",
)
ON_DOC = """
ALTER TABLE "Doc"
    ADD search tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED,
    ADD twice int GENERATED ALWAYS AS (amount::bigint * 2 % 1000) STORED,
    ADD half int GENERATED ALWAYS AS (amount / 2) STORED,
    ADD unsaid tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(body, ''))) STORED;
CREATE INDEX by_search ON "Doc" USING gin (unsaid);
"""
ON_PART = """
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
ALTER TABLE "Part" ALTER tenant TYPE positive USING 1;
ALTER TABLE "Part" DROP CONSTRAINT "Part_docId_fkey";
ALTER TABLE "Part" ADD CONSTRAINT "Part_docId_fkey" FOREIGN KEY ("docId") REFERENCES "Doc" (id) MATCH FULL
    ON UPDATE CASCADE ON DELETE SET NULL ("docId") DEFERRABLE INITIALLY DEFERRED;
DROP INDEX "Part_place_key";
ALTER TABLE "Part" ADD CONSTRAINT "Part_place_key" UNIQUE (place) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX covering ON "Part" (tenant) INCLUDE (place);
CREATE INDEX nulls_last ON "Part" (tenant DESC NULLS LAST);
CREATE INDEX collated ON "Doc" (title COLLATE "C");
CREATE INDEX filled ON "Doc" (title) WITH (fillfactor = 70);
"""
POLICY = """
ALTER TABLE "Doc" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON "Doc" USING (amount = current_setting('app.amount')::int);
"""


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def step(number: int, up: str, down: str | None = None, version: str = "1.0.0") -> Migration:
    return Migration(number=number, name="step", version=SchemaVersion.parse(version), up=up, down=down)


def package(history: tuple[Migration, ...], version: str, states: tuple[ReleaseState, ...]) -> Manifest:
    return Manifest.from_json(
        build_manifest(
            schema_name="docs",
            package="docs-migrations",
            version=SchemaVersion.parse(version),
            schema_digest="0" * 64,
            migrations=history,
            history=states,
        )
    )


def test_from_a_publishable_history_to_a_verified_database(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    plain, described = bridge.parse(PLAIN), bridge.parse(DESCRIBED)
    later = bridge.parse(DESCRIBED.replace("title  String", "title  String\n  slug String"))
    answers = Answers(backfills=(("Doc.slug", Backfill(sql="lower(title)")),))
    added = plan(described, later, bridge, answers)
    history = (
        step(1, plan(None, plain, bridge).up),
        step(2, ON_DOC + ON_PART + POLICY),
        step(3, added.up, added.down, "1.1.0"),
    )
    first = rehearse(history[:2], described, scratch_server, bridge)
    assert first.warnings == ()
    found = rehearse(history, later, scratch_server, bridge)
    assert found.warnings == ()
    assert found.summary == "up, down and up from an empty database, and with rows from 1.0.0"
    assert found.trips[0].begun["Doc"] > 0  # though a policy is forced on its owner
    assert found.trips[0].begun["Part"] > 1  # though its unique constraint takes no ON CONFLICT
    manifest = package(history, "1.1.0", found.history)
    with scratch_server.new_database() as dsn:
        commands.upgrade(manifest, address(dsn), to="1.0.0")
        execute(dsn, "INSERT INTO \"Doc\" (title, body) VALUES ('A b', 'c')")
        commands.upgrade(manifest, address(dsn))
        assert commands.verify(manifest, address(dsn)).differences == ()
        execute(dsn, 'DROP INDEX collated; ALTER TABLE "Doc" ALTER half DROP EXPRESSION')
        gone = {each.object for each in commands.verify(manifest, address(dsn)).differences}
        assert gone == {"index public.collated", 'column public."Doc".half'}


@pytest.mark.parametrize(
    ("up", "told"),
    [
        (
            ON_DOC.replace("'english', title)", "'german', title)"),
            "has the computed value to_tsvector('german'",
        ),
        (ON_DOC.replace("int GENERATED ALWAYS AS (amount / 2) STORED", "bigint"), "has the type bigint"),
        (
            ON_DOC.replace("tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED", "tsvector"),
            "asks for a computed value: to_tsvector('english'",
        ),
    ],
)
def test_what_schema_prisma_says_of_a_generated_column_is_compared(
    scratch_server: ScratchServer, bridge: PrismaBridge, up: str, told: str
) -> None:
    history = (step(1, plan(None, bridge.parse(PLAIN), bridge).up), step(2, up))
    with pytest.raises(RehearsalError) as failed:
        rehearse(history, bridge.parse(DESCRIBED), scratch_server, bridge)
    (problem,) = failed.value.problems
    assert told in problem.message


def test_the_planner_writes_a_generated_column(scratch_server: ScratchServer, bridge: PrismaBridge) -> None:
    described = bridge.parse(DESCRIBED)
    for before in (None, bridge.parse(PLAIN)):
        assert "GENERATED ALWAYS AS (to_tsvector('english'::regconfig, title)) STORED" in (
            plan(before, described, bridge).up
        )
    whole = plan(None, described, bridge)
    assert rehearse((step(1, whole.up, whole.down),), described, scratch_server, bridge).round_trip


EXTRA = """
CREATE INDEX by_title ON "Doc" (title text_pattern_ops);
CREATE TABLE audit (id int PRIMARY KEY);
ALTER TABLE "Doc" ADD note text, ALTER body SET DEFAULT 'none', ADD CONSTRAINT pair UNIQUE (id, amount);
ALTER TABLE "Part" ADD CONSTRAINT on_doc FOREIGN KEY ("docId", tenant) REFERENCES "Doc" (id, amount);
CREATE TYPE mood AS ENUM ('good');
"""
KEYS = (
    "enum public.mood",
    "default public.Doc.body",
    "column public.Doc.note",
    "index public.by_title",
    "index public.pair",
    "foreign key public.Part.on_doc",
    "table public.audit",
)


def test_what_prisma_could_say_is_kept_by_a_line(scratch_server: ScratchServer, bridge: PrismaBridge) -> None:
    plain = bridge.parse(PLAIN)
    history = (step(1, plan(None, plain, bridge).up), step(2, EXTRA))

    def problems(kept: SqlOnly) -> list[str]:
        with pytest.raises(RehearsalError) as failed:
            rehearse(history, plain, scratch_server, bridge, sql_only=kept)
        return [each.fix if each.code == "drift" else str(each) for each in failed.value.problems]

    found = problems(SqlOnly())
    assert sorted(fix.partition('[sql_only]  "')[2].partition('" =')[0] for fix in found) == sorted(KEYS)
    kept = SqlOnly(declared=KEYS[:4], inherited=KEYS[4:], file="schemas/1.0.0/version.toml")
    assert rehearse(history, plain, scratch_server, bridge, sql_only=kept).warnings == ()
    # An inherited one may be gone; what this version declares has to be there.
    gone = replace(
        kept, declared=(*KEYS[:4], "index public.by_titel"), inherited=(*KEYS[4:], "table public.x")
    )
    (told,) = problems(gone)
    assert told.startswith("schemas/1.0.0/version.toml: error[sql-only-unknown]: [sql_only] names")
    assert '"index public.by_title"' in told


def test_a_foreign_key_that_sql_does_without_is_left_out_by_a_line(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    plain = bridge.parse(PLAIN)
    first = plan(None, plain, bridge).up
    history = (step(1, f'{first}; ALTER TABLE "Part" DROP CONSTRAINT "Part_docId_fkey";'),)
    with pytest.raises(DriftError) as failed:
        rehearse(history, plain, scratch_server, bridge)
    key = "foreign key public.Part.Part_docId_fkey"
    assert (failed.value.absent, failed.value.extras) == ((key,), ())
    assert f'leave it to SQL, which does without: [sql_only]  "{key}"' in failed.value.problems[0].fix
    kept = SqlOnly(declared=(key,))
    assert rehearse(history, plain, scratch_server, bridge, sql_only=kept).warnings == ()
    # Clients rely on a unique index: no line lets SQL do without.
    history = (step(1, f'{first}; DROP INDEX "Part_place_key";'),)
    with pytest.raises(DriftError) as failed:
        rehearse(history, plain, scratch_server, bridge)
    assert failed.value.absent == ()


_PAIRS = "model X {\n  id Int @id\n  ys Y[]\n}\n\nmodel Y {\n  id Int @id\n  xs X[]\n}\n"
_OLDER = """
ALTER TABLE "_XToY" DROP CONSTRAINT "_XToY_AB_pkey";
CREATE UNIQUE INDEX "_XToY_AB_unique" ON "_XToY" ("A", "B");
"""


def test_a_table_of_pairs_may_have_the_key_of_older_projects(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    schema = bridge.parse(HEAD + _PAIRS)
    first = plan(None, schema, bridge).up
    assert rehearse((step(1, first + _OLDER),), schema, scratch_server, bridge).warnings == ()
    no_key = _OLDER.replace("UNIQUE ", "")
    with pytest.raises(RehearsalError, match="the primary key is none"):
        rehearse((step(1, first + no_key),), schema, scratch_server, bridge)


_TYPED = (
    "model T {\n  id Int @id\n  n Int\n  s String\n}\n",
    "model T {\n  id Int @id\n  n BigInt\n  s String\n}\n",
)
_VIEW = 'CREATE VIEW v AS SELECT n + 1 AS more FROM "T"'
_TWICE = "ADD COLUMN twice integer GENERATED ALWAYS AS (n * 2) STORED"
_RETYPE = 'ALTER TABLE "T" ALTER COLUMN n TYPE bigint'
_CHECK = """CHECK (s <> 'x')"""


@pytest.mark.parametrize(
    ("made", "up", "fix"),
    [
        (_VIEW, _RETYPE, f"before it: DROP VIEW v; and after it: {_VIEW}"),
        (
            f'ALTER TABLE "T" {_TWICE}',
            _RETYPE,
            f'before it: ALTER TABLE "T" DROP COLUMN twice; and after it: ALTER TABLE "T" {_TWICE}',
        ),
        (
            f'ALTER TABLE "T" ADD CONSTRAINT no_x {_CHECK}',
            'ALTER TABLE "T" ALTER COLUMN s TYPE integer USING length(s)',
            'before it: ALTER TABLE "T" DROP CONSTRAINT no_x; and after it: ALTER TABLE "T" '
            f"ADD CONSTRAINT no_x {_CHECK}",
        ),
        (
            f"DO $$ BEGIN EXECUTE '{_VIEW}'; END $$",
            _RETYPE,
            "drop what uses the column before it, and make it again after it: "
            'rule _RETURN on view v depends on column "n"',
        ),
        (
            _VIEW,
            'ALTER TABLE "T" DROP COLUMN n',
            "first drop or change what needs it: view v depends on column n",
        ),
        ("SELECT 1", 'GRANT SELECT ON "T" TO app', "roles belong to the server, not to a database: "),
        ("SELECT 1", "CREATE ROLE app; CREATE ROLE app", "roles belong to the server, not to a database: "),
    ],
)
def test_the_fix_names_what_is_in_the_way_and_the_statements(
    made: str, up: str, fix: str, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    before, after = (bridge.parse(HEAD + text) for text in _TYPED)
    history = (
        step(1, f"{plan(None, before, bridge).up};{made};", version="1.0.0"),
        step(2, f"{up};", version="2.0.0"),
    )
    with pytest.raises(RehearsalError) as failed:
        rehearse(history, after, scratch_server, bridge)
    assert failed.value.problems[0].fix.startswith(fix)


def test_an_index_of_a_partitioned_table_is_built_as_the_fix_says(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    text = HEAD + "model Event {\n  id Int\n  day DateTime @db.Date\n  n Int\n%s  @@id([id, day])\n}\n"
    before, after = bridge.parse(text % ""), bridge.parse(text % "  @@index([n])\n")
    start, added = plan(None, before, bridge), plan(before, after, bridge)
    parted = start.up.rstrip().removesuffix(";")
    parted += ' PARTITION BY RANGE (day); CREATE TABLE all_events PARTITION OF "Event" DEFAULT;'
    history = (step(1, parted, start.down), step(2, added.up, added.down, "1.1.0"))
    with pytest.raises(RehearsalError) as refused:
        rehearse(history, after, scratch_server, bridge)
    assert "leave out CONCURRENTLY" in refused.value.problems[0].fix
    accepted = [
        re.sub(
            r"^(CREATE|DROP) INDEX CONCURRENTLY", rf"-- squawk-ignore {rule}\n\1 INDEX", script, flags=re.M
        )
        for rule, script in (
            ("require-concurrent-index-creation", added.up),
            ("require-concurrent-index-deletion", added.down),
        )
    ]
    assert lint([Script("up.sql", accepted[0]), Script("down.sql", accepted[1])]) == []
    assert rehearse((history[0], step(2, *accepted, "1.1.0")), after, scratch_server, bridge).warnings == ()
