"""Prisma projects come in whole, or not at all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import psycopg
import pytest

from migrations.scratch.scratch_server import ScratchServer
from registry.validation.workspace_check import problems_of
from schemas.errors import InvalidSchemaError, ServiceError, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import import_prisma
from schemas.versions import SchemaVersion

_CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
_V1 = SchemaVersion(1, 0, 0)
_DATASOURCE = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
_MODEL = "model A {\n  id Int @id\n}\n"
_SQL = 'CREATE TABLE "A" ("id" INTEGER NOT NULL, CONSTRAINT "A_pkey" PRIMARY KEY ("id"));\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project; its schema lies in prisma/, as Prisma's own template has it."""
    folder = tmp_path / "project"
    _write(folder / "prisma/schema.prisma", _DATASOURCE + _MODEL)
    _write(
        folder / "prisma/migrations/20240102000000_add_b copy/migration.sql", 'ALTER TABLE "A" ADD b INT;\n'
    )
    _write(folder / "prisma/migrations/20240101000000_Init/migration.sql", "\ufeff" + _SQL)
    _write(folder / "prisma/migrations/20240103000000/migration.sql", 'ALTER TABLE "A" DROP b;\n')
    _write(folder / "prisma/migrations/migration_lock.toml", 'provider = "postgresql"\n')
    return folder


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(errors="surrogateescape"))


def test_a_project_becomes_version_1_0_0(project: Path, tmp_path: Path, bridge: PrismaBridge) -> None:
    report = import_prisma(project, tmp_path / "out", name="shop", bridge=bridge)
    source = report.workspace.load(_V1)
    assert [migration.id for migration in source.history] == ["001_init", "002_add_b_copy", "003_migration"]
    assert report.migrations[1] == ("20240102000000_add_b copy", "002_add_b_copy")
    assert source.history[0].up == _SQL
    assert all(migration.down is None for migration in source.history)
    assert "none of the 3 imported ones has a down.sql" in report.notes[0]
    assert [(each.what, each.line) for each in report.stripped] == [("url of db", 3)]
    assert report.workspace.problems() == ()
    bridge.validate(source.schema_text)


def test_the_schema_s_file_alone_will_do(project: Path, tmp_path: Path, bridge: PrismaBridge) -> None:
    report = import_prisma(project / "prisma/schema.prisma", tmp_path / "out", name="shop", bridge=bridge)
    assert len(report.migrations) == 3


def test_without_a_history_one_is_made(tmp_path: Path, bridge: PrismaBridge) -> None:
    _write(tmp_path / "schema.prisma", _DATASOURCE + _MODEL)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    (migration,) = report.workspace.load(_V1).history
    assert migration.id == "001_init"
    assert 'CREATE TABLE "A"' in migration.up
    assert 'DROP TABLE "public"."A"' in (migration.down or "")
    assert "no migrations" in report.notes[0]


def test_a_schema_in_several_files(tmp_path: Path, bridge: PrismaBridge) -> None:
    _write(tmp_path / "prisma/schema/base.prisma", _DATASOURCE)
    _write(tmp_path / "prisma/schema/models.prisma", _MODEL)
    _write(tmp_path / "prisma/migrations/1_init/migration.sql", _SQL)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    schema = bridge.parse(report.workspace.load(_V1).schema_text)
    assert [model.name for model in schema.models] == ["A"]
    assert len(report.migrations) == 1
    _write(tmp_path / "prisma/schema/models.prisma", _MODEL + "\nmodel B {\n  id Nothing\n}\n")
    with pytest.raises(InvalidSchemaError) as caught:
        import_prisma(tmp_path, tmp_path / "other", name="shop", bridge=bridge)
    assert {(Path(problem.file or "").name, problem.line) for problem in caught.value.problems} == {
        ("models.prisma", 6)
    }


_PREVIEW = 'generator c {\n  provider = "prisma-client-js"\n  previewFeatures = ["views"]\n}\n'
_POST = "model Post {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n"
_SPLIT = {
    "schema.prisma": _PREVIEW + _DATASOURCE,
    "models/a.prisma": "model A {\n  id Int @id\n  posts Post[]\n}\n",
    "models/posts/post.prisma": _POST,
}


