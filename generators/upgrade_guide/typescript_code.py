"""How TypeScript code names one thing of a schema, by the views that the types are generated with."""

from __future__ import annotations

from schemas.comparison.change import Subject
from schemas.model import Schema

from ..names.naming import javascript_accessor
from ..names.reserved_names import TYPESCRIPT_RESERVED
from ..rendering.render import typescript_string
from ..typescript_types.view import ModelView, schema_view

_VALUES = {
    "string": '"..."',
    "boolean": "true",
    "number": "1",
    "bigint": "1n",
    "DecimalString": '"1.0"',
    "Date": "new Date()",
    "Bytes": "new Uint8Array()",
}


class TypeScriptCode:
    """The code of one schema's types package, which is called ``package``."""

    def __init__(self, schema: Schema, package: str) -> None:
        self._schema = schema
        self._package = typescript_string(package)
        self._models = {model.name: model for model in schema_view(schema).models}

    def of(self, subject: Subject, name: str, key: tuple[str, ...]) -> str | None:
        """One line that uses what is called ``name``; None where code doesn't name it. ``key``: of these."""
        owner, _, member = name.partition(".")
        if subject == "enum":
            return f"import {{ {owner} }} from {self._package};"
        if subject == "value":
            return f"const value: {owner} = {owner}.{member};"
        model = self._models.get(owner)
        if model is None:
            return None
        if subject == "model":
            return f"import type {{ {owner} }} from {self._package};"
        if subject == "key":
            return self._key(model, key)
        return _field(model, member) if subject in ("field", "relation") else None

    def _key(self, model: ModelView, fields: tuple[str, ...]) -> str | None:
        of_schema = self._schema.models_by_name[model.name]
        keys = [*([of_schema.primary_key] if of_schema.primary_key else []), *of_schema.uniques]
        name = next((key.name for key in keys if key.fields == fields), None)
        if name is None or model.types.key is None:
            return None
        types = {column.name: column.type.removesuffix(" | null") for column in model.columns}
        values = {each: self._value(types[each]) for each in fields}
        if any(value is None for value in values.values()):
            return None
        members = ", ".join(f"{each}: {value}" for each, value in values.items())
        members = members if len(fields) == 1 else f"{name}: {{ {members} }}"
        return f"const key: {model.types.key} = {{ {members} }};"

    def _value(self, type_: str) -> str | None:
        if (enum := self._schema.enums_by_name.get(type_)) is not None:
            return f"{type_}.{enum.values[0].name}"
        return _VALUES.get(type_)


def _field(model: ModelView, name: str) -> str | None:
    types = {column.name: column.type for column in model.columns}
    types |= {relation.name: f"{relation.type} | undefined" for relation in model.relations}
    row = javascript_accessor(model.name)
    row = "row" if row in TYPESCRIPT_RESERVED or row == "value" else row
    return f"const value: {types[name]} = {row}.{name};" if name in types else None
