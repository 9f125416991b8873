"""Manifests of a few lines of SQL, and the runner as its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from migrations.package.manifest import build_manifest
from migrations.package.release_state import ReleaseState
from migrations.runner import commands
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address
from migrations.runner.verification.fingerprint import read_objects
from migrations.scratch.scratch_server import ScratchServer
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_ROOT = Path(__file__).parents[4]
_MAIN = (
    "import sys; from pathlib import Path; from migrations.runner.api import Migrations; "
    "sys.exit(Migrations(Path(sys.argv[1])).main(sys.argv[2:]))"
)


def migration(number: int, up: str, down: str | None = None, *, version: str = "1.0.0") -> Migration:
    """``m<number>`` of a version."""
    return Migration(number=number, name=f"m{number}", version=SchemaVersion.parse(version), up=up, down=down)


def manifest_json(
    *migrations: Migration,
    version: str | None = None,
    schema_name: str = "shop",
    history: Sequence[ReleaseState] = (),
    compatible_from: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """As a package ships it."""
    newest = (
        max(m.version for m in migrations) if version is None else SchemaVersion.parse(version, drafts=True)
    )
    return build_manifest(
        schema_name=schema_name,
        package=f"{schema_name}-migrations",
        version=newest,
        schema_digest="0" * 64,
        migrations=migrations,
        history=history,
        compatible_from={
            SchemaVersion.parse(newer): SchemaVersion.parse(older)
            for newer, older in (compatible_from or {}).items()
        },
    )


def manifest(*migrations: Migration, **more: Any) -> Manifest:
    """As the runner reads it."""
    return Manifest.from_json(manifest_json(*migrations, **more))


def rehearsed(server: ScratchServer, *migrations: Migration, **more: Any) -> Manifest:
    """The same, with the objects of every version, as they are on a database that was migrated there."""
    plain = manifest(*migrations, **more)
    history = []
    with server.new_database() as dsn:
        for version in plain.versions:
            commands.upgrade(plain, address(dsn), to=version)
            history.append(
                ReleaseState(
                    version=SchemaVersion.parse(version), schema_digest="0" * 64, objects=objects(dsn)
                )
            )
    return manifest(*migrations, **more, history=history)


def objects(dsn: str) -> dict[str, str]:
    """What a database consists of."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return read_objects(connection)


def upgrade(dsn: str, package: Manifest, to: str | None = None, **options: Any) -> tuple[str, ...]:
    """What ran, in this process."""
    return commands.upgrade(package, address(dsn), to=to, options=Options(**options)).migrations


def downgrade(dsn: str, package: Manifest, to: str = "none", **more: Any) -> tuple[str, ...]:
    """The same, backwards."""
    return commands.downgrade(package, address(dsn), to=to, **more).migrations


def tables(dsn: str) -> set[str]:
    """The names of the tables that migrations made."""
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return {name for (name,) in rows(dsn, query)}


@dataclass(frozen=True)
class Command:
    """The runner's command over the manifest in a file, against one database."""

    file: Path
    dsn: str

    @classmethod
    def of(cls, folder: Path, dsn: str, *migrations: Migration, **more: Any) -> Command:
        file = folder / f"{len(list(folder.iterdir()))}-manifest.json"
        file.write_text(json.dumps(manifest_json(*migrations, **more)))
        return cls(file, dsn)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.words(*arguments),
            cwd=_ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def words(self, *arguments: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-c", _MAIN, str(self.file), *arguments]

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output."""
        return finish(self.start(*arguments))

    def environment(self) -> Mapping[str, str]:
        """With the database's address, and no other."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "DATABASE_URL": self.dsn, "PYTHONPATH": str(_ROOT)}


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and output, once it has ended."""
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def events(output: str) -> list[dict[str, Any]]:
    """The JSON lines that a run prints."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """What a query returns."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def rows_in_time(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """What a query gives that may wait for a lock, but not for one that is held for longer than a minute."""
    return rows(make_conninfo(dsn, options="-c statement_timeout=60s"), query)


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


class Heard(list[tuple[str, dict[str, Any]]]):
    """The events of a run."""

    def __call__(self, event: str, /, **fields: Any) -> None:
        self.append((event, fields))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self if name == event]


def wait_for(dsn: str, query: str) -> None:
    """Until a query returns a row."""
    deadline = time.monotonic() + 60
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            if connection.execute(query.encode()).fetchone():
                return
            time.sleep(0.01)
    raise AssertionError(f"nothing came of {query}")
