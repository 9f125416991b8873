"""On which databases a client works: what the Python client, and so the Node client, says of each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generators.database_range import database_range
from generators.node_client import generate as node_client
from generators.python_client.runtime.compatibility.database_range import DatabaseRange
from generators.python_client.runtime.compatibility.database_version import (
    QUERY,
    application_name,
    asked,
    misplaced,
    named_in_options,
    recorded,
    refusal,
)
from generators.python_client.runtime.connection.dsn import connection_settings
from generators.python_client.runtime.public.errors import DatabaseConnectionError
from generators.target import GenerationRequest, PackageNames
from migrations.runner.connection import clients
from migrations.runner.errors import UsageError
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

_CORPUS = json.loads((Path(__file__).parents[2] / "database_versions.json").read_text("utf-8"))
_DATABASE = DatabaseRange(**_CORPUS["database"])


@pytest.mark.parametrize("case", _CORPUS["cases"], ids=lambda case: case["why"])
def test_a_client_is_refused_where_it_does_not_work(case: dict[str, Any]) -> None:
    found = refusal(_DATABASE._replace(**case["database"]), case["row"])
    expected = case.get("refused")
    assert (found and {key: getattr(found, key) for key in ("code", "message", "fix")}) == expected
    assert found is None or found.database_version == case["row"]["version"]


def test_what_a_database_answers_is_read() -> None:
    for case in _CORPUS["answers"]:
        assert recorded(case["facts"]) == case["row"]
    for case in _CORPUS["asked"]:
        assert list(asked(_DATABASE, case["schema"])) == case["values"]
    for case in _CORPUS["places"]:
        database = _DATABASE._replace(has_schemas=case.get("has_schemas", False))
        found = misplaced(database, case["facts"], case["schema"])
        assert (found and found.message, found and found.fix) == (case.get("message"), case.get("fix"))
    for case in _CORPUS["options"]:
        assert named_in_options(case["options"]) == case["name"]


@pytest.mark.parametrize("case", _CORPUS["names"], ids=lambda case: case["name"])
def test_sessions_are_called_by_their_package_too(case: dict[str, Any]) -> None:
    name = application_name(case["own"], case["package"])
    assert name == case["name"]
    assert len(name.encode()) <= 63
    # A name that says it twice is no longer the package's only, and the runner reads the last.
    package, _, version = case["package"].rpartition("/")
    assert clients._packaged(name, ["other", package])[:2] == (package, version)


def test_both_clients_ask_the_same() -> None:
    file = Path(node_client.__file__).parent / "runtime" / "database_version.cjs"
    assert f"const QUERY = `{QUERY}`;" in file.read_text("utf-8")


def test_models_that_name_their_schemas_are_not_moved() -> None:
    client = _DATABASE._replace(has_schemas=True)
    manifest = Manifest(
        schema_name="shop", package="shop-migrations", package_version="1.0.0", version="1.0.0",
        versions=("1.0.0",), compatible_from={}, migrations=(), state_changes=(), names_schemas=True,
    )  # fmt: skip
    said = r"^schema=other moves nothing: .*leave schema out of the URL"
    with pytest.raises(DatabaseConnectionError, match=said):
        connection_settings("postgresql://h/d?schema=other", None, package=client)
    with pytest.raises(UsageError) as refused:
        manifest.placed_at(address("postgresql://h/d?schema=other"))
    assert re.search(said, f"{refused.value.message}; {refused.value.fix}")
    for url in ("postgresql://h/d", "postgresql://h/d?schema=public"):
        connection_settings(url, None, package=client)
        tracked, place = manifest.placed_at(address(url))
        assert (tracked.schema_name, place.names_schema) == ("shop", True)


def _version(text: str) -> SchemaVersion:
    return SchemaVersion.parse(text, drafts=True)


def _request(version: str, *migrated: str) -> GenerationRequest:
    return GenerationRequest(
        schema_name="shop",
        version=_version(version),
        description="",
        author=None,
        schema=Schema(text="", models=(), enums=()),
        migrations=tuple(
            Migration(number=number, name="m", version=_version(text), up="", down=None)
            for number, text in enumerate(migrated, 1)
        ),
        names=PackageNames(),
    )


@pytest.mark.parametrize(
    ("version", "migrated", "oldest", "until"),
    [
        ("2.1.0", ["1.0.0", "2.0.0", "2.1.0"], "2.1.0", "3.0.0"),
        ("2.1.1", ["1.0.0", "2.0.0", "2.1.0"], "2.1.0", "3.0.0"),
        ("0.2.1", ["0.1.0"], "0.1.0", "0.3.0"),
        ("1.0.0", [], "1.0.0", "2.0.0"),
        ("2.1.0-rc.2", ["2.0.0", "2.1.0-rc.1"], "2.1.0-rc.1", "3.0.0"),
        # A draft's number sorts before the pre-releases that it follows.
        ("2.1.0-dev.3", ["2.0.0", "2.1.0-rc.1", "2.1.0-dev.3"], "2.1.0-dev.3", "3.0.0"),
        ("2.1.0-dev.3", ["2.0.0", "2.1.0-rc.1"], "2.1.0-dev.3", "3.0.0"),
        ("2.1.0-dev.3", ["2.0.0"], "2.0.0", "3.0.0"),
    ],
)
def test_a_client_works_from_the_version_on_that_last_changed_the_database(
    version: str, migrated: list[str], oldest: str, until: str
) -> None:
    found = database_range(_request(version, *migrated))
    assert (str(found.oldest), str(found.until), found.has_lines) == (oldest, until, False)


def test_on_lines_it_works_where_all_versions_in_between_have_the_same_migrations() -> None:
    histories = {"1.0.0": "a", "1.1.0": "ab", "1.0.1": "ac", "1.1.1": "abc", "1.1.2": "abc"}
    contained = {"1.1.2": ["1.0.0", "1.0.1", "1.1.0", "1.1.1", "1.1.2"]}
    lines = tuple(
        VersionLine(
            version=_version(text),
            base=None,
            contains=tuple(map(_version, contained.get(text, [text]))),
            history=tuple(history),
        )
        for text, history in histories.items()
    )
    found = database_range(replace(_request("1.1.2"), lines=lines))
    assert (str(found.oldest), found.has_lines) == ("1.1.1", True)
