"""One database, migrated from version to version with rows in it, and used by every service."""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import psycopg

from migrations.scratch.dsn import with_database
from schemas.errors import Problem
from schemas.prisma.nodejs import node_executable
from schemas.prisma.toolchain import installed

from ..consumers.throwaway_environments import NpmProject, PythonEnvironment
from ..errors import ConsumerError
from .consumers import DemoConsumers
from .output import Output

_DATABASE = "reviews"
_TSC_OPTIONS = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")


def migrate_and_use(consumers: DemoConsumers, postgres_url: str, output: Output) -> None:
    """Migrate an empty database 1.0.0 → 1.1.0 → 2.0.0, and let each service use it on the way.

    Raises ConsumerError where a service fails, or where Node reads other rows than Python wrote.
    """
    database = {"DATABASE_URL": _new_database(postgres_url)}
    with output.section("Migrate an empty database to 1.0.0, and fill it with a service that pins 1.0.0"):
        _migrate(consumers.python, database, output, "--to", "1.0.0")
        output.line(_run_python(consumers.old, "first_service.py", database)[-1])
    with output.section("Migrate it to 1.1.0 and 2.0.0, with its rows"):
        _migrate(consumers.python, database, output, "--to", "1.1.0")
        _migrate(consumers.python, database, output)
    with output.section("Write with Python, and read the same rows with Node"):
        *printed, written = _run_python(consumers.python, "ingestor.py", database)
        *answered, read = _run_node(consumers.node, "web.mjs", database)
        if json.loads(written) != json.loads(read):
            raise ConsumerError(_rows_differ(written, read))
        for line in [*printed, *answered, f"both see {len(json.loads(read))} equal rows"]:
            output.line(line)
    with output.section("Type-check a front end with tsc"):
        _type_check(consumers.node)
        output.line("front_end.ts compiles; its use of a field that 2.0.0 renamed would not")


def _new_database(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE}")
    return with_database(postgres_url, _DATABASE)


def _migrate(
    environment: PythonEnvironment, database: dict[str, str], output: Output, *arguments: str
) -> None:
    command = ["schema-migrations", "upgrade", *arguments]
    environment.run_command([str(environment.scripts / command[0]), *command[1:]], variables=database)
    output.line(" ".join(command))


def _run_python(environment: PythonEnvironment, name: str, database: dict[str, str]) -> list[str]:
    script = _service(environment.folder, name)
    return environment.run_command(
        [str(environment.python), "-I", str(script)], variables=database
    ).splitlines()


def _run_node(project: NpmProject, name: str, database: dict[str, str]) -> list[str]:
    script = _service(project.folder, name)
    return project.run_command([str(node_executable()), str(script)], variables=database).splitlines()


def _type_check(project: NpmProject) -> None:
    with as_file(files("registry.local")) as lock_folder:
        compiler = installed(lock_folder) / "node_modules" / "typescript" / "bin" / "tsc"
    source = _service(project.folder, "front_end.ts")
    project.run_command([str(node_executable()), str(compiler), *_TSC_OPTIONS, str(source)])


def _service(folder: Path, name: str) -> Path:
    """A copy of the service's source in ``folder``, where its packages are installed."""
    with as_file(files(__package__) / "services" / name) as source:
        return Path(shutil.copy(source, folder / name))


def _rows_differ(written: str, read: str) -> Problem:
    return Problem(
        code="rows-differ",
        message=f"Python wrote {written[:200]} and Node reads {read[:200]}",
        fix="this is a bug in schema-service: please report it",
    )
