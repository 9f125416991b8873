"""The Node client as its consumers have it: installed by npm, imported, compiled against, run on Postgres."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from generators.node_client.generate import NodeClientTarget
from generators.revisions import current_revision
from generators.target import GenerationRequest
from migrations.runner.address.database_url import read_database_url
from migrations.scratch.dsn import to_uri
from migrations.scratch.scratch_server import ScratchServer
from registry.reference.variables import POSTGRES_VARIABLES
from schemas.prisma.bridge import PrismaBridge

from ..integration.postgres.debian import debian_server, pgbouncer
from ..integration.postgres.runner.kit import manifest, migration, upgrade
from . import wire_format

if TYPE_CHECKING:
    from .conftest import NpmProject

_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@pytest.fixture(params=["UTC", "Asia/Tokyo", "America/New_York"])
def database(
    request: pytest.FixtureRequest,
    bridge: PrismaBridge,
    npm_request: GenerationRequest,
    scratch_server: ScratchServer,
) -> Iterator[str]:
    """A database with the schema's tables, as its URL; its sessions begin in each of the time zones."""
    with scratch_server.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(wire_format.CITEXT)
            connection.execute(bridge.diff(None, npm_request.schema.text).encode())
        _set_for_sessions(url, "TimeZone", request.param)
        yield url


@pytest.mark.parametrize("module_format", ["import", "require"])
def test_it_creates_finds_updates_and_deletes(
    npm_project: NpmProject, database: str, module_format: str
) -> None:
    assert npm_project.run("queries.mjs", module_format, DATABASE_URL=database, TZ="Asia/Kolkata") == "done\n"


def test_a_moment_is_the_same_in_every_time_zone(npm_project: NpmProject, database: str) -> None:
    assert npm_project.run("times.mjs", DATABASE_URL=database) == "done\n"
    _assert_moments(database)


@pytest.mark.parametrize("database", ["Asia/Tokyo"], indirect=True)
def test_a_moment_is_the_same_in_every_style_of_dates(npm_project: NpmProject, database: str) -> None:
    _set_for_sessions(database, "DateStyle", "SQL, DMY")
    assert npm_project.run("times.mjs", DATABASE_URL=database) == "done\n"
    _assert_moments(database)


@pytest.mark.parametrize("database", ["Asia/Tokyo"], indirect=True)
def test_a_moment_is_the_same_through_a_transaction_pooler(
    npm_project: NpmProject, database: str, scratch_server: ScratchServer
) -> None:
    with pgbouncer(scratch_server) as place:
        pooled = to_uri({**conninfo_to_dict(database), **place})
        assert npm_project.run("times.mjs", DATABASE_URL=pooled) == "done\n"
        urls = json.dumps([f"{pooled}&pgbouncer=true&schema=public", f"{pooled}&schema=public"])
        connected, refused = json.loads(npm_project.run("tls.mjs", URLS=urls, MESSAGES="1"))
    _assert_moments(database)
    assert connected is False
    assert "a transaction pooler needs pgbouncer=true in the URL" in refused


def test_no_value_is_read_as_another(npm_project: NpmProject, database: str) -> None:
    assert npm_project.run("values.mjs", DATABASE_URL=database, TZ="America/New_York") == "done\n"


@pytest.mark.parametrize("database", ["America/New_York"], indirect=True)
def test_a_url_means_what_it_means_to_the_other_packages(npm_project: NpmProject, database: str) -> None:
    corpus = Path(__file__).parents[1] / "database_urls.json"
    home = str(npm_project.folder)
    # A file of passwords is read when the server asks for one.
    read = {
        name: "both clients" in readers
        for names, readers, _ in POSTGRES_VARIABLES
        for name in names
        if name != "PGPASSFILE"
    }
    environment = {"DATABASE_URL": database, "HOME": home, "VARIABLES": json.dumps(read)}
    assert npm_project.run("urls.mjs", str(corpus), **environment) == "done\n"
    known = {each.envvar.decode() for each in psycopg.pq.Conninfo.get_defaults() if each.envvar}
    assert {*read} - {"PGTZ", "PGDATESTYLE", "PGSERVICEFILE"} <= known  # those are no parameters


@pytest.mark.parametrize("database", ["UTC"], indirect=True)
def test_a_database_that_is_too_old_or_too_new_is_refused(npm_project: NpmProject, database: str) -> None:
    older = manifest(migration(1, "SELECT 1"), schema_name=npm_project.request.schema_name)
    upgrade(database, older)
    corpus = Path(__file__).parents[1] / "database_versions.json"
    assert npm_project.run("versions.mjs", str(corpus), DATABASE_URL=database) == "done\n"


def test_tls_is_asked_for_as_the_python_client_asks_for_it(npm_project: NpmProject, tmp_path: Path) -> None:
    authority = _certificates(tmp_path)
    with debian_server() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            for name in ("server.crt", "server.key"):  # what the server looks for by itself
                _give(tmp_path / name, server.data)
            admin.execute("ALTER SYSTEM SET ssl = on")
            admin.execute("CREATE ROLE tls LOGIN PASSWORD 'p@ss'")
        server.stop()
        server.start()
        urls = [
            f"postgresql://tls:p%40ss@{host}:{server.port}/postgres?{options}"
            for host in ("localhost", "127.0.0.1")
            for options in (
                "", "sslmode=prefer", "sslmode=disable", "sslmode=require", "ssl=true", "sslaccept=strict",
                "sslmode=require&sslaccept=accept_invalid_certs&sslcert=nowhere",
                f"sslaccept=strict&sslcert={authority}", f"sslmode=require&sslrootcert={authority}",
                f"sslmode=verify-ca&sslrootcert={authority}", f"sslmode=verify-full&sslrootcert={authority}",
                "sslmode=verify-full", "sslmode=require&sslrootcert=system", "channel_binding=require",
                "sslmode=require&channel_binding=require", "sslmode=disable&channel_binding=require",
            )
        ]  # fmt: skip
        found = json.loads(npm_project.run("tls.mjs", URLS=json.dumps(urls), HOME=str(tmp_path)))
        expected = [_uses_tls(url) for url in urls]
    assert dict(zip(urls, found, strict=True)) == dict(zip(urls, expected, strict=True))
    assert {True, False, None} == set(expected)


