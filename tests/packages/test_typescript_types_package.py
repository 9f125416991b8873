"""The types as a front end has them: installed alone, compiled against, run in both module formats."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import NpmProject

_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def test_it_comes_alone(types_project: NpmProject) -> None:
    installed = json.loads((types_project.folder / "package-lock.json").read_text())["packages"]
    assert set(installed) == {"", "node_modules/@org/schema-types"}


@pytest.mark.parametrize("extension", ["mts", "cts"])
def test_it_compiles_without_dom_and_node_types(types_project: NpmProject, extension: str) -> None:
    complaints = types_project.type_check(
        "types_only.ts", extension, module="nodenext", moduleResolution="nodenext"
    )
    assert complaints == ""


@pytest.mark.parametrize("module_format", ["import", "require"])
def test_rows_go_to_json_and_back(types_project: NpmProject, module_format: str) -> None:
    assert types_project.run("json.mjs", module_format, TZ="Asia/Kolkata") == "done\n"


def test_no_comment_and_no_unseen_character_of_the_schema_gets_in(types_project: NpmProject) -> None:
    for file in (types_project.folder / "node_modules" / "@org").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8")
            assert "internal remark" not in text
            assert not _UNSEEN.search(text), file.name
