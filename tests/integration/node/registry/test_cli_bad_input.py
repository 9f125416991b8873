"""What a user gets wrong: every problem with its place and fix, exit code 1, and no file changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ....command_line import CommandLine

SCHEMA = "schemas/1.0.0/schema.prisma"
DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'
#: Every command that takes a version, and what else it needs.
WITH_VERSION = (
    ("show",),
    ("check",),
    ("new",),
    ("publish",),
    ("generate", "--out", "out"),
    ("build", "--out", "out"),
    ("migration", "new", "add_it"),
    ("new", "9.0.0", "--from"),
)


def models(*names: str) -> str:
    return DATASOURCE + "".join(f"model {name} {{\n  id Int @id\n}}\n" for name in names)


def test_text_that_is_no_version_is_refused_by_every_command(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    for command in WITH_VERSION:
        for text in ("2.0", "v1.0.0", "1.0.0+x", "../..", "1.0.0-foo", "", "1.0.0\n", "１.0.0", "1٣.0.0"):
            assert cli.refused(*command, text).codes == ["invalid-version"], (command, text)
    assert cli.refused("check", f"{'9' * 400}.0.0").codes == ["invalid-version"]


def test_an_unknown_version_is_told_with_those_there_are(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    for command in WITH_VERSION:
        if command == ("new",):
            continue
        finished = cli.refused(*command, "7.7.7")
        assert finished.codes == ["unknown-version"], command
        assert "1.0.0, 1.1.0, 2.0.0" in finished.document["problems"][0]["fix"]
    assert cli.refused("new", "1.1.0").codes == ["version-exists"]
    assert cli.refused("new", "0.9.0", "--from", "1.0.0").codes == ["base-is-newer"]


def test_every_error_of_a_schema_is_told_with_its_place(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, f"{DATASOURCE}model A {{\n  id Int @id\n  x  Strin\n  y  Foo?\n  @@index([nope])\n}}\n")
    for command in (
        ("check",),
        ("publish", "1.0.0"),
        ("build", "1.0.0", "--out", "out"),
        ("migration", "new", "x"),
    ):
        problems = cli.refused(*command).document["problems"]
        places = [(each["file"], each["line"], each["column"]) for each in problems]
        assert places[:2] == [(SCHEMA, 6, 6), (SCHEMA, 7, 6)], command
    told = cli.run("check")
    assert told.errors.startswith(f"{SCHEMA}:6:6: error[")
    assert told.output.startswith("1.0.0: not valid (")


def test_what_no_database_can_hold_is_told_before_anything_is_written(cli: CommandLine) -> None:
    cli.with_workspace()
    fields = r"""
  a String @default("a\u0000b")
  b Int    @default(dbgenerated("1); DROP TABLE x; --"))
  c Int    @default(2147483648)
