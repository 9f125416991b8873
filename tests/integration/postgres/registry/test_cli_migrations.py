"""``migration new``: each one starts where the last one ended, and together they end in schema.prisma."""

from __future__ import annotations

from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ....command_line import CommandLine

SCHEMA = "schemas/1.0.0/schema.prisma"
FIRST = """\
datasource db {
  provider = "postgresql"
}

model User {
  id    Int    @id @default(autoincrement())
  email String @unique
}
"""
SECOND = (
    FIRST.replace("@unique", "@unique\n  name  String?\n  posts Post[]")
    + """
model Post {
  id     Int  @id
  author User @relation(fields: [by], references: [id])
  by     Int
}
"""
)

_TAG = "model Tag {\n  id Int @id\n}\n"


def test_two_migrations_of_one_draft_end_in_its_schema(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, FIRST)
    first = cli.run("migration", "new", "init", "--json").document
    assert first["migration"] == "001_init"
    assert first["changes"] == ["User is new"]

    cli.write(SCHEMA, SECOND)
    digest = Workspace(cli.folder).load(SchemaVersion.parse("1.0.0")).digest
    told = cli.run("migration", "new", "add_posts")
    assert told.exit_code == 0, told.errors
    assert "002_add_posts" in told.output
    assert "  Post is new\n" in told.output
    up = (cli.folder / "schemas/1.0.0/migrations/002_add_posts/up.sql").read_text()
    assert 'CREATE TABLE "Post"' in up
    assert 'CREATE TABLE "User"' not in up

    assert Workspace(cli.folder).load(SchemaVersion.parse("1.0.0")).digest != digest
    checked = cli.run("check", "--json").document
    assert checked["ok"] is True
    assert checked["rehearsals"]["1.0.0"]["round_trip"] is True


def test_what_only_the_draft_made_is_dropped_filled_and_renamed_without_questions(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, FIRST)
    cli.run("migration", "new", "init")
    cli.write(SCHEMA, FIRST.replace("email String @unique", "mail String @unique\n  age Int\n  kind String"))
    told = cli.run("migration", "new", "remodel")
    assert told.exit_code == 0, told.errors
    script = (cli.folder / "schemas/1.0.0/migrations/002_remodel/up.sql").read_text()
    assert script.startswith("-- From the state after 001_init to this version's schema.")


def test_a_draft_after_a_version_asks_about_what_that_has_and_nothing_else(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, FIRST)
    cli.run("migration", "new", "init")
    cli.run("new", "2.0.0")
    later = "schemas/2.0.0/schema.prisma"
    cli.write(later, SECOND)
    assert cli.run("migration", "new", "posts", "2.0.0").exit_code == 0
    cli.write(later, FIRST.replace("@unique", "@unique\n  nick String?") + _TAG)
    assert cli.run("migration", "new", "no_posts", "2.0.0").exit_code == 0
    cli.write(later, FIRST.replace("email", "mail") + _TAG.replace("id Int @id", "id Int @id\n  word String"))
    problems = cli.refused("migration", "new", "words", "2.0.0").document["problems"]
    assert ["User.email is removed" in problem["message"] for problem in problems] == [True]
    toml = cli.folder / "schemas/2.0.0/version.toml"
    toml.write_text(toml.read_text() + '[renames]\n"User.email" = "User.mail"\n')
    assert cli.run("migration", "new", "words", "2.0.0").exit_code == 0
    assert cli.run("check", "2.0.0", "--json").document["rehearsals"]["2.0.0"]["round_trip"] is True


