"""``check`` rehearses what passes its other checks, once for each content; a release takes its result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from migrations.errors import ScratchServerError
from migrations.rehearsal import server
from migrations.rehearsal.extensions import missing_extensions
from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue, PublishedVersion
from registry.config.settings import StateTable, load_settings
from registry.release.context import ReleaseContext
from registry.release.snapshots.workspace_snapshot import take_snapshot
from registry.release.steps import rehearse
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ....command_line import CommandLine


@pytest.fixture
def without_a_server(cli: CommandLine) -> Callable[[], None]:
    """Called, it lets every rehearsal fail from then on."""

    def fails(*_arguments: object) -> None:
        raise ScratchServerError(Problem(code="no-scratch-server", message="there is none", fix="-"))

    def stop() -> None:
        cli.monkeypatch.setattr(server, "on_rehearsal_server", fails)

    return stop


def test_a_release_takes_the_rehearsal_that_check_made(
    cli: CommandLine, bridge: PrismaBridge, without_a_server: Callable[[], None]
) -> None:
    cli.with_workspace(sample=True)
    assert cli.run("check", "1.0.0").exit_code == 0
    first = cli.run("check", "2.0.0", "--json").document
    report = first["rehearsals"]["2.0.0"]
    assert report["is_kept"] is False
    assert report["summary"].endswith("with rows from 1.0.0, 1.1.0")
    assert first["problems"] == []
    without_a_server()
    again = cli.run("check", "2.0.0")
    assert again.exit_code == 0
    assert again.output.startswith(f"2.0.0: rehearsed earlier: {report['summary']}\n  going up loses")
    assert again.output.endswith("2.0.0: valid\n")
    assert cli.run("build", "2.0.0", "--out", "built").exit_code == 0

    workspace, settings = Workspace(cli.folder), load_settings(cli.folder)
    with closing(Catalogue.open("sqlite:///state.db", root=cli.folder, schema_name="shop")) as catalogue:
        context = ReleaseContext(
            root=cli.folder,
            settings=settings,
            catalogue=catalogue,
            bridge=bridge,
            publishers={},
            rehearsal_url=None,
        )
        source = workspace.load(SchemaVersion.parse("1.0.0"))
        snapshot = take_snapshot(workspace, source, settings, catalogue, bridge)
        result = rehearse.run(context, snapshot, {})
        assert result["summary"].endswith("from an empty database (found earlier, for the same content)")
        assert {"migrations", "fingerprint", "trips"} <= result.keys()
        context.end_work_ahead()
        other = replace(snapshot, schema_text=f"{snapshot.schema_text}\n")
        with pytest.raises(ScratchServerError):
            rehearse.run(context, other, {})


def test_what_only_running_shows_is_told_by_check_and_not_by_a_quick_one(
    cli: CommandLine, without_a_server: Callable[[], None]
) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    script = cli.folder / "schemas/1.0.0/migrations/001_init/up.sql"
    written = script.read_text()

    def told(*options: str) -> list[str]:
        document = cli.run("check", "--json", *options).document
        assert document["ok"] is (not document["problems"])
        return [problem["code"] for problem in document["problems"]]

    script.write_text(f"{written}\nSELECT 1 / 0;\n")
    assert told("--quick") == []
    assert told() == ["migration-failed"]
    script.write_text(written.replace("DEFAULT CURRENT_TIMESTAMP", "DEFAULT '2026-01-01'"))
    assert told() == ["drift"]
    without_a_server()
    assert told() == ["drift"]
    script.write_text(f"{written}\nSELECT 1 / 0;\n")
    assert cli.refused("check", exit_code=3).codes == ["no-scratch-server"]
    assert told("--quick") == []


_EXTENSIONS = """CREATE EXTENSION IF NOT EXISTS "pgcrypto";
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION pg_trgm;
DO $$ BEGIN CREATE EXTENSION citext; CREATE EXTENSION unaccent; END $$;
CREATE EXTENSION btree_gist;
CREATE EXTENSION vector;
CREATE TABLE "A" (
    id uuid NOT NULL DEFAULT uuid_generate_v4(),
    key bytea NOT NULL DEFAULT gen_random_bytes(8),
    name citext NOT NULL,
    CONSTRAINT "A_pkey" PRIMARY KEY (id),
    CHECK (unaccent('\u00e9') = 'e' AND crypt('a', gen_salt('bf')) LIKE '$2a$%')
);
CREATE INDEX by_name ON "A" USING gin (lower(name::text) gin_trgm_ops);
"""
_EXTENDED = """datasource db {
  provider = "postgresql"
}

