"""Connection strings: what libpq is given for them, and that nobody else is told a password."""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.scratch.dsn import with_database
from migrations.scratch.scratch_server import ScratchServer

_URLS = Path(__file__).parents[4] / "database_urls.json"
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


def test_a_url_means_what_it_means_everywhere(package: ModuleType, settings_of: Callable[[str], Any]) -> None:
    for case in json.loads(_URLS.read_text("utf-8")):
        if "refused" in case:
            with pytest.raises(package.errors.DatabaseConnectionError) as refused:
                settings_of(case["url"])
            assert case["refused"] in str(refused.value)
            assert "SEC" not in str(refused.value)
            assert "RET" not in str(refused.value)
        elif "environment" not in case:
            settings = settings_of(case["url"])
            parameters = dict(conninfo_to_dict(settings.conninfo))
            options, encoding = parameters.pop("options", ""), parameters.pop("client_encoding")
            assert encoding == "UTF8"
            assert options.startswith(case["parameters"].get("options", ""))
            assert {**case["parameters"], "options": "", "client_encoding": "UTF8"} == {
                **parameters, "options": "", "client_encoding": "UTF8"
            }  # fmt: skip
            assert ("search_path" in options) is ("schema" in case)
            assert ("statement_timeout" in options) is ("socket_timeout" in case)
            assert settings.pool_size == case.get("connection_limit", 10)
            assert settings.is_pooled is case.get("is_pooled", False)
            assert settings.statement_cache_size == case.get("statement_cache_size")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        # https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow
        ("DATABASE_URL=postgres://h/a # no more\n#DATABASE_URL=b", "postgres://h/a"),
        ("DATABASE_URL=postgres://h/a\r\nexport DATABASE_URL = `postgres://h/b#c`\r\n", "postgres://h/b#c"),
        ("DATABASE_URL=host=h dbname=d  ", "host=h dbname=d"),
        ("KEY=\"x\nDATABASE_URL=a\n\"\nDATABASE_URL='b'", "b"),
        ("A=\nDATABASE_URL=\n", ""),
        # https://github.com/motdotla/dotenv-expand#what-rules-does-the-expansion-engine-follow
        ("DATABASE_URL=postgres://${U}:${P}@h/d\nP='s=#p'\nU=\"u\"", "postgres://u:s=#p@h/d"),
        ('A=${B}x\nB=${SET}\nDATABASE_URL="${A}"', "fromthe${B}x"),
        ("SET=file\nDATABASE_URL=${SET}", "fromthe${B}"),
        ("DATABASE_URL=${GONE:-h}/${GONE-d}${EMPTY:-e}${EMPTY-f}/${SET:-x}", "h/de/fromthe${B}"),
        ("DATABASE_URL=${GONE:-${AWAY:-x${HERE}}y}\nHERE=h", "xhy"),
        (r"DATABASE_URL=u:a$word\$\${U}$@h", "u:a$word$${U}$@h"),
    ],
)
def test_a_env_file_is_read_as_prisma_reads_it(
    package: ModuleType, in_folder: Path, text: str, url: str
) -> None:
    (in_folder / ".env").write_bytes(text.encode())
    assert _dotenv(package).database_url() == url


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"DATABASE_URL=postgres://${U}:${SEC}@h/RET", "refers to U, which is set neither there nor in"),
        (b"DATABASE_URL=${A}\nA=${B}RET\nB=${A}", "DATABASE_URL → A → B → A refer to each other"),
        (b"DATABASE_URL=RET${SEC:-x", "not closed"),
        (b"DATABASE_URL=RET${U?", "after ${U come neither"),
        (
            "A=b\nDATABASE_URL=RETä".encode("latin-1"),
            "is not UTF-8: line 2 has the byte 0xe4; save it as UTF-8",
        ),
        ("DATABASE_URL=RET".encode("utf-16"), "is not UTF-8: line 1 has the byte 0xff"),
        (os.mkdir, "is not a file"),
        (getattr(os, "mkfifo", os.mkdir), "is not a file"),
    ],
)
def test_a_env_file_that_can_t_be_read_is_named(
    package: ModuleType, in_folder: Path, content: bytes | Callable[[Path], None], message: str
) -> None:
    file = in_folder / ".env"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        content(file)
    with pytest.raises(package.errors.DatabaseConnectionError, match=re.escape(message)) as refused:
        package.Client().connect()
    assert str(file) in str(refused.value)
    assert "RET" not in str(refused.value)
    # Nobody asks what nobody needs.
    with pytest.raises(package.errors.DatabaseConnectionError, match="no database: set DATABASE_URL"):
        package.Client(use_dotenv=False).connect()


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the client runs in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, value in {"SET": "fromthe${B}", "EMPTY": ""}.items():
        monkeypatch.setenv(name, value)
    for name in ("U", "P", "A", "B", "SEC", "GONE", "AWAY", "HERE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def _dotenv(package: ModuleType) -> Any:
    return importlib.import_module(f"{package.__name__}._runtime.connection.dotenv")


def test_what_a_url_says_of_a_pool_is_done(package: ModuleType, scratch_server: ScratchServer) -> None:
    url = f"{with_database(scratch_server.role_url, 'postgres')}&connection_limit=1&pool_timeout=1"
    query = "SELECT pg_backend_pid() AS pid, current_setting('statement_timeout') AS timeout"
    prepared = "SELECT count(*)::int AS count FROM pg_prepared_statements"
    with package.Client(f"{url}&statement_cache_size=0&socket_timeout=7") as db:
        rows = [db.query_first(query) for _ in range(12)]
        assert {row["timeout"] for row in rows} == {"7s"}
        assert len({row["pid"] for row in rows}) == 1
        assert db.query_first(prepared) == {"count": 0}
        with db.tx(), pytest.raises(package.errors.DatabaseConnectionError, match="in use"):
            db.query_first(query)
    with package.Client(f"{url}&statement_cache_size=2") as db:
        for number in range(9):
            for _ in range(12):
                db.query_first(f"SELECT {number} AS number")
        # The last one's predecessors are dropped with the next statement.
        assert db.query_first(prepared)["count"] in (2, 3)


@pytest.mark.parametrize("option", ["schema=app", "socket_timeout=7"])
def test_a_pooler_keeps_no_settings_of_a_url(
    package: ModuleType, settings_of: Callable[[str], Any], option: str
) -> None:
    assert settings_of("postgresql://h/d?pgbouncer=true&schema=public").is_pooled
    with pytest.raises(package.errors.DatabaseConnectionError, match=r"does not keep .* ALTER ROLE"):
        settings_of(f"postgresql://h/d?pgbouncer=true&{option}")


def test_settings_show_no_password(settings_of: Callable[[str], Any]) -> None:
    assert "secret" not in repr(settings_of("postgresql://u:secret@h/d"))


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
