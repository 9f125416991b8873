"""The migrations wheel: packed, installed by uv into a clean environment, and run there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from generators.migrations_package.generate import MigrationsTarget
from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from migrations.errors import MigrationSyntaxError
from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment
from schemas.errors import ExitCode
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

HOSTILE = 'a """ \' \\ {{ x }} ${x} */ </b>\u202e\u2028\n# no code: """'
ONE, TWO = SchemaVersion.parse("1.0.0"), SchemaVersion.parse("2.0.0-rc.1")
MIGRATIONS = (
    Migration(number=1, name="init", version=ONE, up="CREATE TABLE a (id int);", down="DROP TABLE a;"),
    Migration(number=2, name="more", version=TWO, up="-- é\nCREATE TABLE b (id int);", down="DROP TABLE b;"),
)
REQUEST = GenerationRequest(
    schema_name="shop",
    version=TWO,
    description=HOSTILE,
    author="Ann <ann@example.org>",
    schema=Schema(text=HOSTILE, models=(), enums=()),
    migrations=MIGRATIONS,
    names=PackageNames(python_migrations="shop-migrations", python_migrations_import="shop_migrations"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(REQUEST, tmp_path_factory.mktemp("wheel"))


def written(request: GenerationRequest, folder: Path) -> Path:
    artifact = pack(MigrationsTarget().generate(request))
    path = folder / artifact.filename
    path.write_bytes(artifact.content)
    return path


@pytest.fixture(scope="module")
def consumer(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> PythonEnvironment:
    billing = replace(
        REQUEST,
        schema_name="billing",
        names=PackageNames(python_migrations="billing-migrations", python_migrations_import="billing"),
    )
    other = written(billing, tmp_path_factory.mktemp("other"))
    return python_environment(tmp_path_factory.mktemp("venv") / "consumer", [wheel, other])


@pytest.fixture
def dsn(scratch_server: ScratchServer) -> Iterator[str]:
    with scratch_server.new_database() as database:
        yield database


def command(consumer: PythonEnvironment, dsn: str, *arguments: str, name: str = "shop-migrations") -> str:
    return consumer.run_command([name, *arguments], variables={"DATABASE_URL": dsn})


def test_the_command_migrates_a_database(consumer: PythonEnvironment, dsn: str) -> None:
    command(consumer, dsn, "upgrade", "--to", "1.0.0")
    module = [str(consumer.python), "-m", "shop_migrations", "upgrade"]
    output = consumer.run_command(module, variables={"DATABASE_URL": dsn})
    assert [json.loads(line)["event"] for line in output.splitlines()] == [
        "migration_started",
        "migration_finished",
        "finished",
    ]
    found = json.loads(command(consumer, dsn, "status", "--json"))
    assert (found["schema_name"], found["version"], found["up_to_date"]) == ("shop", "2.0.0-rc.1", True)
    assert found["migrations"][1]["package_version"] == "2.0.0rc1"
    assert "001_init" in command(consumer, dsn, "history")
    command(consumer, dsn, "downgrade", "--to", "none")
    assert json.loads(command(consumer, dsn, "status", "--json"))["version"] is None


def test_two_packages_share_an_environment_and_a_database(consumer: PythonEnvironment, dsn: str) -> None:
    command(consumer, dsn, "upgrade")
    assert (
        json.loads(command(consumer, dsn, "status", "--json", name="billing-migrations"))["version"] is None
    )
    assert "billing" in command(consumer, dsn, "upgrade", "--help", name="billing-migrations")


def test_the_python_interface(consumer: PythonEnvironment, dsn: str) -> None:
    code = """
import json, os, sys, shop_migrations as m
assert "psycopg" not in sys.modules
report = m.upgrade(os.environ["DSN"])
same = m.upgrade(os.environ["DSN"])
back = m.downgrade(os.environ["DSN"], to="1.0.0")
try:
    m.upgrade(os.environ["DSN"], to="9.0.0")
except m.UsageError as error:
    refusal = error.code
print(json.dumps([report.migrations, same.migrations, back.version, refusal, m.__version__,
                  m.SCHEMA_NAME, m.SCHEMA_VERSION, m.SCHEMA_DIGEST, m.status(os.environ["DSN"]).version]))
"""
    assert json.loads(consumer.run(code, variables={"DSN": dsn})) == [
        ["001_init", "002_more"],
        [],
        "1.0.0",
        "unknown-version",
        "2.0.0rc1",
        "shop",
        "2.0.0-rc.1",
        REQUEST.schema.digest,
        "1.0.0",
    ]


def test_a_start_that_finds_nothing_to_do_needs_no_driver(consumer: PythonEnvironment, dsn: str) -> None:
    command(consumer, dsn, "upgrade")
    program = """
import sys, shop_migrations
assert shop_migrations.main(sys.argv[1:]) == 0
print(sorted({"psycopg", "json", "re", "argparse", "dataclasses", "pathlib"} & set(sys.modules)))
"""
    for words, event in ((["upgrade"], "up_to_date"), (["wait", "--json"], "ready")):
        told, imported = consumer.run(program, *words, variables={"DATABASE_URL": dsn}).splitlines()
        assert json.loads(told)["event"] == event
        assert json.loads(told)["version"] == "2.0.0-rc.1"
        assert imported == "[]"
    # Anything else takes the ordinary start.
    assert "'psycopg'" in consumer.run(program, "upgrade", "--wait", "5", variables={"DATABASE_URL": dsn})
    as_prisma_writes_it = {"DATABASE_URL": f"{dsn}&schema=public&pgbouncer=true"}
    assert "'psycopg'" not in consumer.run(program, "upgrade", variables=as_prisma_writes_it)


def test_the_whole_interface_can_be_had(consumer: PythonEnvironment) -> None:
    code = (
        "import shop_migrations as m; print([n for n in m.__all__ if getattr(m, n) is None], hasattr(m, 'x'))"
    )
    assert consumer.run(code).strip() == "[] False"


def test_checkers_see_the_interface(wheel: Path, consumer: PythonEnvironment, tmp_path: Path) -> None:
    use = """
import shop_migrations
from shop_migrations import Options, Status, Verification

report = shop_migrations.upgrade("", to="1.0.0", options=Options(retry=1))
reveal_type(report.migrations)
found: Status = shop_migrations.status()
drift: Verification = shop_migrations.verify()
shop_migrations.upgrade(to=1)
"""
    (tmp_path / "use.py").write_text(use)
    checker = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        str(consumer.python),
        "use.py",
    ]
    done = subprocess.run(checker, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert "tuple[" in lines[0]
    assert "str, ...]" in lines[0]
    assert lines[1].startswith('use.py:9: error: Argument "to"')
    assert lines[2] == "Found 1 error in 1 file (checked 1 source file)"


def test_the_embedded_runner_is_the_source_byte_for_byte(consumer: PythonEnvironment) -> None:
    installed = Path(consumer.run("import shop_migrations; print(shop_migrations.__path__[0])").strip())
    source, carried = Path(str(resources.files("migrations.runner"))), installed / "_runner"
    names = {path.relative_to(source) for path in source.rglob("*.py")} | {Path("py.typed")}
    assert names == {
        path.relative_to(carried) for path in carried.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    for name in names:
        assert (carried / name).read_bytes() == (source / name).read_bytes()
    assert (installed / "py.typed").exists()
    assert (installed / "sql/002_more/up.sql").read_text() == MIGRATIONS[1].up


def test_untrusted_text_is_text(consumer: PythonEnvironment) -> None:
    documented = consumer.run("import shop_migrations; print(ascii(shop_migrations.__doc__))")
    assert "# no code" in documented
    assert "202e" in documented


def test_the_package_is_the_same_on_every_build(wheel: Path) -> None:
    assert pack(MigrationsTarget().generate(REQUEST)).content == wheel.read_bytes()
    shuffled = replace(REQUEST, migrations=MIGRATIONS[::-1])
    assert pack(MigrationsTarget().generate(shuffled)).content == wheel.read_bytes()


def test_a_script_that_can_t_be_split_is_refused() -> None:
    broken = replace(MIGRATIONS[1], up="CREATE TABEL b;")
    with pytest.raises(MigrationSyntaxError) as refused:
        MigrationsTarget().generate(replace(REQUEST, migrations=(MIGRATIONS[0], broken)))
    assert refused.value.exit_code is ExitCode.USER
    assert refused.value.problems[0].place.endswith("002_more/up.sql:1:8")


def test_what_is_declared_compatible_is_in_the_package() -> None:
    declaring = replace(REQUEST, compatible_from={TWO: ONE})
    manifests = [
        json.loads(dict(package.files)["shop_migrations/manifest.json"])
        for package in (MigrationsTarget().generate(request) for request in (REQUEST, declaring))
    ]
    assert [manifest["compatible_from"] for manifest in manifests] == [{}, {"2.0.0-rc.1": "1.0.0"}]
