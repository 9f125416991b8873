"""A schema's rows as JSON Schema: what the JSON form of a row of each model has.

Rules: JSON Schema 2020-12. The values are those of the generated packages' JSON: what JSON has no type for is
a string (BigInt, Decimal, DateTime, and Bytes in base64).
"""

from __future__ import annotations

from typing import Any, Final

from ..model import Enum, Field, LiteralDefault, Model, Schema
from ..versions import SchemaVersion

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[str, dict[str, Any]] = {
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "Int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "BigInt": {"type": "string", "pattern": "^-?[0-9]+$"},
    "Float": {"type": "number"},
    "Decimal": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Bytes": {"type": "string", "contentEncoding": "base64"},
    "Json": {},
}
_NATIVE: dict[str, dict[str, Any]] = {
    "Uuid": {"format": "uuid"},
    "SmallInt": {"minimum": -(2**15), "maximum": 2**15 - 1},
    "Oid": {"minimum": 0, "maximum": 2**32 - 1},
}
_SIZED = ("Char", "VarChar", "Bit", "VarBit")
#: Their literal defaults are JSON values as they are.
_PLAIN_DEFAULTS = ("String", "Boolean", "Int", "Float", "BigInt", "Decimal")


def json_schema(schema: Schema, schema_name: str, version: SchemaVersion) -> dict[str, Any]:
    """Of a document with rows by model: ``{"User": [{…}, …]}``. ``$defs`` has each model and enum."""
    rows = {
        model.name: {
            "type": "array",
            "items": _reference(model.name),
            "description": f"rows of {model.table}",
        }
        for model in schema.models
    }
    return {
        "$schema": DIALECT,
        "title": f"{schema_name} {version}",
        "type": "object",
        "properties": rows,
        "additionalProperties": False,
        "$defs": {
            **{model.name: _model(model) for model in schema.models},
            **{enum.name: _enum(enum) for enum in schema.enums},
        },
    }


def _model(model: Model) -> dict[str, Any]:
    """Relations are there only where somebody read them too, and columns of unsupported types never are."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _field(field) for field in model.row_fields},
        "required": [column.name for column in model.columns],
        "additionalProperties": False,
    }
    if model.is_view:
        found["readOnly"] = True
    return _described(found, model.documentation)


def _enum(enum: Enum) -> dict[str, Any]:
    return _described({"type": "string", "enum": [value.name for value in enum.values]}, enum.documentation)


def _field(field: Field) -> dict[str, Any]:
    item = _reference(field.type) if field.kind in ("enum", "object") else _scalar(field)
    if field.is_list:
        found: dict[str, Any] = {"type": "array", "items": item}
    elif field.is_required or not item:
        found = item
    else:
        found = {"anyOf": [item, {"type": "null"}]}
    default = field.default
    if isinstance(default, LiteralDefault) and (field.kind == "enum" or field.type in _PLAIN_DEFAULTS):
        value = list(default.value) if isinstance(default.value, tuple) else default.value
        found = {**found, "default": value}
    if field.is_updated_at:
        found = {**found, "readOnly": True}
    return _described(found, field.documentation)


def _scalar(field: Field) -> dict[str, Any]:
    found = dict(_TYPES[field.type])
    native = field.native_type
    if native is not None:
        found |= _NATIVE.get(native.name, {})
        if native.name in _SIZED and native.arguments:
            found["maxLength"] = int(native.arguments[0])
    return found


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _described(found: dict[str, Any], documentation: str | None) -> dict[str, Any]:
    return {**found, "description": documentation} if documentation else found