def test_a_schema_s_files_stay_several(tmp_path: Path, bridge: PrismaBridge) -> None:
    """They are read as Prisma reads a folder: it and the folders below."""
    for path, text in _SPLIT.items():
        _write(tmp_path / "prisma" / path, text)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    assert (report.models, report.workspace.problems()) == (2, ())
    source = report.workspace.load(_V1)
    assert [file.path for file in source.schema_files.files] == [
        f"schemas/1.0.0/{path}" for path in ("schema.prisma", "models/a.prisma", "models/posts/post.prisma")
    ]
    assert source.schema_files.files[2].text == _POST
    assert 'previewFeatures = ["views"]' in source.schema_files.files[0].text
    assert [model.name for model in bridge.parse(source.schema_text).models] == ["A", "Post"]
    draft = report.workspace.create_version(SchemaVersion(1, 1, 0))
    assert draft.schema_text == source.schema_text
    assert (report.workspace.root / "schemas/1.1.0/models/posts/post.prisma").read_text() == _POST
    # A problem is told in the file that it is in, by whoever finds it.
    place = report.workspace.root / "schemas/1.0.0/models/posts/post.prisma"
    for text, line, code in (
        ("model Post {\n  id Nope @id\n}\n", 2, "unknown-type"),
        (_POST + "\nmodel Date {\n  id Int @id\n}\n", 7, "reserved-name"),
    ):
        place.write_text(text)
        found = problems_of(report.workspace, [_V1], bridge)
        assert (code, "schemas/1.0.0/models/posts/post.prisma", line) in [
            (problem.code, problem.file, problem.line) for problem in found
        ]


def test_the_main_file_is_the_datasource_s_and_strangers_are_left_out(
    tmp_path: Path, bridge: PrismaBridge
) -> None:
    _write(tmp_path / "a/schema/main.prisma", _DATASOURCE)
    _write(tmp_path / "a/schema/b.prisma", _MODEL)
    report = import_prisma(tmp_path / "a", tmp_path / "out1", name="shop", bridge=bridge)
    names = [Path(file.path).name for file in report.workspace.load(_V1).schema_files.files]
    assert names == ["schema.prisma", "b.prisma"]
    # Nothing says that the second file belongs to the first, with which it makes no schema.
    _write(tmp_path / "b/schema.prisma", _DATASOURCE + _MODEL)
    _write(tmp_path / "b/old.prisma", _MODEL)
    report = import_prisma(tmp_path / "b", tmp_path / "out2", name="shop", bridge=bridge)
    assert len(report.workspace.load(_V1).schema_files.files) == 1
    assert "old.prisma" in report.notes[0]


_CONFIGS = {
    "prisma.config.ts": """
        export default defineConfig({
          // schema: "nowhere",
          schema: path.join(__dirname, 'db', 'parts'),
          migrations: { seed: "x", path: "db/history" },
        })""",
    ".config/prisma.mjs": 'export default {schema: "./db/parts", migrations: {\n path: `./db/history` }}',
    "package.json": '{"prisma": {"schema": "db/parts/main.prisma"}}',
}


@pytest.mark.parametrize("config", _CONFIGS)
def test_the_project_s_settings_say_where_things_are(
    config: str, tmp_path: Path, bridge: PrismaBridge
) -> None:
    _write(tmp_path / config, _CONFIGS[config])
    _write(tmp_path / "db/parts/main.prisma", _DATASOURCE + _MODEL)
    history = "parts/migrations" if config == "package.json" else "history"
    _write(tmp_path / f"db/{history}/1_init/migration.sql", _SQL)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    assert report.migrations == (("1_init", "001_init"),)


def test_settings_that_lead_out_of_the_project_are_not_followed(tmp_path: Path, bridge: PrismaBridge) -> None:
    _write(tmp_path / "elsewhere/schema.prisma", _DATASOURCE + _MODEL)
    _write(tmp_path / "app/prisma.config.ts", 'export default { schema: "../elsewhere/schema.prisma" }')
    with pytest.raises(WorkspaceError, match="no Prisma schema"):
        import_prisma(tmp_path / "app", tmp_path / "out", name="shop", bridge=bridge)


def test_a_history_of_another_name_comes_in_without_its_programs(
    tmp_path: Path, bridge: PrismaBridge
) -> None:
    """As where a team runs programs on the rows between its migrations."""
    _write(tmp_path / "prisma/schema/main.prisma", _DATASOURCE + _MODEL)
    _write(tmp_path / "prisma/migration/1_init/migration.sql", _SQL)
    _write(tmp_path / "prisma/migration/2_rows/migration.ts", "")
    _write(tmp_path / "prisma/migration/3_more/migration.sql", 'ALTER TABLE "A" ADD b INT;')
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    assert [ours for _, ours in report.migrations] == ["001_init", "002_more"]
    assert any("2_rows" in note for note in report.notes)
    # Under a name of the team's own it is known by Prisma's lock.
    _write(tmp_path / "other/schema.prisma", _DATASOURCE + _MODEL)
    for provider in ("mysql", "postgresql"):
        _write(tmp_path / f"other/{provider}-migrations/1_init/migration.sql", _SQL)
        _write(tmp_path / f"other/{provider}-migrations/migration_lock.toml", f'provider = "{provider}"\n')
    report = import_prisma(tmp_path / "other", tmp_path / "out2", name="shop", bridge=bridge)
    assert len(report.migrations) == 1