def _uses_tls(url: str) -> bool | None:
    """Whether libpq connects with TLS, as the Python packages have it call it; None if it doesn't connect."""
    try:
        with psycopg.connect(read_database_url(url).conninfo) as connection:
            return connection.pgconn.ssl_in_use
    except psycopg.Error:
        return None


def _certificates(folder: Path) -> Path:
    """The file with an authority's certificate, beside that of a server called localhost."""
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder / "ca.crt"


def _give(file: Path, folder: Path) -> None:
    target = shutil.copy(file, folder)
    owner = folder.stat()
    os.chown(target, owner.st_uid, owner.st_gid)
    Path(target).chmod(0o600)


def _set_for_sessions(url: str, name: str, value: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            sql.SQL(
                "ALTER DATABASE {0} SET {1} TO {2}; ALTER ROLE CURRENT_USER IN DATABASE {0} SET {1} TO {2}"
            ).format(sql.Identifier(connection.info.dbname), sql.Identifier(name), sql.Literal(value))
        )


def _assert_moments(url: str) -> None:
    """What ``times.mjs`` has stored, as another client sees it."""
    with psycopg.connect(url, options="-c TimeZone=UTC -c DateStyle=ISO") as connection:
        stored = connection.execute(
            """SELECT DISTINCT at FROM "things'; --" WHERE "title'; --" <> 'by default'"""
        ).fetchall()
    assert stored == [(datetime(2026, 7, 1, 12, 0, 0, 123000, tzinfo=UTC),)]


def test_both_formats_give_one_client_and_the_types_packages_enums(npm_project: NpmProject) -> None:
    request = npm_project.request
    assert npm_project.run("import.mjs", str(request.version), request.schema.digest) == "done\n"


@pytest.mark.parametrize(
    ("extension", "module", "resolution"),
    [
        ("mts", "nodenext", "nodenext"),
        ("cts", "nodenext", "nodenext"),
        ("mts", "esnext", "bundler"),
        ("ts", "preserve", "bundler"),
        ("ts", "commonjs", "node10"),
    ],
)
def test_right_code_compiles_and_wrong_code_does_not(
    npm_project: NpmProject, extension: str, module: str, resolution: str
) -> None:
    complaints = npm_project.type_check("consumer.ts", extension, module=module, moduleResolution=resolution)
    assert complaints == ""


def test_it_depends_on_nothing_and_tells_what_it_carries(npm_project: NpmProject) -> None:
    lock = json.loads((npm_project.folder / "package-lock.json").read_text())
    client = lock["packages"]["node_modules/@org/schema-client"]
    assert "dependencies" not in client
    assert client["engines"] == {"node": ">=20.19"}
    assert not any(package.get("hasInstallScript") for package in lock["packages"].values())
    manifest = json.loads((_client_folder(npm_project) / "package.json").read_text())
    assert "scripts" not in manifest
    bundled = manifest["schemaService"].pop("bundled")
    assert manifest["schemaService"] == {
        "schemaName": npm_project.request.schema_name,
        "schemaVersion": "2.0.0",
        "schemaDigest": npm_project.request.schema.digest,
        "generatorRevision": current_revision(),
    }
    names = [each.rpartition("@")[0] for each in bundled]
    assert {"@prisma/client", "@prisma/adapter-pg", "pg", "pg-pool"} < set(names)
    assert (
        len(set(bundled)) == len(bundled) == len(names) > len(set(names))
    )  # of postgres-array there are two
    texts = (_client_folder(npm_project) / "THIRD_PARTY_LICENSES.txt").read_text("utf-8")
    assert all(f"\n{' '.join(each.rsplit('@', 1))} (" in texts for each in bundled)


def test_the_readme_names_what_must_not_be_used_as_a_key(npm_project: NpmProject) -> None:
    readme = (_client_folder(npm_project) / "README.md").read_text("utf-8")
    assert "can't do without Badge.code, Badge.memberId: don't use them as a key" in " ".join(readme.split())
    assert "Member." not in readme


def test_no_comment_and_no_unseen_character_of_the_schema_gets_in(npm_project: NpmProject) -> None:
    for file in _client_folder(npm_project).rglob("*"):
        if file.is_file() and "runtime" not in file.parts:
            text = file.read_text("utf-8")
            assert "internal remark" not in text
            assert not _UNSEEN.search(text), file.name


def test_the_docs_of_the_schema_are_in_the_declarations(npm_project: NpmProject) -> None:
    declarations = (_client_folder(npm_project) / "dist" / "prisma" / "index.d.ts").read_text("utf-8")
    assert "A thing with a field of every kind. *\\/ globalThis" in declarations
    assert "Compound\\u2028 keys \\u202e\\u2066 *\\/" in declarations


def test_the_same_request_gives_the_same_bytes(bridge: PrismaBridge, npm_request: GenerationRequest) -> None:
    first = NodeClientTarget(bridge).generate(npm_request)
    with PrismaBridge() as another:
        assert NodeClientTarget(another).generate(npm_request) == first


def _client_folder(project: NpmProject) -> Path:
    return project.folder / "node_modules" / "@org" / "schema-client"
