"""Histories of some hundred migrations: a real project's, and one that is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migrations.package.manifest import build_manifest
from migrations.runner.manifest import Manifest
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import import_prisma
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
PROJECT = _CORPUS / "ghostfolio" / "head"
_SYNTHETIC = 400
_VERSION = SchemaVersion(1, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    name: str
    migrations: Sequence[Migration]

    @property
    def title(self) -> str:
        return f"{self.name} ({len(self.migrations)} migrations)"

    @property
    def manifest(self) -> Manifest:
        """What its package would ship."""
        return Manifest.from_json(
            build_manifest(
                schema_name=self.name,
                package="schema-migrations",
                version=self.migrations[-1].version,
                schema_digest="0" * 64,
                migrations=self.migrations,
            )
        )


def real_history(folder: Path, bridge: PrismaBridge) -> History:
    """Ghostfolio's, as it stands upstream."""
    imported = import_prisma(PROJECT, folder, name="ghostfolio", bridge=bridge)
    return History(name="ghostfolio", migrations=imported.workspace.load(imported.version).history)


def synthetic_history() -> History:
    """A table in one migration of four; columns, indexes and rows in the others."""
    migrations = []
    for number in range(1, _SYNTHETIC + 1):
        table = f"t{(number - 1) // 4}"
        script = (
            f"CREATE TABLE {table} (id serial PRIMARY KEY, a text NOT NULL, at timestamptz DEFAULT now());",
            f"ALTER TABLE {table} ADD COLUMN b integer;\nINSERT INTO {table} (a) VALUES ('x'), ('100 % :y');",
            f"CREATE INDEX {table}_b ON {table} (b);",
            f"UPDATE {table} SET b = 0;\nALTER TABLE {table} ALTER COLUMN b SET NOT NULL;",
        )[(number - 1) % 4]
        migrations.append(Migration(number=number, name="step", version=_VERSION, up=script, down=None))
    return History(name="synthetic", migrations=migrations)