def test_the_one_project_of_a_repository_is_taken_and_several_are_listed(
    tmp_path: Path, bridge: PrismaBridge
) -> None:
    mysql = _DATASOURCE.replace("postgresql", "mysql") + _MODEL
    _write(tmp_path / "packages/mysql/prisma/schema.prisma", mysql)
    with pytest.raises(WorkspaceError, match="is for mysql; packages are made for PostgreSQL only"):
        import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    # In one sentence, whatever else this engine would say of it.
    broken = mysql + "model B {\n  id Nope @id\n}\n"
    _write(tmp_path / "file.prisma", broken)
    with pytest.raises(WorkspaceError) as refused:
        import_prisma(tmp_path / "file.prisma", tmp_path / "out", name="shop", bridge=bridge)
    assert len(refused.value.problems) == 1
    assert refused.value.problems[0].message.endswith("is for mysql; packages are made for PostgreSQL only")
    (tmp_path / "file.prisma").unlink()
    _write(tmp_path / "node_modules/other/prisma/schema.prisma", _DATASOURCE + _MODEL)
    _write(tmp_path / "packages/db/prisma/schema.prisma", _DATASOURCE + _MODEL)
    _write(tmp_path / "packages/db/prisma/migrations/1_init/migration.sql", _SQL)
    _write(tmp_path / "packages/a.prisma", _DATASOURCE.replace("postgresql", "{{PROVIDER}}"))  # a template
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    assert len(report.migrations) == 1
    assert f"Took {tmp_path / 'packages/db/prisma'}" in report.notes[0]
    assert "packages/mysql" in report.notes[1]
    _write(tmp_path / "apps/web/prisma/schema.prisma", _DATASOURCE + _MODEL)
    with pytest.raises(WorkspaceError) as several:
        import_prisma(tmp_path, tmp_path / "other", name="shop", bridge=bridge)
    (problem,) = several.value.problems
    assert problem.code == "several-prisma-projects"
    for place in ("apps/web/prisma", "packages/db/prisma"):
        assert str(tmp_path / place) in problem.message


def test_of_several_whole_schemas_the_one_for_postgres_is_taken(tmp_path: Path, bridge: PrismaBridge) -> None:
    mysql = _DATASOURCE.replace("postgresql", "mysql") + _MODEL
    _write(tmp_path / "prisma/mysql-schema.prisma", mysql)
    _write(tmp_path / "prisma/pg-schema.prisma", _DATASOURCE + _MODEL)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    assert report.models == 1
    assert "mysql-schema.prisma" in report.notes[0]
    _write(tmp_path / "prisma/pool-schema.prisma", _DATASOURCE + _MODEL)
    with pytest.raises(WorkspaceError, match="2 Prisma schemas for Postgres"):
        import_prisma(tmp_path, tmp_path / "other", name="shop", bridge=bridge)
    _write(tmp_path / "prisma/schema.prisma", _DATASOURCE + _MODEL)  # the name that Prisma looks for
    report = import_prisma(tmp_path, tmp_path / "other", name="shop", bridge=bridge)
    assert f"Took {tmp_path / 'prisma/schema.prisma'}" in report.notes[0]


@pytest.mark.parametrize(
    ("generators", "preferred"),
    [
        ('generator py {\n  provider = "prisma-client-py"\n  interface = "sync"\n}\n', "sync"),
        ('generator py {\n  provider = "python -m prisma"\n  interface = "asyncio"\n}\n', "asyncio"),
        ('generator py {\n  provider = "prisma-client-py"\n}\n', "asyncio"),
        ('generator js {\n  provider = "prisma-client-js"\n  interface = "sync"\n}\n', "asyncio"),
    ],
)
def test_the_package_prefers_the_client_that_the_project_had(
    generators: str, preferred: str, tmp_path: Path, bridge: PrismaBridge
) -> None:
    _write(tmp_path / "schema.prisma", _DATASOURCE + generators + _MODEL)
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    settings = tomllib.loads((report.workspace.root / "schema-service.toml").read_text())
    assert settings["packages"]["python_interface"] == preferred
    assert any("blocking client" in note for note in report.notes) == (preferred == "sync")


