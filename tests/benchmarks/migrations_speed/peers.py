"""The other ways to apply a history. Each is given an empty database's DSN and leaves the same objects."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from registry.config.upstreams import read_upstreams
from registry.consumers.throwaway_environments import npm_project, python_environment
from registry.errors import ConsumerError, RegistryUnreachableError

from ..programs import run
from .histories import History

Apply = Callable[[str], None]

_LOOP_PROGRAM = """
import os
from pathlib import Path
import psycopg

with psycopg.connect(os.environ["URL"], autocommit=True) as connection:
    connection.execute("CREATE TABLE applied (id text PRIMARY KEY, at timestamptz DEFAULT now())")
    for script in sorted(Path(__file__).parent.glob("*.sql"), key=lambda file: int(file.name.split("_")[0])):
        with connection.transaction():
            connection.execute(script.read_bytes())
            connection.execute("INSERT INTO applied (id) VALUES (%s)", (script.stem,))
"""
_DBMATE = "@dbmate/linux-x64"
_ALEMBIC_ENV = """
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
_ALEMBIC_REVISION = """
from pathlib import Path
from alembic import op

revision = {revision!r}
down_revision = {before!r}

def upgrade():
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
"""


def plain_loop(history: History) -> Apply:
    """psycopg, one transaction a migration, and a row for each in a table: the least that one can do."""

    def apply(dsn: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE applied (id text PRIMARY KEY, at timestamptz DEFAULT now())")
            for migration in history.migrations:
                with connection.transaction():
                    connection.execute(migration.up.encode())
                    connection.execute("INSERT INTO applied (id) VALUES (%s)", (migration.id,))

    return apply


def loop_process(history: History, folder: Path) -> Apply:
    """The same as a program: with the start of Python and the import of psycopg."""
    folder.mkdir(parents=True)
    for migration in history.migrations:
        (folder / f"{migration.id}.sql").write_text(migration.up, "utf-8")
    program = folder / "loop.py"
    program.write_text(_LOOP_PROGRAM, "utf-8")

    def apply(dsn: str) -> None:
        run((Path(sys.executable), program), folder, {**_path(), "URL": dsn})

    return apply


def psql_files(history: History, folder: Path) -> Apply | None:
    """``psql -f`` for each script; None where there is no psql."""
    psql = shutil.which("psql")
    if psql is None:
        return None
    folder.mkdir(parents=True)
    files = []
    for migration in history.migrations:
        file = folder / f"{migration.id}.sql"
        file.write_text(migration.up, "utf-8")
        files.append(file)

    def apply(dsn: str) -> None:
        for file in files:
            run((psql, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", file), folder, _libpq(dsn))

    return apply


class Alembic:
    """An environment of its own with the newest Alembic, and a project of revisions."""

    def __init__(self, folder: Path) -> None:
        """Raises ConsumerError or RegistryUnreachableError where it can't be installed."""
        requirements = ["alembic", "sqlalchemy", "psycopg[binary]"]
        self._python = python_environment(
            folder / "environment", requirements, upstream=read_upstreams().python
        )

    def apply(self, history: History, folder: Path) -> Apply:
        """``alembic upgrade head``; on a database that is there already it finds nothing to do."""
        versions = folder / "versions"
        versions.mkdir(parents=True)
        (folder / "env.py").write_text(_ALEMBIC_ENV, "utf-8")
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = .\n", "utf-8")
        before = None
        for migration in history.migrations:
            revision = f"{migration.number:04d}"
            text = _ALEMBIC_REVISION.format(revision=revision, before=before)
            (versions / f"{revision}.py").write_text(text, "utf-8")
            (versions / f"{revision}.sql").write_text(migration.up, "utf-8")
            before = revision

        def apply(dsn: str) -> None:
            url = {"URL": "postgresql+psycopg" + dsn.removeprefix("postgresql")}
            run((self._python.python, "-m", "alembic", "upgrade", "head"), folder, {**_path(), **url})

        return apply


def alembic(folder: Path) -> Alembic | str:
    """Alembic, or why it isn't there."""
    try:
        return Alembic(folder)
    except (ConsumerError, RegistryUnreachableError) as error:
        return error.problems[0].message


class Dbmate:
    """dbmate's binary, from its npm package."""

    def __init__(self, folder: Path) -> None:
        """Raises ConsumerError or RegistryUnreachableError where it can't be installed."""
        folder.mkdir(parents=True)
        npm_project(folder, [_DBMATE])
        self._binary = folder / "node_modules" / _DBMATE / "bin" / "dbmate"

    def apply(self, history: History, folder: Path) -> Apply:
        """``dbmate migrate``: the database is there. It writes no schema file, and waits for no server."""
        migrations = folder / "migrations"
        migrations.mkdir(parents=True)
        for migration in history.migrations:
            file = migrations / f"{migration.number:014d}_{migration.name}.sql"
            # Prisma writes BEGIN and COMMIT around a change of an enum.
            option = " transaction:false" if "COMMIT;" in migration.up else ""
            file.write_text(f"-- migrate:up{option}\n{migration.up}\n-- migrate:down\n", "utf-8")

        def apply(dsn: str) -> None:
            command = (self._binary, "--no-dump-schema", "--migrations-dir", migrations, "migrate")
            run(command, folder, {**_path(), "DATABASE_URL": f"{dsn}?sslmode=disable"})

        return apply


def dbmate(folder: Path) -> Dbmate | str:
    """dbmate, or why it isn't there."""
    try:
        return Dbmate(folder)
    except (ConsumerError, RegistryUnreachableError) as error:
        return error.problems[0].message


def _libpq(dsn: str) -> Mapping[str, str]:
    names = {
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
        "dbname": "PGDATABASE",
    }
    given = conninfo_to_dict(dsn)
    return {**_path(), **{names[key]: str(value) for key, value in given.items() if key in names}}


def _path() -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
