"""How Python code names one thing of a schema, by the functions that the client is generated with."""

from __future__ import annotations

from schemas.comparison.change import Subject
from schemas.model import Field, Model, Schema

from ..names.naming import python_accessor, python_attribute, python_member
from ..python_client.model_keys import model_keys
from ..python_client.view import row_type
from ..rendering.render import python_string

#: The generated modules import these under private names.
_PUBLIC = {
    "_builtins.": "",
    "_datetime.": "datetime.",
    "_decimal.": "decimal.",
    "_enums.": "enums.",
    "_JsonValue": "pydantic.JsonValue",
    "_Base64": "Base64",
}
_VALUES = {
    "String": '"..."',
    "Boolean": "True",
    "Int": "1",
    "BigInt": "1",
    "Float": "1.0",
    "Decimal": '"1.0"',
    "DateTime": "datetime.datetime.now(datetime.UTC)",
    "Bytes": 'b"..."',
}


class PythonCode:
    """The code of one schema's client. ``is_asyncio``: the interface that its team prefers."""

    def __init__(self, schema: Schema, *, is_asyncio: bool) -> None:
        self._schema = schema
        self._db = "await db" if is_asyncio else "db"

    def of(self, subject: Subject, name: str, key: tuple[str, ...]) -> str | None:
        """One line that uses what is called ``name``; None where code doesn't name it. ``key``: of these."""
        owner, _, member = name.partition(".")
        if subject == "partial":
            return f"partials.{owner}"
        if subject in ("enum", "value"):
            return f"enums.{owner}.{python_member(member)}" if member else f"list(enums.{owner})"
        model = self._schema.models_by_name.get(owner)
        if model is None:
            return None
        if subject in ("model", "attribute"):
            return f"rows = {self._db}.{_accessor(model)}.find_many()"
        if subject == "key":
            return self._key(model, key)
        return _field(model, member) if subject in ("field", "relation") else None

    def _key(self, model: Model, fields: tuple[str, ...]) -> str | None:
        name = next((name for name, of_key in model_keys(model) if of_key == fields), None)
        if name is None:
            return None
        values = {each: _value(model.field(each), self._schema) for each in fields}
        if any(value is None for value in values.values()):
            return None
        where = ", ".join(f"{python_string(each)}: {value}" for each, value in values.items())
        where = where if len(fields) == 1 else f"{python_string(name)}: {{{where}}}"
        return f"row = {self._db}.{_accessor(model)}.find_unique({{{where}}})"


def _accessor(model: Model) -> str:
    return python_accessor(model.name, model.documentation)


def _field(model: Model, name: str) -> str | None:
    field = next((each for each in model.row_fields if each.name == name), None)
    if field is None:
        return None
    type_ = row_type(field, frozenset(), f"models.{field.type}")
    for private, public in _PUBLIC.items():
        type_ = type_.replace(private, public)
    has_none = "" if field.is_always_there else " | None"
    row = _accessor(model)
    row = "row" if row == "value" else row
    return f"value: {type_}{has_none} = {row}.{python_attribute(model, name)}"


def _value(field: Field, schema: Schema) -> str | None:
    if field.kind == "enum":
        return f"enums.{field.type}.{python_member(schema.enums_by_name[field.type].values[0].name)}"
    return _VALUES.get(field.type)