def test_views_keep_what_allows_them(tmp_path: Path, bridge: PrismaBridge) -> None:
    generator = 'generator c {\n  provider = "prisma-client-js"\n  previewFeatures = ["views", "gone"]\n}\n'
    _write(tmp_path / "schema.prisma", generator + _DATASOURCE + "view V {\n  id Int @unique\n}\n")
    report = import_prisma(tmp_path, tmp_path / "out", name="shop", bridge=bridge)
    schema = bridge.parse(report.workspace.load(_V1).schema_text)
    assert schema.models[0].is_view


@pytest.mark.parametrize(
    ("path", "text", "fragment"),
    [
        ("schema.prisma", _DATASOURCE + "model A {\n  id Nope @id\n}\n", "schema.prisma:6"),
        ("schema.prisma", 'datasource db {\n  provider = "mysql"\n}\n' + _MODEL, "mysql"),
        ("migrations/20240104000000_empty/README.md", "", "has no migration.sql"),
        ("migrations/migration_lock.toml", 'provider = "sqlite"\n', "sqlite"),
        ("migrations/20240104000000_x/migration.sql", "SELECT '\0';", "zero byte"),
        ("migrations/20240104000000_x/migration.sql", "SELECT '\udcff';", "not valid UTF-8"),
    ],
)
def test_what_can_t_come_in_is_refused_and_nothing_written(
    project: Path,
    tmp_path: Path,
    bridge: PrismaBridge,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    text: str,
    fragment: str,
) -> None:
    _write(project / "prisma" / path, text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ServiceError, match=fragment) as refused:
        import_prisma(Path("project"), tmp_path / "out", name="shop", bridge=bridge)
    assert not (tmp_path / "out").exists()
    # Named from where the user is.
    assert [each.file for each in refused.value.problems if not Path(each.file or "").exists()] == []


def test_a_folder_without_a_schema_is_refused(tmp_path: Path, bridge: PrismaBridge) -> None:
    with pytest.raises(WorkspaceError, match=r"no Prisma schema"):
        import_prisma(tmp_path / "nowhere", tmp_path / "out", name="shop", bridge=bridge)


def test_a_link_is_followed_within_the_project(project: Path, tmp_path: Path, bridge: PrismaBridge) -> None:
    _write(project / "shared/add_c/migration.sql", 'ALTER TABLE "A" ADD c INT;\n')
    _write(project / "shared/drop_c.sql", 'ALTER TABLE "A" DROP c;\n')
    (project / "prisma/migrations/20240104000000_add_c").symlink_to(project / "shared/add_c")
    (project / "prisma/migrations/20240105000000_drop_c").mkdir()
    (project / "prisma/migrations/20240105000000_drop_c/migration.sql").symlink_to(
        "../../../shared/drop_c.sql"
    )
    report = import_prisma(project, tmp_path / "out", name="shop", bridge=bridge)
    assert [ours for _, ours in report.migrations][3:] == ["004_add_c", "005_drop_c"]
    assert report.workspace.load(_V1).history[4].up == 'ALTER TABLE "A" DROP c;\n'
    for link, leads_to in (("20240106000000_x/migration.sql", "secret"), ("20240106000000_y", ".")):
        (tmp_path / "secret").write_text("token")
        path = project / "prisma/migrations" / link
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(tmp_path / leads_to)
        with pytest.raises(WorkspaceError) as refused:
            import_prisma(project, tmp_path / "other", name="shop", bridge=bridge)
        path.unlink()
        if path.parent.name.endswith("_x"):
            path.parent.rmdir()
        (told,) = refused.value.problems
        assert told.message == f"{path} is a symbolic link that leads out of {project}"
        assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("name", "count"), [("ghostfolio", 121), ("linkwarden", 98)])
def test_a_real_history_comes_in_and_applies(
    tmp_path: Path, bridge: PrismaBridge, scratch_server: ScratchServer, name: str, count: int
) -> None:
    """The history ends in the schema's own columns, so that there is no drift to fix."""
    if not (_CORPUS / name).is_dir():
        pytest.skip(f"the history of {name} is not on this machine")
    report = import_prisma(_CORPUS / name / "head", tmp_path / "out", name=name, bridge=bridge)
    source = report.workspace.load(_V1)
    assert len(source.history) == count
    with scratch_server.new_database() as one, scratch_server.new_database() as other:
        with psycopg.connect(one, autocommit=True) as history:
            for migration in source.history:
                history.execute(migration.up.encode())
            found = _columns(history)
        with psycopg.connect(other, autocommit=True) as fresh:
            fresh.execute(bridge.diff(None, source.schema_text).encode())
            assert found == _columns(fresh)


def _columns(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT table_name, column_name, udt_name, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    ).fetchall()
