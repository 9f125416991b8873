"""Turns Prisma's datamodel (JSON) and the schema's text into :mod:`schemas.model` values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from ..model import (
    Default,
    Enum,
    EnumValue,
    Field,
    FieldKind,
    FunctionDefault,
    Key,
    LiteralDefault,
    Literalish,
    Model,
    NativeType,
    ReferentialAction,
    Relation,
    Schema,
)
from .attributes import first_string, index_condition, key_arguments, key_fields
from .source import Block, SchemaStatement, Token, blocks, string_value

_JsonObject = Mapping[str, Any]


def read_schema(text: str, datamodel: _JsonObject, database_schemas: Sequence[str]) -> Schema:
    """``text`` is the formatted schema that ``datamodel`` was made from."""
    by_name = {block.name: block for block in blocks(text) if block.keyword in ("model", "view", "enum")}
    keys: dict[str, list[_JsonObject]] = {}
    for index in datamodel["indexes"]:
        keys.setdefault(index["model"], []).append(index)
    return Schema(
        text=text,
        models=tuple(
            _model(given, by_name[given["name"]], keys.get(given["name"], ()))
            for given in datamodel["models"]
        ),
        enums=tuple(_enum(given, by_name[given["name"]]) for given in datamodel["enums"]),
        database_schemas=tuple(database_schemas) or ("public",),
    )


def _model(given: _JsonObject, block: Block, keys: Sequence[_JsonObject]) -> Model:
    primary = [_key(key) for key in keys if key["type"] == "id"]
    uniques = [_key(key) for key in keys if key["type"] == "unique"]
    uniques = _with_conditions(uniques, "unique", block)
    indexes = [_key(key) for key in keys if key["type"] not in ("id", "unique")]
    return Model(
        name=given["name"],
        table=given.get("dbName") or given["name"],
        database_schema=given.get("schema"),
        fields=tuple(_fields(given["fields"], block)),
        primary_key=primary[0] if primary else None,
        uniques=tuple(key for key in uniques if key.where is None),
        partial_uniques=tuple(key for key in uniques if key.where is not None),
        indexes=tuple(_with_conditions(indexes, "index", block)),
        is_view=block.keyword == "view",
        documentation=given.get("documentation"),
    )


def _key(given: _JsonObject) -> Key:
    fields = tuple(part["name"] for part in given["fields"])
    return Key(given.get("name") or "_".join(fields), fields)


def _with_conditions(keys: Sequence[Key], kind: str, block: Block) -> list[Key]:
    """The keys with the conditions that the datamodel leaves out. Keys over the same fields are in the text's
    order in both."""
    conditions: dict[tuple[str, ...], list[str | None]] = {}
    for statement in block.statements:
        arguments = key_arguments(statement, kind)
        if arguments is not None:
            names = tuple(part[0].text for part in key_fields(statement, arguments))
            conditions.setdefault(names, []).append(index_condition(arguments, block))
    return [replace(key, where=conditions[key.fields].pop(0)) for key in keys]


def _fields(given: Sequence[_JsonObject], block: Block) -> list[Field]:
    """The datamodel's fields, with the Unsupported ones, which it leaves out, in between."""
    known = {field["name"]: field for field in given}
    fields: list[Field] = []
    for statement in block.statements:
        if statement.name in known:
            fields.append(_field(known[statement.name], statement))
        elif not statement.is_attribute and not statement.has("@", "ignore"):
            fields.append(_unsupported(statement))
    return fields


def _field(given: _JsonObject, statement: SchemaStatement) -> Field:
    native = given.get("nativeType")
    return Field(
        name=given["name"],
        kind=cast(FieldKind, given["kind"]),
        type=given["type"],
        column=given.get("dbName") or given["name"],
        is_list=given["isList"],
        is_required=given["isRequired"],
        is_id=given["isId"],
        is_unique=given["isUnique"],
        is_updated_at=given["isUpdatedAt"],
        is_foreign_key=given["isReadOnly"],
        default=_default(given, statement) if given["hasDefaultValue"] else None,
        native_type=NativeType(native[0], tuple(str(argument) for argument in native[1])) if native else None,
        relation=_relation(given) if given["kind"] == "object" else None,
        documentation=given.get("documentation"),
    )


def _relation(given: _JsonObject) -> Relation:
    return Relation(
        name=given["relationName"],
        fields=tuple(given["relationFromFields"]),
        references=tuple(given["relationToFields"]),
        on_delete=cast(ReferentialAction | None, given.get("relationOnDelete")),
        on_update=cast(ReferentialAction | None, given.get("relationOnUpdate")),
    )


def _default(given: _JsonObject, statement: SchemaStatement) -> Default:
    value = given["default"]
    if isinstance(value, Mapping):
        return FunctionDefault(value["name"], tuple(value["args"]))
    if given["type"] == "Decimal":
        # JSON numbers would be rounded; the text has every digit.
        tokens = statement.arguments("@", "default") or ()
        digits = tuple(_digits(token) for token in tokens if token.kind in ("number", "string"))
        return LiteralDefault(digits if given["isList"] else digits[0])
    if isinstance(value, list):
        return LiteralDefault(tuple(_literal(item, given["type"]) for item in value))
    return LiteralDefault(_literal(value, given["type"]))


def _digits(token: Token) -> str:
    """``2.00``, ``"2.00"`` and ``"1e5"``: the digits that Prisma writes into SQL."""
    return format(Decimal(string_value(token) if token.kind == "string" else token.text), "f")


def _literal(value: Literalish, type_name: str) -> Literalish:
    return float(value) if type_name == "Float" else value


def _unsupported(statement: SchemaStatement) -> Field:
    arguments = statement.arguments("Unsupported") or ()
    mapped = statement.arguments("@", "map")
    default = statement.arguments("@", "default")
    return Field(
        name=statement.name,
        kind="unsupported",
        type=string_value(arguments[0]),
        column=first_string(mapped or ()) or statement.name,
        is_list=statement.has(")", "[", "]"),
        is_required=not statement.has(")", "?"),
        default=_database_default(statement) if default else None,
    )


def _database_default(statement: SchemaStatement) -> FunctionDefault:
    """Prisma allows no other default than ``dbgenerated`` on an Unsupported field."""
    expression = first_string(statement.arguments("dbgenerated") or ())
    return FunctionDefault("dbgenerated", () if expression is None else (expression,))


def _enum(given: _JsonObject, block: Block) -> Enum:
    schema = block.statement("@@schema")
    return Enum(
        name=given["name"],
        database_name=given.get("dbName") or given["name"],
        database_schema=first_string(schema.tokens) if schema else None,
        values=tuple(
            EnumValue(
                name=value["name"],
                database_name=value.get("dbName") or value["name"],
                documentation=value.get("documentation"),
            )
            for value in given["values"]
        ),
        documentation=given.get("documentation"),
    )
