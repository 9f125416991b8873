"""The types as a front end has them: installed alone, compiled against, run in both module formats."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generators.names.naming import name_problems
from generators.target import GenerationRequest
from generators.typescript_types.generate import TypesTarget
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable

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

#: A type, and in JSON a value of it and one that is none.
_ALONE = {
    "String @db.VarChar(3)": ("abc", "abcd"),
    "String @db.Uuid": ("00000000-0000-4000-8000-000000000000", "x"),
    "String @db.VarBit(3)": ("10", "1010"),
    "String @db.Bit(3)": ("101", "10"),
    "Boolean": (True, "true"),
    "Int @db.SmallInt": (32767, 32768),
    "Int @db.Oid": (4294967295, -1),
    "BigInt": ("9223372036854775807", "9223372036854775808"),
    "Float": (1e300, "1"),
    "Float @db.Real": (1.5, 1e300),
    "Decimal @db.Decimal(3, 1)": ("10.5", "100.5"),
    "DateTime": ("2026-01-31T12:34:56.789Z", "2026-02-31T12:34:56.789Z"),
    "DateTime @db.Date": ("2026-01-31T00:00:00.000Z", "x"),
    "DateTime @db.Time(3)": ("1970-01-01T12:34:56.789Z", 5),
    "Bytes": ("aGk=", "*"),
    "Json": ({"a": [1]}, 2**53),
    "Kind": ("NEW", "new"),
}
_CHECKED_ALONE = """
import assert from "node:assert/strict";
for (const [index, [right, wrong]] of JSON.parse(process.argv[1]).entries()) {
  const { OneSchema } = await import(`${process.cwd()}/${index}/validators.mjs`);
  const check = (value) => OneSchema.json.create["~standard"].validate({ it: value });
  const { value, issues } = check(right);
  assert.equal(issues, undefined, index);
  assert.deepEqual(check(wrong).issues?.map(({ path }) => path), [["it"]], index);
  assert.deepEqual(OneSchema.create.parse(value), value);
  assert.deepEqual(OneSchema.toJson(value), { it: right });
  const { properties } = OneSchema.json.row["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  assert.ok(properties.it, index);
}
console.log("done");
"""


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


def test_each_type_works_where_a_schema_has_no_other(
    npm_request: GenerationRequest, bridge: PrismaBridge, tmp_path: Path
) -> None:
    head = 'datasource db {\n  provider = "postgresql"\n}\nenum Kind {\n  NEW\n}\n'
    model = "model One {\n  id Int @id @default(autoincrement())\n  it "
    for index, column in enumerate(_ALONE):
        schema = bridge.parse(f"{head}{model}{column}\n}}\n")
        for path, content in TypesTarget().generate(replace(npm_request, schema=schema)).files.items():
            if path.endswith(".mjs"):
                file = tmp_path / str(index) / Path(path).name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content)
                assert b"// only" not in content
    command = [str(node_executable()), "--input-type=module", "--eval", _CHECKED_ALONE]
    values = json.dumps(list(_ALONE.values()))
    done = subprocess.run(
        [*command, values], cwd=tmp_path, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout == "done\n", done.stderr
