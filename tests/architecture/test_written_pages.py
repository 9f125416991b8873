"""What pages written by hand say of the code: formats, versions, names of tests."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from generators.node_client import generate as node_client
from generators.python_client import generate as python_client
from generators.typescript_types.types import WIRE
from migrations.package.manifest import build_manifest
from migrations.runner.manifest import FORMAT, Kind
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.release_lock import ReleaseLock

from ..documented_page import DOCS, blocks

_ROOT = Path(__file__).parents[2]
_FORMATS = (DOCS / "reference/file-formats.md").read_text("utf-8")
_NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (DOCS / "why/promises.md").read_text("utf-8"))


@pytest.mark.parametrize(("file", "test"), _NAMED, ids=[f"{file}::{test}" for file, test in _NAMED])
def test_a_promise_names_a_test_that_there_is(file: str, test: str) -> None:
    found = [path.read_text("utf-8") for path in (_ROOT / "tests").rglob(file)]
    assert any(re.search(rf"^def {test}\(", text, re.MULTILINE) for text in found)


def test_every_promise_names_one() -> None:
    rows = re.findall(r"^\| (?!promise|---)(.*) \|$", (DOCS / "why/promises.md").read_text("utf-8"), re.M)
    assert len(rows) > 20
    assert [row for row in rows if "::test_" not in row] == []


def test_the_example_of_a_lock_is_one() -> None:
    (example,) = blocks("reference/file-formats.md", "toml")
    lock = ReleaseLock.from_toml(example, file="release.lock")
    assert lock.to_toml().splitlines()[0] == example.splitlines()[0]
    written = set(tomllib.loads(example)) | {"follows", "takes", "staged"}
    assert len(written) == len(fields(ReleaseLock))
    assert [name for name in written if f"`{name}`" not in _FORMATS] == []


def test_every_key_of_a_manifest_is_named() -> None:
    script = Migration(number=1, name="a", version=SchemaVersion(1, 0, 0), up="CREATE TABLE a ();", down="")
    manifest = build_manifest(
        schema_name="a",
        package="a-migrations",
        version=SchemaVersion(1, 0, 0),
        schema_digest="0" * 64,
        migrations=[script],
        history=(),
    )
    (step,) = manifest["migrations"][0]["up"]
    keys = {*manifest, *manifest["migrations"][0], *step, *step["statements"][0]} - {"checks_behind"}
    assert [key for key in sorted(keys) if f"`{key}`" not in _FORMATS] == []
    assert manifest["format"] == FORMAT == 1
    assert [kind for kind in Kind.__args__ if f"`{kind}`" not in _FORMATS] == []


def test_every_scalar_has_a_form_in_json() -> None:
    page = (DOCS / "reference/wire-format.md").read_text("utf-8")
    assert [scalar for scalar in WIRE if f"`{scalar}`" not in page] == []


def test_the_versions_that_are_needed() -> None:
    page = (DOCS / "reference/compatibility.md").read_text("utf-8")
    needed = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert needed == python_client._REQUIRES_PYTHON == ">=3.11"
    assert "Python 3.11 or later" in page
    assert f"Node {node_client._NODE.removeprefix('>=')} or later" in page