def test_the_kept_state_is_part_of_no_digest(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    version = SchemaVersion.parse("1.0.0")
    workspace = Workspace(cli.folder)
    state = cli.folder / "schemas/1.0.0/migrations/001_init/schema.prisma"
    assert state.read_text() == (cli.folder / SCHEMA).read_text()
    before = workspace.load(version).digest
    state.unlink()
    assert workspace.load(version).digest == before
    assert workspace.schema_after(workspace.load(version).migrations[0]) is None


def test_a_history_that_ends_elsewhere_than_in_its_schema_is_led_to_it(cli: CommandLine) -> None:
    """Scripts by hand have no record of where they end, and an edited one has a wrong one."""
    cli.with_workspace()
    cli.write(SCHEMA, FIRST)
    cli.run("migration", "new", "init")
    script = cli.folder / "schemas/1.0.0/migrations/001_init/up.sql"
    script.write_text(script.read_text().replace('CREATE UNIQUE INDEX "User_email_key"', "-- "))
    told = cli.run("migration", "new", "index")
    assert told.exit_code == 0, told.errors
    assert "end elsewhere than in the schema" in told.output
    assert '\n  table "User": unique index on (email) "User_email_key" is missing\n' in told.output
    up = (cli.folder / "schemas/1.0.0/migrations/002_index/up.sql").read_text()
    assert up.startswith("-- From where 001_init really ends (found by running it) to this version's schema.")
    assert up.count("CREATE") == 1
    assert "CREATE UNIQUE INDEX" in up

    assert cli.run("migration", "new", "by_hand", "--empty").exit_code == 0
    hand = cli.folder / "schemas/1.0.0/migrations/003_by_hand"
    (hand / "up.sql").write_text('ALTER TABLE "User" ADD COLUMN "legacy" int;\n')
    (hand / "down.sql").write_text('ALTER TABLE "User" DROP COLUMN "legacy";\n')
    cli.write(SCHEMA, SECOND)
    # The history may be that of a database with rows, as an imported one is.
    assert cli.refused("migration", "new", "posts").codes == ["loss-not-accepted"]
    toml = cli.folder / "schemas/1.0.0/version.toml"
    toml.write_text(toml.read_text() + '[accept_loss]\n"User.legacy" = "unused"\n')
    written = cli.run("migration", "new", "posts", "--json").document
    assert written["migration"] == "004_posts"
    assert len(written["differences"]) == 3
    assert cli.run("check").exit_code == 0
    assert cli.refused("migration", "new", "again").codes == ["nothing-to-migrate"]

    cli.write("schemas/1.0.0/migrations/004_posts/schema.prisma", "model {")
    problems = cli.refused("migration", "new", "more").document["problems"]
    assert problems[0]["file"] == "schemas/1.0.0/migrations/004_posts/schema.prisma"
    (cli.folder / "schemas/1.0.0/migrations/004_posts/schema.prisma").unlink()
    cli.write(SCHEMA, SECOND.replace("name  String?", "name  Boolean?"))
    (cli.folder / "schemas/1.0.0/migrations/004_posts/up.sql").write_text(
        'ALTER TABLE "User" ADD COLUMN "name" money;\n'
    )
    problems = cli.refused("migration", "new", "more").document["problems"]
    assert [problem["code"] for problem in problems] == ["unknown-state"]
    assert 'column "name" has the type money' in problems[0]["message"]


def test_nothing_is_written_where_nothing_differs_or_the_name_is_none(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    assert cli.refused("migration", "new", "again").codes == ["nothing-to-migrate"]
    for name in ("Add", "../x", "", "a b", "a" * 101, "\x1b[31m"):
        assert cli.refused("migration", "new", name, "--empty").codes == ["bad-migration-name"]


def test_what_only_the_author_knows_is_asked_with_the_place_of_the_answer(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    cli.run("new", "2.0.0")
    schema = "schemas/2.0.0/schema.prisma"
    cli.write(schema, (cli.folder / schema).read_text().replace("name ", "title"))
    finished = cli.refused("migration", "new", "retitle")
    assert {problem["file"] for problem in finished.document["problems"]} == {"schemas/2.0.0/version.toml"}
    toml = cli.folder / "schemas/2.0.0/version.toml"
    toml.write_text(toml.read_text() + '[renames]\n"Example.name" = "Example.title"\n')
    told = cli.run("migration", "new", "retitle")
    assert "  Example.name is now called title (breaking)\n" in told.output, told
    up = (cli.folder / "schemas/2.0.0/migrations/002_retitle/up.sql").read_text()
    assert up.startswith("-- From the version before to this version's schema.")
    assert "RENAME" in up


def test_a_long_list_of_changes_is_cut(cli: CommandLine) -> None:
    cli.with_workspace()
    many = "".join(f"model M{number} {{\n  id Int @id\n}}\n" for number in range(30))
    cli.write(SCHEMA, FIRST + many)
    lines = cli.run("migration", "new", "init").output.splitlines()
    assert lines[1] == "  User is new"
    assert lines[-2:] == ["  and 11 more", "Next: schema-service check 1.0.0"]


def test_a_version_below_others_begins_a_maintenance_line(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    drafted = cli.run("new", "1.0.1")
    assert "on a maintenance line after 1.0.0: 1.1.0, 2.0.0 won't have its changes" in drafted.output
    assert "--takes 1.0.1" in drafted.output
    assert cli.run("new", "1.2.0", "--json").document["follows"] == "1.1.0"
    first = cli.run("new", "3.0.0", "--json").document
    assert (first["later_versions"], first["follows"], first["takes"]) == ([], None, [])
    assert cli.run("migration", "new", "x", "1.0.1", "--empty").exit_code == 0
    (cli.folder / "schemas/1.0.1/version.toml").write_text("")
    assert cli.refused("migration", "new", "y", "1.0.1", "--empty").codes == ["migration-out-of-line"]
    (cli.folder / "schemas/1.0.1/migrations/007_x/up.sql").unlink()
    (cli.folder / "schemas/1.0.1/migrations/007_x/down.sql").unlink()
    (cli.folder / "schemas/1.0.1/migrations/007_x").rmdir()
    assert cli.refused("migration", "new", "x", "1.0.1", "--empty").codes == ["later-migrations"]


def test_a_script_that_no_longer_follows_from_its_answers_is_told_and_written_anew(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, FIRST)
    cli.run("migration", "new", "init")
    cli.run("new", "2.0.0")
    cli.write("schemas/2.0.0/schema.prisma", FIRST.replace("email String", "mail String"))
    toml, folder = cli.folder / "schemas/2.0.0/version.toml", "schemas/2.0.0/migrations/002_mail"
    begun = toml.read_text()
    up = cli.folder / folder / "up.sql"
    renamed = begun + '[renames]\n"User.email" = "User.mail"\n'
    dropped = begun + '[accept_loss]\n"User.email" = "unused"\n'
    dropped += '[backfill]\n"User.mail" = { sql = "id::text" }\n'
    toml.write_text(renamed)
    assert cli.run("migration", "new", "mail", "2.0.0").exit_code == 0
    first = up.read_text()
    toml.write_text(renamed + '[accept_loss]\n"Old" = "says nothing of this migration"\n')
    assert cli.run("check", "2.0.0").exit_code == 0

    toml.write_text(dropped)
    (problem,) = cli.refused("check", "2.0.0").document["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("outdated-script", f"{folder}/up.sql", 1)
    assert "migration rewrite 002_mail 2.0.0" in problem["fix"]
    assert cli.run("migration", "rewrite", "002_mail", "2.0.0").exit_code == 0
    assert 'DROP COLUMN "email"' in up.read_text()
    assert cli.run("check", "2.0.0").exit_code == 0

    up.write_text(up.read_text() + "-- mine\n")
    toml.write_text(dropped.replace("id::text", "'no ' || id"))
    told = cli.run("check", "2.0.0", "--json")
    assert "outdated-script" in [each["code"] for each in told.document["problems"]]
    assert told.exit_code == 0
    (problem,) = cli.refused("migration", "rewrite", "002_mail", "2.0.0").document["problems"]
    assert problem["code"] == "edited-script"
    assert cli.run("migration", "rewrite", "002_mail", "2.0.0", "--discard-edits").exit_code == 0
    assert "'no ' || id" in up.read_text()
    toml.write_text(renamed)
    assert cli.run("migration", "rewrite", "002_mail", "2.0.0").exit_code == 0
    assert up.read_text() == first
    toml.write_text(begun)
    codes = [
        each["code"] for each in cli.refused("migration", "rewrite", "002_mail", "2.0.0").document["problems"]
    ]
    assert codes == ["rename-or-drop"]
    (cli.folder / folder / "generated.toml").unlink()
    for arguments in (["002_mail", "2.0.0"], ["002_letters", "2.0.0"]):
        assert cli.refused("migration", "rewrite", *arguments).exit_code == 1
