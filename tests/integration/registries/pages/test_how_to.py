"""docs/how-to: what the pages say is done, on real registries and databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import uv
from psycopg.conninfo import conninfo_to_dict

from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import python_environment
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio

from ..release_kit import leave_out_consumers, team_environment
from .reader import Reader

pytestmark = pytest.mark.soak
#: A schema, as one of their pages would have it, for the pages about what is done with packages.
_SHOP = """\
schema-service init shop --name shop
cd shop
sed -i 's/^model Example .*/model Customer {\\n  email String @unique/; s/"examples"/"customers"/' \
    schemas/1.0.0/schema.prisma
sed -i '/  name  /d; /createdAt/d; s/  id .*/  id Int @id @default(autoincrement())/' \\
    schemas/1.0.0/schema.prisma
schema-service migration new init
schema-service publish 1.0.0
schema-service new 1.1.0
sed -i 's/  email String @unique/&\\n  phone String?/' schemas/1.1.0/schema.prisma
schema-service migration new phone
schema-service publish 1.1.0
"""


def _new_reader(folder: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> Reader:
    """With an active virtual environment, whose pip is uv's: it takes a tenth of the time."""
    reader = Reader(folder, {"https://packages.example/simple/": devpi.index_url}, in_process=True)
    venv = python_environment(folder / "venv", [])
    pip = venv.scripts / "pip"
    pip.write_text(
        f'#!/bin/sh\ncommand=$1; shift\nexec {uv.find_uv_bin()} pip $command --refresh --quiet "$@"\n'
    )
    pip.chmod(0o755)
    path = os.pathsep.join([str(venv.scripts), reader.environment["PATH"]])
    reader.environment |= {
        "PATH": path,
        "VIRTUAL_ENV": str(venv.folder),
        **team_environment(devpi, verdaccio),
    }
    return reader


@pytest.fixture(scope="module", autouse=True)
def no_consumers() -> Iterator[None]:
    """Releases install nothing: the pages do."""
    with pytest.MonkeyPatch.context() as patch:
        leave_out_consumers(patch)
        yield


@pytest.fixture
def database(scratch_server: ScratchServer) -> Iterator[str]:
    with scratch_server.new_database() as dsn:
        yield dsn


@pytest.fixture
def reader(tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio, database: str) -> Reader:
    found = _new_reader(tmp_path, devpi, verdaccio)
    found.environment["DATABASE_URL"] = database
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> Reader:
    """Somebody who has installed the packages of a shop's schema."""
    reader = _new_reader(tmp_path_factory.mktemp("shop"), devpi, verdaccio)
    reader.run(_SHOP)
    reader.environment["UV_DEFAULT_INDEX"] = devpi.index_url
    reader.run("pip install shop-client==1.1.0 shop-migrations==1.1.0 pytest")
    return reader


@pytest.mark.parametrize("page", ["rename.md", "split-a-column.md", "change-a-key.md"])
def test_a_schema_is_changed(page: str, reader: Reader) -> None:
    reader.follow(f"how-to/{page}")


_AS_THE_SHOP = {
    "schema-migrations": "shop-migrations",
    "schema_migrations": "shop_migrations",
    "2.0.0": "1.1.0",
}


@pytest.mark.parametrize("page", ["migrations-runner.md", "node-client.md", "types-package.md"])
def test_the_packages_do_what_their_reference_says(
    page: str, shop: Reader, database: str, verdaccio: LocalVerdaccio
) -> None:
    addresses = dict(shop.addresses)
    shop.environment["DATABASE_URL"] = database
    shop.addresses = {**addresses, "https://npm.example/": verdaccio.url}
    if page == "migrations-runner.md":
        shop.addresses = {**shop.addresses, **_AS_THE_SHOP}
    else:
        shop.run("shop-migrations upgrade")
    try:
        shop.follow(f"reference/{page}")
    finally:
        shop.addresses = addresses


def test_a_service_is_tested(shop: Reader, database: str) -> None:
    shop.environment["TEST_POSTGRES_URL"] = database.replace("scratch_owner", "postgres")
    shop.follow("how-to/test-a-service.md")


def test_tenants_have_a_schema_each(shop: Reader, database: str) -> None:
    shop.environment |= {"DATABASE_URL": database, "SERVER_URL": database}
    shop.run("shop-migrations upgrade")
    shop.follow("how-to/many-tenants.md")


def test_roles(shop: Reader, database: str) -> None:
    admin = database.replace("scratch_owner", "postgres")
    shop.environment["DATABASE_URL"] = admin
    for role in ("migrator", "application"):
        shop.environment[f"{role.upper()}_URL"] = database.replace("scratch_owner", role)
    shop.addresses = {**shop.addresses, "DATABASE shop": f"DATABASE {conninfo_to_dict(database)['dbname']}"}
    try:
        shop.follow("how-to/application-roles.md")
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            for role in ("application", "migrator"):
                connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())
