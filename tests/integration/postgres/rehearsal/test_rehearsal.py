"""Migrations on scratch databases, held to their schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrations.errors import MigrationSyntaxError, RehearsalError
from migrations.introspection.defaults import canonical_default
from migrations.planner.plan import plan
from migrations.rehearsal.rehearsal import rehearse
from migrations.scratch.scratch_server import ScratchServer
from schemas.answers import Answers
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import import_prisma
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
SCHEMA = """
datasource db {
  provider = "postgresql"
}

enum Role {
  ADMIN
  USER
}

model User {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  role    Role     @default(USER)
  meta    Json     @default("{}")
  weight  Decimal  @default(1.5)
  tags    String[] @default(["a"])
  made    DateTime @default(now())
  posts   Post[]

  @@index([role, made(sort: Desc)])
}

model Post {
  id     String @id @default(uuid())
  title  String
  author User   @relation(fields: [by], references: [id])
  by     Int
}
"""


@pytest.fixture(scope="module")
def schema(bridge: PrismaBridge) -> Schema:
    return bridge.parse(SCHEMA)


@pytest.fixture(scope="module")
def init(schema: Schema, bridge: PrismaBridge) -> Migration:
    planned = plan(None, schema, bridge)
    return step(1, planned.up, planned.down)


def step(number: int, up: str, down: str | None = None, version: str = "1.0.0") -> Migration:
    return Migration(number=number, name="step", version=SchemaVersion.parse(version), up=up, down=down)


def test_a_generated_migration_leads_to_its_schema_and_back(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    found = rehearse((init,), schema, scratch_server, bridge)
    assert found.round_trip
    assert found.warnings == ()
    (ran,) = found.migrations
    assert (ran.id, ran.version, found.statements) == ("001_step", "1.0.0", ran.statements)
    assert ran.statements > 3
    assert found.to_json()["fingerprint"] == found.fingerprint


def test_hand_written_objects_are_welcome(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    extra = """
    CREATE VIEW v AS SELECT email FROM "User"; CREATE MATERIALIZED VIEW m AS SELECT 1 AS one;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER g BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION f();
    ALTER TABLE "User" ADD CONSTRAINT c CHECK (email <> '');
    CREATE UNIQUE INDEX part ON "User" (role) WHERE role = 'ADMIN';
    CREATE INDEX expr ON "User" (lower(email)); CREATE DOMAIN d AS text; CREATE SEQUENCE s;
    """
    found = rehearse((init, step(2, extra)), schema, scratch_server, bridge)
    assert not found.round_trip


def test_the_same_said_differently_is_no_drift(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    other = """
    ALTER TABLE "User" ALTER meta SET DEFAULT '{ }'::json, ALTER made SET DEFAULT now(),
        ALTER weight SET DEFAULT '1.50';
    DROP INDEX "User_email_key"; ALTER TABLE "User" ADD CONSTRAINT mail UNIQUE (email);
    ALTER TABLE "Post" RENAME CONSTRAINT "Post_by_fkey" TO writer;
    ALTER TABLE "Post" DROP COLUMN title; ALTER TABLE "Post" ADD COLUMN title text NOT NULL;
    """
    found = rehearse((init, step(2, other)), schema, scratch_server, bridge)
    assert sorted(warning.code for warning in found.warnings) == ["constraint-name", "constraint-name"]


def test_every_difference_is_told(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    drifting = """
    ALTER TABLE "User" DROP COLUMN tags, ADD COLUMN extra int, ALTER email DROP NOT NULL,
        ALTER weight TYPE float8, ALTER role SET DEFAULT 'ADMIN';
    DROP INDEX "User_role_made_idx"; CREATE INDEX plain ON "User" (made);
    ALTER TABLE "Post" DROP CONSTRAINT "Post_by_fkey", DROP CONSTRAINT "Post_pkey";
    ALTER TYPE "Role" ADD VALUE 'GUEST'; CREATE TYPE "Mood" AS ENUM ('GOOD');
    CREATE TABLE forgotten (id int);
    """
    with pytest.raises(RehearsalError) as refused:
        rehearse((init, step(2, drifting)), schema, scratch_server, bridge)
    told = "\n".join(problem.message for problem in refused.value.problems)
    for part in (
        'column "tags" is missing',
        'column "extra" is not in schema.prisma',
        'column "email" has the nullability nullable',
        'column "weight" has the type double precision, schema.prisma asks for numeric(65,30)',
        'column "role" has the default',
        'index on (role, made DESC) "User_role_made_idx" is missing',
        'index on (made) "plain" is not in schema.prisma',
        'foreign key "Post_by_fkey" is missing',
        "the primary key is none, schema.prisma asks for (id)",
        "value 'GUEST' is not in schema.prisma",
        'enum "Mood" is not in schema.prisma',
        'table "forgotten" is not in schema.prisma',
    ):
        assert part in told
    assert len(refused.value.problems) == 12
    assert all(problem.fix for problem in refused.value.problems)


def test_a_failing_statement_is_told_with_its_place(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    failing = step(2, "SELECT 1;\n-- é\nINSERT INTO missing\n VALUES (1);", version="1.1.0")
    with pytest.raises(RehearsalError) as refused:
        rehearse((init, failing), schema, scratch_server, bridge)
    (problem,) = refused.value.problems
    assert problem.place == "schemas/1.1.0/migrations/002_step/up.sql:3:13"
    assert 'relation "missing" does not exist' in problem.message


def test_a_downgrade_that_leads_elsewhere_is_refused(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    careless = step(2, "CREATE VIEW v AS SELECT 1 AS one; CREATE VIEW w AS SELECT 1 AS one;", "DROP VIEW v;")
    with pytest.raises(RehearsalError) as refused:
        rehearse((init, step(2, careless.up, careless.down, "1.1.0")), schema, scratch_server, bridge)
    assert any("leaves behind: view public.w" in p.message for p in refused.value.problems)


def test_scripts_that_can_t_be_read_are_all_told(
    schema: Schema, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    with pytest.raises(MigrationSyntaxError) as refused:
        rehearse((step(1, "SELEC", "SELEC"), step(2, "'")), schema, scratch_server, bridge)
    assert len(refused.value.problems) == 3


def test_scripts_reach_neither_files_nor_programs_of_this_machine(
    schema: Schema, init: Migration, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    for script in ("COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/hostname')"):
        with pytest.raises(RehearsalError, match="permission denied"):
            rehearse((init, step(2, script)), schema, scratch_server, bridge)


def test_extensions(scratch_server: ScratchServer, bridge: PrismaBridge) -> None:
    text = (
        'datasource db {\n  provider = "postgresql"\n}\n'
        'model T {\n  id Int @id\n  v Unsupported("vector(3)")?\n}\n'
    )
    shipped = (
        "CREATE EXTENSION vector; "
        'CREATE TABLE "T" (id int, v vector(3), CONSTRAINT "T_pkey" PRIMARY KEY (id));'
    )
    rehearse((step(1, shipped),), bridge.parse(text), scratch_server, bridge)
    with pytest.raises(RehearsalError, match="not available") as refused:
        rehearse((step(1, "CREATE EXTENSION postgis"),), bridge.parse(text), scratch_server, bridge)
    assert "[rehearsal] url_env" in refused.value.problems[0].fix


def test_a_schema_may_lean_on_what_a_migration_wrote(
    scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    text = (
        'datasource db {\n  provider = "postgresql"\n}\n'
        'model T {\n  id Int @id @default(dbgenerated("next_id()"))\n  d Unsupported("positive")?\n}\n'
    )
    leaning = (
        "CREATE FUNCTION next_id() RETURNS int LANGUAGE sql AS 'SELECT 7'; "
        "CREATE DOMAIN positive AS int; "
        'CREATE TABLE "T" (id int NOT NULL DEFAULT next_id(), d positive, '
        'CONSTRAINT "T_pkey" PRIMARY KEY (id));'
    )
    rehearse((step(1, leaning),), bridge.parse(text), scratch_server, bridge)
    with pytest.raises(RehearsalError, match="in the database beforehand"):
        rehearse((), bridge.parse(text), scratch_server, bridge)


@pytest.mark.parametrize(
    ("one", "other", "column_type"),
    [
        ("'{}'::jsonb", "'{ }'::json", "jsonb"),
        ("now()", "CURRENT_TIMESTAMP", "timestamp(3) without time zone"),
        ("'1.50'::numeric", "1.5", "numeric(65,30)"),
        ("'A'::public.\"Role\"", "'A'::\"Role\"", 'public."Role"'),
        ("ARRAY['a'::text]", "ARRAY['a']::text[]", "text[]"),
        ("nextval('a_seq'::regclass)", "nextval('public.b'::regclass)", "integer"),
        ("'-1'::integer", "(-1)", "integer"),
        ("'{}'::text[]", "ARRAY[]::text[]", "text[]"),
        ("'{a, b}'::text[]", "ARRAY['a'::text, 'b'::text]", "text[]"),
        ("'{1,2}'::integer[]", "ARRAY[1, 2]", "integer[]"),
    ],
)
def test_defaults_that_mean_the_same(one: str, other: str, column_type: str) -> None:
    assert canonical_default(one, column_type) == canonical_default(other, column_type)


def test_defaults_that_differ() -> None:
    assert canonical_default("'a'::text", "text") != canonical_default("'b'::text", "text")
    assert canonical_default("'1'::text", "text") != canonical_default("'1.0'::text", "text")
    assert canonical_default("1", "integer") != canonical_default("-1", "integer")
    assert canonical_default("f(1)", "text") != canonical_default("f(2)", "text")
    assert canonical_default("now()", "text") != canonical_default(None, "text")
    assert canonical_default("'{NULL}'", "text[]") != canonical_default("ARRAY['NULL'::text]", "text[]")
    assert canonical_default("'{a}'", "text[]") != canonical_default("ARRAY['a'::text, 'b']", "text[]")
    assert canonical_default("'{a}'", "text") != canonical_default("ARRAY['a'::text]", "text")


def test_a_plan_has_no_transaction_of_its_own_and_knows_when_it_is_empty(
    schema: Schema, bridge: PrismaBridge
) -> None:
    shrunk = bridge.parse(SCHEMA.replace("  ADMIN\n", ""))
    planned = plan(schema, shrunk, bridge, Answers(accepted_losses=(("Role.ADMIN", "nobody has it"),)))
    assert "CREATE TYPE" in planned.up
    assert "BEGIN;" not in planned.up
    assert "COMMIT;" not in planned.up
    assert not planned.is_empty
    assert plan(schema, schema, bridge).is_empty


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real projects is not beside this checkout")
@pytest.mark.parametrize("project", ["ghostfolio", "linkwarden"])
def test_real_histories_have_no_false_drift(
    project: str, scratch_server: ScratchServer, bridge: PrismaBridge, tmp_path: Path
) -> None:
    imported = import_prisma(CORPUS / project / "head", tmp_path / "ws", name="real", bridge=bridge)
    source = imported.workspace.load(imported.version)
    found = rehearse(source.migrations, bridge.parse(source.schema_text), scratch_server, bridge)
    assert len(found.migrations) == len(source.migrations) > 90
