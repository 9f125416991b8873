"""The Python client's wheel on the other Pythons of this machine.

They are looked for on the search path (where a CI's set-up step puts every version that it is asked for),
among uv's own and among pyenv's. A version that isn't there is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import uv

from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import python_environment
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

_VERSIONS = ("3.11", pytest.param("3.12", marks=pytest.mark.soak), "3.13", "3.14")
_SCHEMA = """
datasource db {
  provider = "postgresql"
}

enum Role {
  ADMIN
  READER
}

model User {
  id       Int      @id @default(autoincrement())
  email    String   @unique
  role     Role     @default(READER)
  settings Json     @default("{}")
  joined   DateTime @default(now())
  posts    Post[]
}

model Post {
  id       Int     @id @default(autoincrement())
  title    String
  price    Decimal?
  photo    Bytes?
  author   User    @relation(fields: [authorId], references: [id])
  authorId Int
}
"""
_USE = """
import asyncio, json, sys, warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

warnings.filterwarnings("error", module="schema_client")
from schema_client import AsyncClient, Client, Json, bodies, enums, errors, models

with Client() as db:
    body = bodies.UserCreate.model_validate({"email": "a@x.example", "settings": {"theme": "dark"}})
    data = {**body.model_dump(), "posts": {"create": [{"title": "One", "price": "1.50", "photo": b"1"}]}}
    ann = db.user.create(data, include={"posts": True})
    assert (ann.role, ann.settings) == (enums.Role.READER, {"theme": "dark"})
    assert ann.posts[0].price == Decimal("1.5")
    assert bodies.UserJson.model_validate(ann).model_dump(mode="json")["settings"] == {"theme": "dark"}
    assert models.User.model_validate_json(ann.model_dump_json()) == ann
    try:
        with db.tx() as tx:
            tx.user.update({"role": "ADMIN"}, {"id": ann.id})
            tx.user.create({"email": "a@x.example"})
    except errors.UniqueViolationError as error:
        assert error.meta["fields"] == ["email"]
    assert db.user.find_unique({"id": ann.id}).role == "READER"
    try:
        db.user.find_many(where={"emial": "x"})
    except errors.FieldNotFoundError as error:
        assert "email" in str(error)
    db.post.create_many([{"title": str(number), "authorId": ann.id} for number in range(300)])
    assert sum(1 for _ in db.post.iterate()) == 301
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: db.post.count(), range(32))) == {301}


async def main():
    async with AsyncClient() as db:
        found = await asyncio.gather(*(db.user.find_first(include={"posts": {"take": 2}}) for _ in range(32)))
        assert all(len(user.posts) == 2 for user in found)
        async with db.tx() as tx, tx.batch_() as batch:
            batch.post.delete_many()
            batch.user.update({"settings": Json([1])}, {"id": found[0].id})
        sleeping = asyncio.create_task(db.query_raw("SELECT pg_sleep(60)"))
        await asyncio.sleep(0)
        sleeping.cancel()
        await asyncio.gather(sleeping, return_exceptions=True)
        return await db.query_first('SELECT settings FROM "User"'), await db.post.count()


print(json.dumps([list(sys.version_info[:2]), asyncio.run(main())]))
"""


def _interpreter(version: str) -> Path | None:
    """A CPython of a version, elsewhere than the one that runs this."""
    command = [uv.find_uv_bin(), "python", "find", "--no-config", "--no-project", "--no-python-downloads"]
    found = subprocess.run([*command, "--system", version], capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return Path(found.stdout.strip())
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return next(iter(sorted(root.glob(f"versions/{version}.*/bin/python"))), None)


@pytest.mark.parametrize("version", _VERSIONS)
def test_the_installed_client_works_there(
    version: str, bridge: PrismaBridge, scratch_server: ScratchServer, tmp_path: Path
) -> None:
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip("the other tests run on it")
    if (interpreter := _interpreter(version)) is None:
        pytest.skip(f"Python {version} is not installed here")
    request = GenerationRequest(
        schema_name="blog",
        version=SchemaVersion.parse("1.0.0"),
        description="A blog",
        author=None,
        schema=bridge.parse(_SCHEMA),
        migrations=(),
        names=PackageNames(),
    )
    artifact = pack(PythonClientTarget().generate(request))
    (tmp_path / artifact.filename).write_bytes(artifact.content)
    environment = python_environment(tmp_path / "venv", [tmp_path / artifact.filename], python=interpreter)
    with scratch_server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, request.schema.text).encode())
        printed = json.loads(environment.run(_USE, variables={"DATABASE_URL": dsn}))
    assert printed == [[int(part) for part in version.split(".")], [{"settings": [1]}, 0]]
