"""Manifests of a few lines of SQL, and the runner as its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from migrations.manifest import build_manifest
from migrations.runner.manifest import Manifest
from schemas.migration import Migration
from schemas.versions import SchemaVersion

_ROOT = Path(__file__).parents[2]
_MAIN = (
    "import sys; from pathlib import Path; from migrations.runner.api import Migrations; "
    "sys.exit(Migrations(Path(sys.argv[1])).main(sys.argv[2:]))"
)


def migration(number: int, up: str, down: str | None = None, *, version: str = "1.0.0") -> Migration:
    """``m<number>`` of a version."""
    return Migration(number=number, name=f"m{number}", version=SchemaVersion.parse(version), up=up, down=down)


def manifest_json(
    *migrations: Migration, version: str | None = None, schema_name: str = "shop"
) -> dict[str, Any]:
    """As a package ships it."""
    newest = max(m.version for m in migrations) if version is None else SchemaVersion.parse(version)
    return build_manifest(
        schema_name=schema_name,
        package=f"{schema_name}-migrations",
        version=newest,
        schema_digest="0" * 64,
        migrations=migrations,
    )


def manifest(*migrations: Migration, version: str | None = None, schema_name: str = "shop") -> Manifest:
    """As the runner reads it."""
    return Manifest.from_json(manifest_json(*migrations, version=version, schema_name=schema_name))


@dataclass(frozen=True)
class Command:
    """The runner's command over the manifest in a file, against one database."""

    file: Path
    dsn: str

    @classmethod
    def of(cls, folder: Path, dsn: str, *migrations: Migration) -> Command:
        file = folder / f"{len(list(folder.iterdir()))}-manifest.json"
        file.write_text(json.dumps(manifest_json(*migrations)))
        return cls(file, dsn)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _MAIN, str(self.file), *arguments],
            cwd=_ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def _environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "DATABASE_URL": self.dsn, "PYTHONPATH": str(_ROOT)}


def events(output: str) -> list[dict[str, Any]]:
    """The JSON lines that a run prints."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """What a query returns."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def wait_for(dsn: str, query: str) -> None:
    """Until a query returns a row."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(2000):
            if connection.execute(query.encode()).fetchone():
                return
            connection.execute("SELECT pg_sleep(0.01)")
    raise AssertionError(f"nothing came of {query}")
