"""Packages of drafts: they run only where it is allowed, and the final package knows what they ran."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrations.runner import commands
from migrations.runner.errors import RefusedError, TryAgainError
from migrations.runner.options import Options, address
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..databases import EmptyDatabases
from .kit import Command, downgrade, events, execute, manifest, migration, rows, tables, upgrade

_FIRST = migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;")
_SECOND = migration(2, "CREATE TABLE b (id int);", "DROP TABLE b;", version="1.1.0")
_EDITED = migration(2, "CREATE TABLE b (id int, c int);", "DROP TABLE b;", version="1.1.0")
_THIRD = migration(3, "CREATE TABLE d (id int);", "DROP TABLE d;", version="1.1.0")


def draft_of(each: Migration, number: int = 1) -> Migration:
    """As the package of a draft has it."""
    return replace(each, version=each.version.as_draft(number))


def test_a_draft_runs_where_it_is_allowed_only(databases: EmptyDatabases, tmp_path: Path) -> None:
    draft = draft_of(_SECOND)
    with databases.lent() as dsn:
        command = Command.of(tmp_path, dsn, _FIRST, draft)
        for words in (
            ["upgrade"],
            ["baseline"],
            ["resolve", "--to", "1.0.0"],
        ):
            exit_code, output = command.run(*words)
            (refused,) = events(output)
            assert (exit_code, refused["code"]) == (1, "draft")
            assert "--allow-draft" in refused["fix"]
        assert command.run("plan")[0] == command.run("status")[0] == 0
        assert tables(dsn) == set()
        assert command.run("upgrade", "--allow-draft")[0] == 0
        assert tables(dsn) == {"a", "b"}
        marks = "SELECT version, package_version FROM schema_service.schema_versions"
        assert rows(dsn, marks) == [("1.1.0-dev.1", "1.1.0.dev1")]
        assert command.run("upgrade")[0] == 0, "there is nothing to do"
        exit_code, output = command.run("downgrade", "--to", "1.0.0")
        assert (exit_code, events(output)[0]["code"]) == (1, "draft")


def test_the_final_package_takes_over_what_did_not_change(databases: EmptyDatabases, tmp_path: Path) -> None:
    with databases.lent() as dsn:
        upgrade(dsn, manifest(_FIRST, draft_of(_SECOND)), allow_draft=True)
        execute(dsn, "INSERT INTO b VALUES (7)")
        upgrade(dsn, manifest(_FIRST, draft_of(_SECOND, 2)), allow_draft=True)
        final = Command.of(tmp_path, dsn, _FIRST, _SECOND)
        exit_code, output = final.run("upgrade")
        assert exit_code == 0, output
        assert events(output)[-1]["version"] == "1.1.0"
        assert rows(dsn, "SELECT version FROM schema_service.versions") == [("1.1.0",)]
        assert rows(dsn, "SELECT id FROM b") == [(7,)]


@pytest.mark.parametrize(
    ("drafted", "final"),
    [
        ([_SECOND], [_EDITED]),
        ([_SECOND, _THIRD], [_SECOND]),
        ([_SECOND], [replace(_SECOND, name="renamed")]),
        ([_SECOND], [draft_of(_EDITED, 2)]),
    ],
    ids=["edited", "left out", "renamed", "another draft"],
)
def test_a_database_whose_draft_differs_is_refused_and_shown_the_way(
    databases: EmptyDatabases, drafted: list[Migration], final: list[Migration]
) -> None:
    before, after = manifest(_FIRST, *map(draft_of, drafted)), manifest(_FIRST, *final)
    with databases.lent() as dsn:
        upgrade(dsn, before, allow_draft=True)
        for call in (upgrade, downgrade):
            with pytest.raises(RefusedError) as caught:
                call(dsn, after, "1.0.0" if call is downgrade else None, **_allowed(call))
            assert caught.value.code == "draft-differs"
            assert "1.1.0-dev.1" in caught.value.message
            assert "shop-migrations==1.1.0.dev1" in caught.value.fix
            assert "downgrade --to 1.0.0 --allow-draft" in caught.value.fix
        downgrade(dsn, before, "1.0.0", options=Options(allow_draft=True))
        upgrade(dsn, after, allow_draft=True)
        assert rows(dsn, "SELECT version FROM schema_service.versions") == [(after.version,)]


def test_who_only_looks_is_told_of_the_draft_too(databases: EmptyDatabases) -> None:
    """Until the final package has run, `wait` waits: it may find that there is nothing to do."""
    with databases.lent() as dsn:
        upgrade(dsn, manifest(_FIRST, draft_of(_SECOND), draft_of(_THIRD)), allow_draft=True)
        for final in (manifest(_FIRST, _SECOND), manifest(_FIRST, _SECOND, version="1.2.0")):
            with pytest.raises(RefusedError) as caught:
                commands.verify(final, address(dsn))
            assert caught.value.code == "draft-differs"
            told = commands.status(final, address(dsn)).other_line
            assert told is not None
            assert "go back with it: downgrade --to 1.0.0 --allow-draft" in told
            with pytest.raises(TryAgainError):
                commands.wait(final, address(dsn), seconds=0)


def _allowed(call: object) -> dict[str, object]:
    return {"options": Options(allow_draft=True)} if call is downgrade else {"allow_draft": True}


def test_an_older_package_is_told_that_the_database_is_ahead(databases: EmptyDatabases) -> None:
    with databases.lent() as dsn:
        upgrade(dsn, manifest(_FIRST, draft_of(_SECOND)), allow_draft=True)
        with pytest.raises(RefusedError) as caught:
            upgrade(dsn, manifest(_FIRST))
        assert caught.value.code == "ahead"


def test_a_draft_follows_the_pre_releases_of_its_version() -> None:
    rc = replace(_SECOND, version=SchemaVersion.parse("1.1.0-rc.1"))
    package = manifest(_FIRST, rc, draft_of(_THIRD), version=str(_THIRD.version.as_draft(1)))
    assert package.versions == ("1.0.0", "1.1.0-rc.1", "1.1.0-dev.1")
