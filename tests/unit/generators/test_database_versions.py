"""On which databases a client works: what the Python client, and so the Node client, says of each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generators.database_range import database_range
from generators.node_client import generate as node_client
from generators.python_client.runtime.connection.database_version import (
    QUERY,
    application_name,
    asked,
    recorded,
    refusal,
)
from generators.python_client.runtime.database_range import DatabaseRange
from generators.target import GenerationRequest, PackageNames
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


@pytest.mark.parametrize("case", _CORPUS["names"], ids=lambda case: case["name"])
def test_sessions_are_called_by_their_package_too(case: dict[str, Any]) -> None:
    name = application_name(case["own"], case["package"])
    assert name == case["name"]
    assert len(name.encode()) <= 63


def test_both_clients_ask_the_same() -> None:
    file = Path(node_client.__file__).parent / "runtime" / "database_version.cjs"
    assert f"const QUERY = `{QUERY}`;" in file.read_text("utf-8")


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
