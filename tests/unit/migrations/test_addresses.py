"""Connection strings, in and out."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from migrations.runner.errors import UsageError
from migrations.runner.events import redacted
from migrations.runner.options import address, address_from_environment
from migrations.scratch.dsn import shown, with_database, with_login


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


def test_urls_of_prisma_and_sqlalchemy_are_understood() -> None:
    found = address("postgresql+psycopg://u:p@h/d?schema=app&connection_limit=5&sslmode=require")
    assert (found.conninfo, found.search_path) == ("postgresql://u:p@h/d?sslmode=require", "app")
    assert address("host=h dbname=d").search_path == "public"


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://u:se%2Fcret@h/d", "host=h password=se/cret", "postgresql:///d?password=se%2Fcret"],
)
def test_the_password_is_known_so_that_it_can_be_left_out(dsn: str) -> None:
    assert address(dsn).password == "se/cret"
    assert redacted("a se/cret b", address(dsn).password) == "a *** b"


def test_the_environment_names_the_database() -> None:
    assert address_from_environment(None, {"DATABASE_URL": "host=a"}).conninfo == "host=a"
    assert address_from_environment("X", {"DATABASE_URL": "host=a", "X": "host=b"}).conninfo == "host=b"
    assert address_from_environment(None, {"PGHOST": "a"}).conninfo == ""
    with pytest.raises(UsageError, match="DATABASE_URL"):
        address_from_environment(None, {})
    with pytest.raises(UsageError, match="environment variable X"):
        address_from_environment("X", {"PGHOST": "a"})