model A {
  id   String @id @default(dbgenerated("uuid_generate_v4()")) @db.Uuid
  key  Bytes  @default(dbgenerated("gen_random_bytes(8)"))
  name String @db.Citext
}
"""


def test_the_extensions_of_contrib_are_there_and_others_are_told_at_once(
    cli: CommandLine, scratch_server: ScratchServer
) -> None:
    cli.with_workspace()
    folder = cli.folder / "schemas/1.0.0"
    (folder / "migrations/001_init").mkdir(parents=True)
    cli.write("schemas/1.0.0/schema.prisma", _EXTENDED)
    cli.write("schemas/1.0.0/migrations/001_init/up.sql", _EXTENSIONS)
    done = cli.run("check", "1.0.0", "--json")
    assert (done.exit_code, done.codes) == (0, []), done.output
    wanted = "-- places\nCREATE EXTENSION IF NOT EXISTS postgis;\nCREATE EXTENSION pg_cron;\n"
    cli.write("schemas/1.0.0/migrations/001_init/up.sql", wanted + _EXTENSIONS)
    cli.write("schemas/1.0.0/schema.prisma", _EXTENDED.replace("A {", "A {\n  constructor Int"))
    problems = cli.refused("check", "1.0.0").document["problems"]
    assert [(each["code"], each["line"], each["column"]) for each in problems] == [
        ("reserved-name", 6, 3),
        ("extension-not-offered", 2, 1),
        ("extension-not-offered", 3, 1),
    ]
    assert "'postgis', which 001_init creates" in problems[1]["message"]
    assert "[rehearsal] url_env" in problems[1]["fix"]
    history = Workspace(cli.folder).load(SchemaVersion(1, 0, 0)).history
    (given, _) = missing_extensions(history, scratch_server.url)
    assert "the server that [rehearsal] names has no extension 'postgis'" in given.message


_HISTORY = """CREATE TABLE "A" (id INTEGER NOT NULL, name TEXT, tags JSONB);
ALTER TABLE "A" ADD CONSTRAINT "A_pkey" PRIMARY KEY (id);
CREATE INDEX "A_tags" ON "A" USING gin (tags);
CREATE INDEX IF NOT EXISTS "A_name_idx" ON "A" (name) WHERE name IS NOT NULL;
CREATE TABLE legacy (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE "B" (id INTEGER NOT NULL PRIMARY KEY, "aId" INTEGER NOT NULL);
ALTER TABLE "B" ADD CONSTRAINT "B_aId_fkey" FOREIGN KEY ("aId") REFERENCES "A" (id);
ALTER TABLE "B" DROP CONSTRAINT IF EXISTS "B_aId_fkey";
"""
_TAGGED = """datasource db {
  provider = "postgresql"
}

model A {
  id        Int      @id
  name      String?
  tags      Json?
  bs        B[]

  @@index([name])
}

model B {
  id  Int @id
  aId Int
  a   A   @relation(fields: [aId], references: [id])
}
"""


def test_an_imported_project_is_rehearsed_and_what_only_sql_makes_gets_its_lines(cli: CommandLine) -> None:
    project = cli.folder / "app/prisma"
    (project / "migrations/1_init").mkdir(parents=True)
    (project / "schema.prisma").write_text(_TAGGED)
    (project / "migrations/1_init/migration.sql").write_text(_HISTORY)
    done = cli.run("init", ".", "--name", "shop", "--from-prisma", "app", "--json")
    assert done.exit_code == 0, done.output + done.errors
    document = done.document
    assert (document["models"], document["migrations"], document["problems"]) == (2, 1, [])
    assert document["sql_only"] == [
        "index public.A_tags",
        "table public.legacy",
        "index public.A_name_idx",  # made otherwise by the history
        "foreign key public.B.B_aId_fkey",  # dropped by it, and still in the schema
    ]
    sql_only = Workspace(cli.folder).load(SchemaVersion(1, 0, 0)).answers.sql_only
    assert [key for key, _reason in sql_only] == sorted(document["sql_only"])
    assert [key.split()[0] for key, reason in sql_only if "leaves it out" in reason] == ["index", "table"]
    checked = cli.run("check", "1.0.0", "--json").document
    assert (checked["problems"], checked["rehearsals"]["1.0.0"]["is_kept"]) == ([], True)


def test_what_an_imported_project_needs_is_told_by_init(
    cli: CommandLine, without_a_server: Callable[[], None]
) -> None:
    project = cli.folder / "app/prisma"
    (project / "migrations/1_init").mkdir(parents=True)
    (project / "schema.prisma").write_text(_TAGGED.replace("aId Int", "constructor Int\n  aId Int"))
    (project / "migrations/1_init/migration.sql").write_text("CREATE EXTENSION postgis;\n")
    done = cli.run("init", "new", "--name", "shop", "--from-prisma", "app")
    assert done.exit_code == 0
    assert "took 2 models and 1 migration" in done.output
    assert "error[reserved-name]" in done.errors
    assert "error[extension-not-offered]" in done.errors
    assert "can be published: " in done.output
    # Without a history the tool writes one, which needs what the schema's types need.
    (project / "schema.prisma").write_text(
        _TAGGED.replace("tags ", 'near Unsupported("vector(3)")?\n  tags ')
    )
    (project / "migrations/1_init/migration.sql").rename(cli.folder / "elsewhere.sql")
    for left in (project / "migrations/1_init", project / "migrations"):
        left.rmdir()
    made = cli.run("init", "made", "--name", "shop", "--from-prisma", "app", "--json")
    assert (made.exit_code, made.document["problems"]) == (0, []), made.output
    without_a_server()
    alone = cli.run("init", "alone", "--name", "shop", "--from-prisma", "app", "--json")
    (problem,) = alone.document["problems"]
    assert (alone.exit_code, problem["code"], problem["severity"]) == (0, "no-scratch-server", "warning")
    quick = cli.run("init", "quick", "--name", "shop", "--from-prisma", "app", "--quick", "--json")
    assert "problems" not in quick.document


def test_check_asks_the_shared_state_database_what_others_have_published(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    settings = cli.folder / "schema-service.toml"
    plain = settings.read_text()
    assert StateTable().url in plain

    def problems(url: str) -> list[tuple[str, str]]:
        settings.write_text(plain.replace(StateTable().url, url))
        found = cli.run("check", "--quick", "--json").document["problems"]
        return [(each["code"], each["severity"]) for each in found]

    assert problems("sqlite:///shared.db") == []
    assert not (cli.folder / "shared.db").exists()
    assert problems("postgresql://nobody@127.0.0.1:1/none") == [("published-unknown", "warning")]
    source = Workspace(cli.folder).load(SchemaVersion.parse("1.0.0"))
    later = replace(source.migrations[0], number=0, version=SchemaVersion.parse("2.0.0"))
    edited = replace(source.migrations[0], up="SELECT 1;")
    with closing(Catalogue.open("sqlite:///shared.db", root=cli.folder, schema_name="shop")) as catalogue:
        for version, migration in (("2.0.0", later), ("1.0.0", edited)):
            published = PublishedVersion(
                version=SchemaVersion.parse(version),
                description="",
                author=None,
                schema_text=source.schema_text,
                schema_digest="b" * 64,
                input_digest="another",
                changelog="",
                published_at=datetime(2026, 1, 1, tzinfo=UTC),
                published_by="somebody",
                migrations=(migration,),
                artifacts=(),
            )
            catalogue.record(published, latest=published.version)
    assert set(problems("sqlite:///shared.db")) == {
        ("version-is-immutable", "error"),
        ("later-migrations", "error"),
        ("published-migration-edited", "error"),
    }
    assert cli.refused("publish", "1.0.0").codes == ["version-is-immutable"]
