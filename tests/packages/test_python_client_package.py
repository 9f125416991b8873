"""The Python client's wheel: packed, installed by uv beside a second one, and used."""

from __future__ import annotations

import json
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from generators.embed import embedded_sources
from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

_SAMPLE = Path(__file__).parents[2] / "schemas" / "sample" / "schemas" / "2.0.0" / "schema.prisma"
_OTHER = """
datasource db {
  provider = "postgresql"
}

model User {
  id   BigInt  @id @default(autoincrement())
  from Decimal
}
"""
_CRUD = """
import asyncio, json, sys
from datetime import UTC, datetime
from decimal import Decimal
import schema_client
from schema_client import AsyncClient, Client, Json, enums, errors

assert "schema_client.types" not in sys.modules
with Client() as db:
    user = db.user.create({"email": "a@x.example", "displayName": "Ann", "role": enums.UserRole.ADMIN})
    shelf = db.category.create({"slug": "kettles", "name": "Kettles"})
    item = db.product.create({"sku": "K", "name": "Kettle", "categoryId": shelf.id, "imageUrls": ["a", "b"]})
    price = {"productId": item.id, "currency": "EUR", "amount": "49.90", "validFrom": datetime(2026, 1, 1)}
    db.productprice.create(price)
    key = {"productId_currency_validFrom": {k: price[k] for k in ("productId", "currency", "validFrom")}}
    assert db.productprice.find_unique(key).amount == Decimal("49.9")
    db.userprofile.create({"userId": user.id, "preferences": Json({"theme": "dark"}), "avatar": b"\\x00"})
    try:
        db.user.create({"email": "a@x.example", "displayName": "Ann"})
    except errors.UniqueViolationError as error:
        code = error.code


async def main():
    async with AsyncClient() as db, db.tx() as tx:
        row = await tx.user.update({"displayName": "Anna"}, {"email": "a@x.example"})
        assert (await tx.userprofile.delete({"userId": user.id})).preferences == {"theme": "dark"}
        return row


row = asyncio.run(main())
assert schema_client.Prisma is AsyncClient
print(json.dumps([row.displayName, row.role, row.updatedAt > row.createdAt, code, schema_client.__version__]))
"""
_OLDEST = """
import asyncio, json
from importlib.metadata import version
import schema_client
from schema_client import AsyncClient, Client, bodies, tables

with Client(tracing=True) as db:
    user = db.user.create(bodies.UserCreate(email="a@x.example", displayName="Ann").model_dump())
    made = db.tag.create_many([{"name": str(number)} for number in range(500)])
    listed = len(db.tag.find_many(include={"products": True}))
    row = bodies.UserJson.model_validate(user).model_dump(mode="json")
    with db.listen("c") as notifications:
        db.notify("c", "x")
        heard = next(notifications(timeout=60)).payload


async def main():
    async with AsyncClient() as db, db.tx() as tx:
        return await tx.user.count()


tables.Base.registry.configure()
versions = [version(name) for name in ("psycopg", "pydantic", "sqlalchemy", "opentelemetry-api")]
print(json.dumps([versions, row["displayName"], made, listed, heard, asyncio.run(main())]))
"""
_SIDE_BY_SIDE = """
import json
import tomllib
from base64 import b64decode
import other_client, schema_client

assert other_client.errors.PrismaError is not schema_client.errors.PrismaError
assert other_client.Prisma is other_client.Client
with other_client.Client() as db:
    row = db.user.create({"from": "1.50"})
    try:
        db.user.create({})
    except schema_client.errors.PrismaError:
        raise SystemExit("the two share their errors")
    except other_client.errors.MissingRequiredValueError:
        pass
different = schema_client.SCHEMA_DIGEST != other_client.SCHEMA_DIGEST
has_changelog = [hasattr(schema_client, "CHANGELOG"), other_client.CHANGELOG]
print(json.dumps([row.id, str(row.from_), different, *has_changelog]))
"""
_FILES = """
import base64, json, pathlib, schema_client

folder = pathlib.Path(schema_client.__file__).parent
files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
kept = {name: path for name, path in files.items() if "__pycache__" not in name}
print(json.dumps({name: base64.b64encode(path.read_bytes()).decode() for name, path in kept.items()}))
"""


