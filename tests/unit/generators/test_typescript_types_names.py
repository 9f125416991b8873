"""Schemas whose own names meet those of the types package."""

from __future__ import annotations

import re

import pytest

from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.generate import TypesTarget
from schemas.model import Enum, EnumValue, Field, Key, Model, Schema
from schemas.versions import SchemaVersion


def _model(name: str, **changes: object) -> Model:
    fields: dict[str, object] = {
        "name": name,
        "table": name,
        "database_schema": None,
        "primary_key": Key("id", ("id",)),
        "fields": (
            Field(name="id", kind="scalar", type="Int", column="id", is_id=True),
            Field(name="at", kind="scalar", type="DateTime", column="at"),
        ),
    }
    return Model(**{**fields, **changes})  # type: ignore[arg-type]


def _enum(name: str) -> Enum:
    return Enum(
        name=name, database_name=name, database_schema=None, values=(EnumValue(name="A", database_name="A"),)
    )


def _generated(*models: Model, enums: tuple[Enum, ...] = ()) -> dict[str, str]:
    request = GenerationRequest(
        schema_name="x",
        version=SchemaVersion.parse("1.0.0"),
        description="",
        author=None,
        schema=Schema(text="", models=models, enums=enums),
        migrations=(),
        names=PackageNames(),
    )
    return {path: content.decode() for path, content in TypesTarget().generate(request).files.items()}


def _declared(files: dict[str, str]) -> list[str]:
    declarations = [text for path, text in files.items() if path.endswith(".d.cts") and "fields" not in path]
    pattern = re.compile(r"^export (?:declare )?(?:const|function|interface|type) (\w+)", re.MULTILINE)
    return pattern.findall("\n".join(declarations))


@pytest.mark.parametrize("name", ["ApiKey", "ApiJson", "ApiCreate", "ApiUpdate", "ApiWithRelations"])
def test_types_made_from_a_model_step_aside_for_another_model(name: str) -> None:
    files = _generated(_model("Api"), _model(name))
    assert f"export interface {name} {{" in files["dist/types/models.d.cts"]
    text = files["dist/types/models.d.cts"] + files["dist/types/inputs.d.cts"]
    assert f" {name}_ " in text
    names = _declared(files)
    assert sorted(names) == sorted(set(names))


def test_a_model_called_like_a_map_keeps_its_name() -> None:
    files = _generated(_model("Models"))
    assert "export interface Models {\n  id: number;" in files["dist/types/models.d.cts"]
    assert "export interface Models_ {\n  Models: Models;\n}" in files["dist/types/models.d.cts"]
    assert "  Models_ as Models,\n" in files["dist/types/fields.d.cts"]


def test_a_model_called_like_a_helper_leaves_it_to_its_own_entry() -> None:
    files = _generated(_model("JsonForm"), enums=(_enum("toJson"),))
    index = files["dist/types/index.d.cts"]
    assert "JsonForm" not in index
    assert "export { fromJson } from" in index
    assert 'export { toJson } from "./enums.mjs";' in files["dist/index.mjs"]
    assert "export type JsonForm<T>" in files["dist/types/json.d.cts"]


def test_a_type_made_from_a_model_steps_aside_for_a_helper() -> None:
    files = _generated(_model("From"))
    assert "export interface FromJson_ {" in files["dist/types/models.d.cts"]


def test_built_ins_are_reached_past_the_schemas_own_names() -> None:
    files = _generated(_model("Date"), enums=(_enum("Object"), _enum("Partial")))
    assert "at: globalThis.Date;" in files["dist/types/models.d.cts"]
    assert "globalThis.Object.freeze" in files["dist/enums.mjs"]
    assert "extends globalThis.Partial<DateCreate> {}" in files["dist/types/inputs.d.cts"]


def test_views_have_rows_and_no_inputs() -> None:
    files = _generated(_model("Report", is_view=True, primary_key=None))
    assert "export interface ReportJson {" in files["dist/types/models.d.cts"]
    for suffix in ("Create", "Update", "Key"):
        assert f"Report{suffix}" not in files["dist/types/inputs.d.cts"]


def test_a_model_that_clients_cannot_create_has_no_create_type() -> None:
    required = Field(name="area", kind="unsupported", type="polygon", column="area")
    files = _generated(_model("Shop", fields=(*_model("Shop").fields, required)))
    assert "ShopCreate" not in files["dist/types/inputs.d.cts"]
    assert "export interface ShopUpdate {\n  id?: number;\n" in files["dist/types/inputs.d.cts"]
    assert files["dist/validators.mjs"].rstrip().endswith(", 2);")


def test_a_schema_without_models_is_a_package_too() -> None:
    files = _generated()
    assert files["dist/enums.mjs"] == "export {};\n"
    assert "export type ModelName = keyof Models;" in files["dist/types/models.d.cts"]
