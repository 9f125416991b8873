"""Programs in TypeScript that use every model of an npm package, for a compiler to find what is broken."""

from __future__ import annotations

from schemas.model import Schema

from .names.naming import javascript_accessor
from .rendering.typescript import typescript_literal
from .target import Language
from .typescript_types.view import map_names


def consumer_program(language: Language, package: str, schema: Schema) -> str:
    """For the package ``package`` of ``schema`` for ``language``, which is "node" or "typescript"."""
    write = _client_program if language == "node" else _types_program
    return write(package, schema)


def _client_program(package: str, schema: Schema) -> str:
    accessors = [javascript_accessor(model.name) for model in schema.models]
    members = "".join(f"  {name}: () => db.{name}.findMany(),\n" for name in accessors)
    return (
        f"import {{ createClient }} from {typescript_literal(package)};\n"
        f"export const db = createClient();\n"
        f"export const rows = {{\n{members}}};\n"
    )


def _types_program(package: str, schema: Schema) -> str:
    maps = map_names(schema)
    rows, wire = maps["Models"], maps["ModelsJson"]
    members = "".join(_model_use(model.name, rows, wire) for model in schema.models)
    entries = {
        entry: typescript_literal(f"{package}/{entry}") for entry in ("json-schema", "meta", "validators")
    }
    return (
        f"import type {{ {rows}, {wire} }} from {typescript_literal(package)};\n"
        f"import {{ jsonSchema }} from {entries['json-schema']};\n"
        f"import * as $meta from {entries['meta']};\n"
        f"import * as $validators from {entries['validators']};\n"
        f"export const used = {{\n{members}}};\n"
    )


def _model_use(model: str, rows: str, wire: str) -> str:
    return (
        f"  {model}: {{\n"
        f'    json: (row: {rows}["{model}"]): {wire}["{model}"] => $validators.{model}Schema.toJson(row),\n'
        f"    exported: [$validators.{model}Schema, $meta.{model}Meta] as const,\n"
        f"    schema: () => jsonSchema($validators.{model}Schema.json.row, $meta.{model}Meta),\n"
        f"  }},\n"
    )
