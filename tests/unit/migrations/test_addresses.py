"""Connection strings, in and out."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.runner.address.database_url import InvalidDatabaseUrlError, read_database_url
from migrations.runner.errors import UsageError
from migrations.runner.events import redacted
from migrations.runner.options import address, address_from_environment
from migrations.scratch.dsn import shown, with_database, with_login

#: What URLs mean in every package, or why they are refused. SEC and RET are what may be secret in them.
URLS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "database_urls.json").read_text("utf-8"))
_NUMBERS = ("connection_limit", "connect_timeout", "pool_timeout", "socket_timeout", "statement_cache_size")


@pytest.mark.parametrize("case", URLS, ids=lambda case: case["url"])
def test_a_url_means_one_thing_or_is_refused_without_its_secrets(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(InvalidDatabaseUrlError) as refused:
            read_database_url(case["url"], {})
        _assert_told_without_secrets(str(refused.value), case)
        return
    read = read_database_url(case["url"], case.get("environment", {}))
    assert read.parameters == case["parameters"]
    assert conninfo_to_dict(read.conninfo) == case["parameters"]
    assert (read.schema, read.is_pooled) == (case.get("schema"), case.get("is_pooled", False))
    assert {name: getattr(read, name) for name in _NUMBERS} == {name: case.get(name) for name in _NUMBERS}


@pytest.mark.parametrize("case", [case for case in URLS if "refused" in case], ids=lambda case: case["url"])
def test_the_runner_refuses_it_as_wrong_usage(case: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        address_from_environment("X", {"X": case["url"]})
    assert refused.value.code == "no-address"
    _assert_told_without_secrets(str(refused.value).replace("\n  fix: ", "; "), case)
    assert shown(case["url"]) == "the given URL"


def _assert_told_without_secrets(message: str, case: dict[str, Any]) -> None:
    assert case["refused"] in message
    assert "SEC" not in message
    assert "RET" not in message


def test_what_is_not_utf_8_in_the_environment_is_refused() -> None:
    with pytest.raises(InvalidDatabaseUrlError, match="percent-encoded"):
        read_database_url("postgresql://u:\udcff@h/d")


def test_the_python_client_has_the_same_reader() -> None:
    ours = resources.files("migrations.runner.address").joinpath("database_url.py")
    copied = resources.files("generators.python_client.runtime.connection").joinpath("database_url.py")
    assert copied.read_bytes() == ours.read_bytes()


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p%40%2F%3A@h:6432/old?sslmode=require",
        "host=h port=6432 user=u password='p@/:' dbname=old sslmode=require",
    ],
)
def test_a_database_is_changed_in_any_spelling(dsn: str) -> None:
    changed = with_database(dsn, 'new "db"')
    assert changed.startswith("postgresql://u:p%40%2F%3A@h:6432/new%20%22db%22?")
    before, after = conninfo_to_dict(dsn), conninfo_to_dict(changed)
    assert after == {**before, "dbname": 'new "db"'}


@pytest.mark.parametrize("host", ["/tmp/a b", "::1", "one,two"])
def test_hosts_that_are_no_plain_names_survive(host: str) -> None:
    changed = with_login(f"host='{host}' port=5433 dbname=d", "me", None)
    assert conninfo_to_dict(changed) == {"host": host, "port": "5433", "dbname": "d", "user": "me"}


def test_messages_show_no_password() -> None:
    assert shown("postgresql://u:secret@h/d") == "h:5432/d"
    assert "secret" not in shown("postgresql://u:secret@h:x y/d?nonsense")


def test_the_runner_creates_objects_in_the_schema_of_the_url() -> None:
    found = address("postgresql+psycopg://u:p@h/d?schema=app&connection_limit=5&sslmode=require")
    assert conninfo_to_dict(found.conninfo) == {
        "user": "u", "password": "p", "host": "h", "dbname": "d", "sslmode": "require"
    }  # fmt: skip
    assert found.search_path == "app"
    assert address("host=h dbname=d").search_path == "public"


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://u:se%2Fcret@h/d", "host=h password=se/cret", "postgresql:///d?password=se%2Fcret"],
)
def test_the_password_is_known_so_that_it_can_be_left_out(dsn: str) -> None:
    assert address(dsn).password == "se/cret"
    assert redacted("a se/cret b", address(dsn).password) == "a *** b"


def test_the_environment_names_the_database() -> None:
    assert address_from_environment(None, {"DATABASE_URL": "host=a"}).conninfo == "host='a'"
    assert address_from_environment("X", {"DATABASE_URL": "host=a", "X": "host=b"}).conninfo == "host='b'"
    assert address_from_environment(None, {"PGHOST": "a"}).conninfo == ""
    with pytest.raises(UsageError, match="DATABASE_URL"):
        address_from_environment(None, {})
    with pytest.raises(UsageError, match="environment variable X"):
        address_from_environment("X", {"PGHOST": "a"})
