"""docs/reference: its generated pages are current and complete, and their examples are valid."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from generators.wire_format import MEANINGS, WireKind
from registry.config.settings import load_settings
from registry.reference.settings import Key, tables
from registry.reference.variables import VARIABLES
from registry.reference.write import FOLDER, pages
from schemas.workspace.version_toml import VersionToml

from ..documented_page import blocks

_ROOT = Path(__file__).parents[2]
_KEYS = [key for table in tables() for key in table.keys]


def test_the_pages_are_those_that_are_made_of_the_code() -> None:
    made = pages()
    assert {name: (FOLDER / name).read_text("utf-8") for name in made} == made, "run `make docs`"


@pytest.mark.parametrize("key", _KEYS, ids=lambda key: ".".join((*key.path, key.name)))
def test_every_setting_is_explained(key: Key) -> None:
    assert key.field.description


def test_every_kind_of_value_is_on_the_page_of_the_wire_format() -> None:
    assert sorted(kind for meaning in MEANINGS for kind in meaning.kinds) == sorted(get_args(WireKind))


def test_the_example_of_settings_is_valid(tmp_path: Path) -> None:
    (example,) = blocks("reference/schema-service-toml.md", "toml")
    (tmp_path / "schema-service.toml").write_text(example)
    assert load_settings(tmp_path).databases["main"].labels == ("production",)


def test_the_example_of_a_version_is_valid() -> None:
    (example,) = blocks("reference/version-toml.md", "toml")
    assert VersionToml.from_toml(example, file="version.toml").answers.sql_only


def test_every_variable_that_the_code_names_is_listed() -> None:
    """But those of an upstream, which the tool sets for the registries that it starts."""
    names = "|".join(re.escape(name).replace(r"\*NAME\*", "([A-Z]+_)?") for name, _ in VARIABLES)
    known = {*(name for name, _ in VARIABLES), *(key.variable for key in _KEYS)}
    for room in ("registry", "generators", "migrations", "schemas"):
        for file in sorted((_ROOT / room).rglob("*.py")):
            for found in re.findall(
                r"SCHEMA_SERVICE_(?!UPSTREAM_)[A-Z_]*[A-Z]\b(?![_<{*])", file.read_text("utf-8")
            ):
                is_prefix = any(name.startswith(f"{found}_") for name in known)
                assert is_prefix or found in known or re.fullmatch(names, found), (file, found)
