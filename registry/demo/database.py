"""One database, migrated from version to version with rows in it, and used by every service."""

from __future__ import annotations

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
from .services_in_use import FRONT_END, Reviews, ingest, shown_reviews

_DATABASE = "reviews"
_TSC_OPTIONS = (
    *("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"),
    "--allowImportingTsExtensions",
)


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
    with output.section(
        "Write with the ingestor, in Python, and read the same rows from the web service, in Node"
    ):
        written = ingest(consumers.python, database, output)
        shown = shown_reviews(consumers.node, database, output)
        if not written or not written.items() <= shown.items():
            raise ConsumerError(_rows_differ(written, shown))
        output.line(f"both see the same {len(written)} new reviews")
    with output.section("Type-check a front end with tsc"):
        _type_check(consumers.node)
        output.line("badge.ts compiles; its use of a field that 2.0.0 renamed would not")


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


def _type_check(project: NpmProject) -> None:
    with as_file(files("registry.local")) as lock_folder:
        compiler = installed(lock_folder) / "node_modules" / "typescript" / "bin" / "tsc"
    sources = [str(project.folder / name) for name in FRONT_END]
    project.run_command([str(node_executable()), str(compiler), *_TSC_OPTIONS, *sources])


def _service(folder: Path, name: str) -> Path:
    """A copy of the service's source in ``folder``, where its packages are installed."""
    with as_file(files(__package__) / "services" / name) as source:
        return Path(shutil.copy(source, folder / name))


def _rows_differ(written: Reviews, shown: Reviews) -> Problem:
    return Problem(
        code="rows-differ",
        message=f"the ingestor wrote {str(written)[:200]} and the web service shows {str(shown)[:200]}",
        fix="this is a bug in schema-service: please report it",
    )
