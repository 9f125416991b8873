"""Connection strings: what libpq is given for them, and that nobody else is told a password."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.scratch.dsn import with_database
from migrations.scratch.scratch_server import ScratchServer

SCHEMA = """
enum Kind {
  SMALL @map("ein kleiner")
}

model Tag {
  name String @id
  kind Kind   @default(SMALL)
}
"""


@pytest.fixture(scope="module")
def package(import_client: Callable[[str], tuple[ModuleType, Any]]) -> ModuleType:
    return import_client(SCHEMA)[0]


@pytest.fixture(scope="module")
def settings_of(package: ModuleType) -> Callable[[str], Any]:
    dsn = importlib.import_module(f"{package.__name__}._runtime.connection.dsn")
    return lambda given: dsn.connection_settings(given, None)


@pytest.fixture(scope="module")
def parameters_of(settings_of: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda given: dict(conninfo_to_dict(settings_of(given).conninfo))


def test_a_password_of_any_characters(parameters_of: Callable[[str], dict[str, Any]]) -> None:
    password = "a b:p@/?#%&+=ü\"'\\x"
    encoded = quote(password, safe="")
    assert parameters_of(f"postgresql://u:{encoded}@h/d?schema=s")["password"] == password
    assert parameters_of(f"postgresql://u@h/d?password={encoded}&schema=s")["password"] == password
    assert parameters_of("postgresql://u@h/d?password=a+b")["password"] == "a+b"
    assert "-c a=b" in parameters_of("postgresql://u@h/d?options=-c+a%3Db")["options"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:se@cret@h/d", "postgresql://u:se/cret@h/d", "postgresql://u:se?cret@h/d",
        "postgresql://u:12/cret@h/d", "postgresql://u:se%cret@h/d", "postgres://u:cret",
    ],
)  # fmt: skip
def test_a_password_that_is_not_encoded_is_told_to_nobody(
    package: ModuleType, settings_of: Callable[[str], Any], url: str
) -> None:
    with pytest.raises(package.errors.DatabaseConnectionError, match="percent-encoded") as refused:
        settings_of(url)
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///a@b",
        "postgresql://u:p@h/a@b",
        "postgresql://u@[::1]:1,h:2,i/d",
        "postgresql://%2Ftmp/d",
    ],
)
def test_what_looks_odd_and_is_right(settings_of: Callable[[str], Any], url: str) -> None:
    assert settings_of(url).pool_size == 10


def test_settings_show_no_password(settings_of: Callable[[str], Any]) -> None:
    assert "secret" not in repr(settings_of("postgresql://u:secret@h/d"))


def test_prismas_strict_tls_is_strict(
    parameters_of: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    for options, expected in (
        ("sslaccept=strict", {"sslmode": "verify-full", "sslrootcert": "system"}),
        (
            "sslmode=require&sslaccept=strict&sslcert=ca.pem",
            {"sslmode": "verify-full", "sslrootcert": "ca.pem"},
        ),
        ("sslaccept=strict&sslrootcert=ca.pem", {"sslmode": "verify-full", "sslrootcert": "ca.pem"}),
        ("sslmode=require&sslaccept=accept_invalid_certs&sslcert=ca.pem", {"sslmode": "require"}),
        (
            "sslmode=verify-ca&sslcert=c&sslkey=k&sslpassword=p",
            {"sslmode": "verify-ca", "sslcert": "c", "sslkey": "k", "sslpassword": "p"},
        ),
    ):  # fmt: skip
        given = parameters_of(f"postgresql://h/d?{options}")
        assert {key: value for key, value in given.items() if key.startswith("ssl")} == expected


def test_a_pkcs_12_file_is_refused_not_ignored(
    package: ModuleType, settings_of: Callable[[str], Any]
) -> None:
    with pytest.raises(package.errors.DatabaseConnectionError, match="sslcert and sslkey"):
        settings_of("postgresql://h/d?sslidentity=client.p12&sslpassword=secret")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding(
    package: ModuleType, scratch_server: ScratchServer, encoding: str
) -> None:
    text = (
        "CREATE TYPE \"Kind\" AS ENUM ('ein kleiner'); "
        'CREATE TABLE "Tag" (name text PRIMARY KEY, kind "Kind" NOT NULL DEFAULT \'ein kleiner\')'
    )
    name = f"schema_service_scratch_{encoding.lower()}"
    with psycopg.connect(scratch_server.role_url, autocommit=True) as admin:
        made = f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'"
        admin.execute(made.encode())
        try:
            dsn = with_database(scratch_server.role_url, name)
            with psycopg.connect(dsn, client_encoding="UTF8") as connection:
                connection.execute(text.encode())
            with package.Client(dsn) as db:
                tag = db.tag.create({"name": "Zoë"})
                assert (tag.name, tag.kind) == ("Zoë", package.enums.Kind.SMALL)
                assert db.query_raw('SELECT name FROM "Tag"') == [{"name": "Zoë"}]
                if encoding == "LATIN1":
                    with pytest.raises(package.errors.DataError, match="has no equivalent in encoding"):
                        db.tag.create({"name": "日本"})
                    assert db.tag.count() == 1
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_values_are_the_same_whatever_a_role_prefers(
    package: ModuleType, scratch_server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferred = (
        "DateStyle=SQL,DMY",
        "IntervalStyle=iso_8601",
        "extra_float_digits=-10",
        "bytea_output=escape",
    )
    settings = " ".join(f"-c {setting}" for setting in (*preferred, "standard_conforming_strings=off"))
    monkeypatch.setenv("PGOPTIONS", settings)
    query = (
        "SELECT date '2024-02-03' AS day, interval '26 hours' AS span, 0.1::float8 + 0.2 AS number, "
        "$1::bytea[] AS bytes"
    )
    with package.Client(scratch_server.role_url) as db:
        assert db.query_first(query, [b"a\\b"]) == {
            "day": "2024-02-03", "span": "1 day, 2:00:00", "number": 0.1 + 0.2, "bytes": ["YVxi"]
        }  # fmt: skip
