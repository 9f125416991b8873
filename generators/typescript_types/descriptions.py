"""What forms and tables are built from, as far as a model's text (``codes.py``) doesn't tell it.

``runtime/describe.mjs`` puts the two together to a ``ModelDescription`` of ``runtime/description.d.cts``.
What is false or empty is left out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.model import Enum, Field, FunctionDefault, LiteralDefault, Model, Schema

from ..rendering.typescript import described
from ..wire_format import wire_rule

_TYPES = {
    "text": "TextField",
    "uuid": "UuidField",
    "bits": "BitsField",
    "boolean": "BooleanField",
    "integer": "IntegerField",
    "bigint": "BigIntField",
    "float": "FloatField",
    "decimal": "DecimalField",
    "datetime": "DateTimeField",
    "bytes": "BytesField",
    "json": "JsonField",
}


def field_type(column: Field) -> str:
    """The type of what is known of a column, e.g. ``$from.TextField``, ``$from.EnumField<$enums.State>``."""
    if column.kind == "enum":
        return f"$from.EnumField<$enums.{column.type}>"
    return f"$from.{_TYPES[wire_rule(column, {}).kind]}"


def model_description(model: Model, schema: Schema) -> dict[str, Any]:
    """The second argument of ``describe`` in ``runtime/describe.mjs``."""
    uniques = dict.fromkeys(key.fields for key in model.uniques)
    columns = {column.name: _column(column, schema.enums_by_name) for column in model.columns}
    relations = {field.name: described(field.documentation) for field in model.relations}
    return _filled(
        {
            **described(model.documentation),
            "isView": model.is_view,
            "key": list(model.primary_key.fields) if model.primary_key else [],
            "uniques": [list(fields) for fields in uniques],
            "fields": _filled({**columns, **relations}),
            "relations": " ".join(map(_relation, model.relations)),
        }
    )


def _column(column: Field, enums: Mapping[str, Enum]) -> dict[str, Any]:
    values = enums[column.type].values if column.kind == "enum" else ()
    return {
        **described(column.documentation),
        **_default(column),
        **_filled({"values": _filled({value.name: described(value.documentation) for value in values})}),
    }


def _default(column: Field) -> dict[str, Any]:
    if column.is_updated_at:
        return {"generated": "updatedAt"}
    match column.default:
        case FunctionDefault(name=name):
            return {"generated": name}
        case LiteralDefault(value=tuple() as values):
            return {"default": [_literal(column, value) for value in values]}
        case LiteralDefault(value=value):
            return {"default": _literal(column, value)}
    return {}


def _literal(column: Field, value: Any) -> Any:
    """A default in its JSON form: the model has numbers that JSON can't hold as text already."""
    return json.loads(value) if column.type == "Json" and column.kind == "scalar" else value


def _relation(field: Field) -> str:
    """A relation as text, e.g. ``posts*Post``, ``editor?User``, ``author:User(authorId=id)``."""
    mark = "*" if field.is_list else ":" if field.is_required else "?"
    relation = field.relation
    pairs = zip(relation.fields, relation.references, strict=True) if relation else ()
    keys = ",".join(f"{own}={other}" for own, other in pairs)
    return f"{field.name}{mark}{field.type}{f'({keys})' if keys else ''}"


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