"""
    cli.write(SCHEMA, f"{DATASOURCE}model A {{\n  id Int @id{fields}}}\n")
    for command in (("check",), ("build", "1.0.0", "--out", "out"), ("migration", "new", "x")):
        problems = cli.refused(*command).document["problems"]
        assert [(each["code"], each["line"], each["column"]) for each in problems] == [
            ("nul-character", 6, 21),
            ("not-one-sql-part", 7, 33),
            ("default-not-storable", 8, 21),
        ], command
    later = cli.folder / "schemas/1.1.0"
    (cli.folder / "schemas/1.0.0/migrations/001_init").mkdir(parents=True)
    cli.write("schemas/1.0.0/migrations/001_init/up.sql", "SELECT 1;\n")
    later.mkdir()
    cli.write("schemas/1.1.0/schema.prisma", f"{DATASOURCE}model A {{\n  id Int @id\n}}\n")
    assert "not-one-sql-part" in cli.refused("check", "1.1.0").codes
    for folder in (later, cli.folder / "schemas/1.0.0/migrations"):
        shutil.rmtree(folder)
    cli.write(SCHEMA, f'{DATASOURCE}model A {{\n  id Int @id\n  a Decimal @default("2.00")\n}}\n')
    assert cli.run("migration", "new", "init").exit_code == 0
    assert "DEFAULT 2.00" in (cli.folder / "schemas/1.0.0/migrations/001_init/up.sql").read_text()


def test_names_that_no_language_accepts_are_refused_where_they_stand(cli: CommandLine) -> None:
    cli.with_workspace()
    for names in (("class",), ("import",), ("Prisma",), ("constructor",), ("__proto__",), ("None",)):
        cli.write(SCHEMA, models("Fine", *names))
        for command in (("check",), ("publish", "1.0.0"), ("build", "1.0.0", "--out", "out")):
            problems = cli.refused(*command).document["problems"]
            assert (problems[0]["file"], problems[0]["line"]) == (SCHEMA, 7), (names, command)


def test_names_that_collide_once_cased_are_told_together(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(SCHEMA, models("Foo_bar", "FooBar", "foo_bar", "Prisma"))
    problems = cli.refused("check").document["problems"]
    assert [problem["line"] for problem in problems] == [7, 10, 13]
    assert "'Foo_bar' (line 4)" in problems[0]["message"]


def test_a_broken_file_does_not_hide_the_errors_of_another(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write("schemas/1.0.0/version.toml", 'description = "x\nauthor = 1')
    cli.write(SCHEMA, models("Prisma"))
    (cli.folder / "schemas/latest").mkdir()
    problems = cli.refused("check").document["problems"]
    assert [(each["code"], each["line"]) for each in problems] == [
        ("not-a-version", None),
        ("invalid-toml", 1),
        ("reserved-name", 4),
    ]


def test_a_folder_that_is_no_workspace_says_how_to_make_one(cli: CommandLine) -> None:
    for command in (
        *(each for each in WITH_VERSION if each[-1] != "--from"),
        ("versions",),
        ("up",),
        ("serve",),
    ):
        version = ("1.0.0",) if command in WITH_VERSION else ()
        finished = cli.refused(*command, *version)
        assert finished.codes == ["no-workspace"], command
        assert "schema-service init" in finished.document["problems"][0]["fix"]


@pytest.mark.parametrize(
    ("toml", "codes"),
    [
        ('name = "b"\nfoo', ["invalid-toml"]),
        (b"name = '\xff'", ["invalid-toml"]),
        (
            'name = 3\nfoo = 2\n[packages]\npithon_client = "x"\n',
            ["unknown-setting"] * 2 + ["invalid-setting"],
        ),
        ('[packages]\npython_client = "../x"\n', ["missing-setting", "package-name"]),
        ('name = "b"\n[packages]\npython_client = "../x"\nnode_client = "UPPER"\n', ["package-name"] * 2),
        ('name = "b"\n[state]\nurl = "mysql://secret@host/db"\n', ["invalid-state-url"]),
        *(
            (f'name = "b"\n[state]\nurl = "{url}"\n', ["invalid-state-url"])
            for url in (
                "postgresql://u:secret@h:abc/d",
                "postgresql://u:%ff@h/d",
                "postgres://u:p@secret@h/d",
                "postgresql://h/d?sslmode=secret",
                "sqlite://h:abc/d",
                "secret",
            )
        ),
        ('name = "b"\n[registries.npm]\nurl = "ftp://x"\n', ["invalid-setting"]),
        ('name = "b"\n[registries.npm]\nurl = "http://u:sec/ret@h/"\n', ["invalid-setting"]),
    ],
)
def test_settings_that_are_wrong_are_all_told(cli: CommandLine, toml: str | bytes, codes: list[str]) -> None:
    cli.with_workspace()
    cli.write("schema-service.toml", toml)
    finished = cli.refused("versions")
    assert sorted(finished.codes) == sorted(codes)
    assert {problem["file"] for problem in finished.document["problems"]} == {"schema-service.toml"}
    assert "secret" not in finished.output
    assert "sec/ret" not in finished.output


def test_files_that_are_no_text_are_refused(cli: CommandLine, tmp_path: Path) -> None:
    cli.with_workspace()
    path = cli.folder / SCHEMA
    for content, code in (
        (b"\xff\xfe bad", "not-utf-8"),
        (b"model A {}\0", "unreadable-file"),
        (b"a" * (16 * 1024 * 1024 + 1), "file-too-large"),
    ):
        cli.write(SCHEMA, content)
        assert cli.refused("check").codes == [code]
    path.unlink()
    assert cli.refused("check").codes == ["missing-file"]
    path.symlink_to("/etc/hostname")
    assert cli.refused("check").codes == ["outside-workspace"]
    path.unlink()
    path.symlink_to(path.name)
    assert cli.refused("check").codes == ["unreadable-file"]


def test_a_workspace_without_versions_says_how_to_draft_one(cli: CommandLine) -> None:
    cli.with_workspace()
    for each in (cli.folder / "schemas/1.0.0").iterdir():
        each.unlink()
    (cli.folder / "schemas/1.0.0").rmdir()
    for command in (("check",), ("check", "--all"), ("migration", "new", "x")):
        assert cli.refused(*command).codes == ["no-versions"]
    assert "schema-service new 1.0.0" in cli.run("versions").output


def test_init_refuses_what_is_in_the_way_and_names_nobody_can_use(cli: CommandLine) -> None:
    cli.with_workspace()
    assert cli.refused("init").codes == ["folder-in-use"]
    assert cli.refused("init", "schema-service.toml").codes == ["folder-in-use"]
    assert cli.refused("init", "schema-service.toml/sub").codes == ["unwritable-folder"]
    for name in ("UPPER", "class", "../x", "", "a b", "é"):
        assert cli.refused("init", "sub", "--name", name).codes == ["bad-workspace-name"]
    assert cli.refused("init", "sub", "--from-prisma", "nowhere").document["problems"]
    assert not (cli.folder / "sub").exists()


def test_a_sealed_version_that_was_edited_is_built_by_nobody(cli: CommandLine) -> None:
    cli.with_workspace()
    lock = f'version = "1.0.0"\nschema_digest = "{"0" * 64}"\ninput_digest = "{"0" * 64}"\nartifacts = []\n'
    cli.write("schemas/1.0.0/release.lock", lock)
    for command in (("build", "1.0.0", "--out", "out"), ("publish", "1.0.0"), ("check", "1.0.0")):
        assert cli.refused(*command).codes == ["sealed-version-edited"], command
    assert cli.refused("migration", "new", "x", "1.0.0").codes == ["sealed-version"]
    assert cli.run("versions").output.split() == ["1.0.0", "published", "elsewhere"]


def test_publish_tells_everything_that_check_does(cli: CommandLine) -> None:
    """A schema that is not valid hides no script that is not either."""
    project = cli.with_workspace(sample=True)
    schema = project.folder / "schemas/1.0.0/schema.prisma"
    project.write("schemas/1.0.0/schema.prisma", schema.read_text() + "\nmodel {\n")
    project.write("schemas/1.0.0/migrations/002_reviews/up.sql", "SELEC 1;\n")
    told = project.refused("check", "1.0.0").document["problems"]
    assert len({problem["file"] for problem in told}) == 2
    assert project.refused("publish", "1.0.0").document["problems"] == told
    assert project.refused("build", "1.0.0", "--out", "out").document["problems"] == told
