"""The types as a front end has them: installed alone, compiled against, run in both module formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generators.names.naming import name_problems
from generators.target import GenerationRequest
from schemas.prisma.bridge import PrismaBridge

from ..typescript_compilers import COMPILERS

if TYPE_CHECKING:
    from .conftest import NpmProject

_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

#: Names of the two packages and of JavaScript that naming lets a schema have.
_TAKEN = (
    *("Models", "ModelName", "DecimalLike", "DecimalString", "Encodable", "From", "FromJson", "JsonForm"),
    *("JsonObject", "To", "client", "types", "ClientOptions", "CreateClientOptions", "PgConfig", "PgPool"),
    *("Error", "Function", "Object", "Partial", "Pick", "Promise", "Readonly", "ReadonlyArray", "Record"),
    *("Uint8Array", "globalThis"),
)


def test_it_comes_alone(types_project: NpmProject) -> None:
    installed = json.loads((types_project.folder / "package-lock.json").read_text())["packages"]
    assert set(installed) == {"", "node_modules/@org/schema-types"}


@pytest.mark.parametrize("extension", ["mts", "cts"])
def test_it_compiles_without_dom_and_node_types(types_project: NpmProject, extension: str) -> None:
    complaints = types_project.type_check(
        "types_only.ts", extension, module="nodenext", moduleResolution="nodenext"
    )
    assert complaints == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_entry_compiles(types_project: NpmProject, compiler: str) -> None:
    options = {"module": "nodenext", "moduleResolution": "nodenext", "declaration": True}
    assert types_project.type_check("types_entries.ts", "mts", compiler, **options) == ""


def test_names_that_the_packages_use_themselves_are_left_to_the_schema(
    new_npm_project: Callable[..., NpmProject], npm_request: GenerationRequest, bridge: PrismaBridge
) -> None:
    datasource = 'datasource db {\n  provider = "postgresql"\n}\nenum toJson {\n  a\n}\n'
    fields = (
        "id Int @id",
        "d DateTime",
        "j Json",
        "b Bytes",
        "n Decimal",
        "e toJson",
        "class String",
        "default Int?",
        "new BigInt[]",
    )
    body = "\n  ".join(fields)
    schema = bridge.parse(datasource + "\n".join(f"model {name} {{\n  {body}\n}}" for name in _TAKEN))
    assert name_problems(schema, "schema.prisma") == []
    project = new_npm_project(replace(npm_request, schema=schema))
    complaints = project.type_check("taken_names.ts", "mts", module="nodenext", moduleResolution="nodenext")
    assert complaints == ""


@pytest.mark.parametrize("module_format", ["import", "require"])
def test_rows_go_to_json_and_back(types_project: NpmProject, module_format: str) -> None:
    assert types_project.run("json.mjs", module_format, TZ="Asia/Kolkata") == "done\n"


@pytest.mark.parametrize("module_format", ["import", "require"])
def test_validators_refuse_what_the_database_would(types_project: NpmProject, module_format: str) -> None:
    assert types_project.run("validators.mjs", module_format, TZ="America/New_York") == "done\n"


def test_no_comment_and_no_unseen_character_of_the_schema_gets_in(types_project: NpmProject) -> None:
    for file in (types_project.folder / "node_modules" / "@org").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8")
            assert "internal remark" not in text
            assert not _UNSEEN.search(text), file.name
