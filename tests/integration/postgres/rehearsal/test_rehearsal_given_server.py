"""Rehearsals on a server that a team gives, for the extensions that the embedded one lacks: Debian's 15."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from migrations.errors import RehearsalError
from migrations.package.release_state import Release
from migrations.rehearsal.history import read_history
from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.rehearsal.server import on_rehearsal_server
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..debian import debian_server, scratch

SCHEMA = """
datasource db {
  provider = "postgresql"
}

model Person {
  id    Int      @id @default(autoincrement())
  mail  String   @unique @db.Citext
  note  String?
  role  Role     @default(USER)
  extra Unsupported("hstore")?
}

enum Role {
  USER
  ADMIN
}
"""
FIRST = """
CREATE EXTENSION citext; CREATE EXTENSION hstore;
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
CREATE TABLE "Person" (
    id serial, mail citext NOT NULL, role "Role" NOT NULL DEFAULT 'USER', extra hstore,
    CONSTRAINT "Person_pkey" PRIMARY KEY (id));
CREATE UNIQUE INDEX "Person_mail_key" ON "Person" (mail);
"""
MIGRATIONS = (
    Migration(number=1, name="init", version=SchemaVersion(1, 0, 0), up=FIRST, down=None),
    Migration(
        number=2,
        name="note",
        version=SchemaVersion(1, 1, 0),
        up='ALTER TABLE "Person" ADD COLUMN note text',
        down='ALTER TABLE "Person" DROP COLUMN note',
    ),
)


@pytest.fixture(scope="module")
def given() -> Iterator[ScratchServer]:
    with debian_server() as server, scratch(server) as databases:
        yield databases


def test_it_works_as_on_the_embedded_one_and_leaves_nothing(
    given: ScratchServer, bridge: PrismaBridge, tmp_path: Path
) -> None:
    schema = bridge.parse(SCHEMA)

    def work(server: ScratchServer, cache: Path | None) -> Rehearsal:
        assert cache is None
        return rehearse(MIGRATIONS, schema, server, bridge)

    found = on_rehearsal_server(given.role_url, tmp_path, work)
    assert found.round_trip
    assert found.warnings == ()
    (trip,) = found.trips
    assert trip.begun == trip.up == trip.down == trip.up_again
    assert trip.begun["Person"] >= 5
    this = Release(version=SchemaVersion(1, 1, 0), schema_digest=schema.digest)
    assert read_history(MIGRATIONS, (this,), given.role_url, tmp_path) == found.history
    assert list(tmp_path.iterdir()) == []
    with psycopg.connect(given.url) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ 'schema_service'"
        ).fetchall()
    assert names == []


def test_without_it_the_extensions_are_missing(scratch_server: ScratchServer, bridge: PrismaBridge) -> None:
    first = replace(MIGRATIONS[0], up=f"CREATE EXTENSION postgis;{FIRST}")
    with pytest.raises(RehearsalError, match="rehearse on a server that has it"):
        rehearse((first, MIGRATIONS[1]), bridge.parse(SCHEMA), scratch_server, bridge)