@pytest.fixture(scope="module")
def sample_request(bridge: PrismaBridge) -> GenerationRequest:
    return GenerationRequest(
        schema_name="reviews",
        version=SchemaVersion.parse("2.0.0-rc.1"),
        description="Product reviews",
        author=None,
        schema=bridge.parse(_SAMPLE.read_text("utf-8")),
        migrations=(),
        names=PackageNames(),
    )


@pytest.fixture(scope="module")
def other_request(bridge: PrismaBridge, sample_request: GenerationRequest) -> GenerationRequest:
    names = PackageNames(python_client="other-client", python_import="other_client", python_interface="sync")
    changed = {"schema_name": "other", "schema": bridge.parse(_OTHER), "names": names}
    return replace(sample_request, changelog="# 2.0.0-rc.1\n\nBöth.\n", **changed)


@pytest.fixture(scope="module")
def consumer(
    sample_request: GenerationRequest,
    other_request: GenerationRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> PythonEnvironment:
    """A clean environment with both clients."""
    folder = tmp_path_factory.mktemp("python_consumer")
    wheels = []
    for request in (sample_request, other_request):
        artifact = pack(PythonClientTarget().generate(request))
        (folder / artifact.filename).write_bytes(artifact.content)
        wheels.append(folder / artifact.filename)
    return python_environment(folder / "venv", wheels)


@pytest.fixture
def new_database(bridge: PrismaBridge, scratch_server: ScratchServer) -> Iterator[str]:
    with scratch_server.new_database() as dsn:
        yield dsn


def _with_tables(bridge: PrismaBridge, dsn: str, request: GenerationRequest) -> dict[str, str]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(bridge.diff(None, request.schema.text).encode())
    return {"DATABASE_URL": dsn}


def test_the_installed_client_writes_and_reads(
    bridge: PrismaBridge, new_database: str, consumer: PythonEnvironment, sample_request: GenerationRequest
) -> None:
    variables = _with_tables(bridge, new_database, sample_request)
    printed = json.loads(consumer.run(_CRUD, variables=variables))
    assert printed == ["Anna", "ADMIN", True, "P2002", "2.0.0rc1"]


def test_two_clients_live_side_by_side(
    bridge: PrismaBridge, new_database: str, consumer: PythonEnvironment, other_request: GenerationRequest
) -> None:
    variables = _with_tables(bridge, new_database, other_request)
    assert json.loads(consumer.run(_SIDE_BY_SIDE, variables=variables)) == [
        *(1, "1.5", True, False, "# 2.0.0-rc.1\n\nBöth.\n"),
    ]


def test_what_is_installed_is_what_was_generated(
    consumer: PythonEnvironment, sample_request: GenerationRequest
) -> None:

    installed = {path: b64decode(text) for path, text in json.loads(consumer.run(_FILES)).items()}
    generated = PythonClientTarget().generate(sample_request).files
    assert {f"schema_client/{path}": content for path, content in installed.items()} == {
        path: content for path, content in generated.items() if path.startswith("schema_client/")
    }
    runtime = embedded_sources("generators.python_client.runtime").under("_runtime")
    assert {path: installed[path] for path in runtime} == dict(runtime)
    assert "py.typed" in installed


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="psycopg[binary] has wheels for it since 3.2.2")
def test_the_oldest_dependencies_that_it_allows_will_do(
    bridge: PrismaBridge, new_database: str, sample_request: GenerationRequest, tmp_path: Path
) -> None:
    package = PythonClientTarget().generate(sample_request)
    project = tomllib.loads(package.files["pyproject.toml"].decode())["project"]
    extras = project["optional-dependencies"]
    required = [Requirement(text) for text in chain(project["dependencies"], *extras.values())]
    oldest = {one.name: next(part.version for part in one.specifier) for one in required}
    constraints = tmp_path / "oldest.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in oldest.items()))
    artifact = pack(package)
    (tmp_path / artifact.filename).write_bytes(artifact.content)
    wheel = f"{package.name}[{','.join(extras)}] @ {(tmp_path / artifact.filename).as_uri()}"
    environment = python_environment(tmp_path / "venv", [wheel], constraints=constraints)
    variables = _with_tables(bridge, new_database, sample_request)
    versions, *printed = json.loads(environment.run(_OLDEST, variables=variables))
    names = ("psycopg", "pydantic", "sqlalchemy", "opentelemetry-api")
    assert [Version(found) for found in versions] == [Version(oldest[name]) for name in names]
    assert printed == ["Ann", 500, 500, "x", 1]
