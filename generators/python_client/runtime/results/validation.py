"""Whether pydantic's validation of a row would change or refuse anything, according to its own core schema.

That schema has everything that a class adds to its annotations: validators, constraints, aliases, settings.
What leaves a row's values unchanged is listed here; with anything else, rows are validated.
https://docs.pydantic.dev/latest/api/pydantic_core_schema/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

from pydantic_core import SchemaValidator

from ..columns import Column
from ..public.fields import Base64

Node: TypeAlias = Mapping[str, Any]

#: Keys that describe a node to people, to JSON Schema and to the serializer.
_HARMLESS = frozenset({"type", "metadata", "ref", "serialization"})
_FIELD = _HARMLESS | {
    "schema", "name", "frozen", "kw_only", "required", "validation_alias", "serialization_alias",
    "serialization_exclude", "serialization_exclude_if",
}  # fmt: skip
_CLASS = _HARMLESS | {
    "cls", "cls_name", "schema", "config", "generic_origin", "fields", "computed_fields", "frozen", "slots",
    "total",
}  # fmt: skip
_FIELDS = _HARMLESS | {"fields", "computed_fields", "model_name", "dataclass_name", "collect_init_only"}
_CONFIG = frozenset({
    "title", "frozen", "from_attributes", "hide_input_in_errors", "loc_by_alias", "populate_by_name",
    "validate_by_name", "serialize_by_alias", "ser_json_timedelta", "ser_json_temporal", "ser_json_bytes",
    "ser_json_inf_nan",
})  # fmt: skip
#: Settings and switches that change nothing with this value alone.
_OFF = {
    "custom_init": False, "root_model": False, "post_init": (None, False), "validate_by_alias": True,
    "extra_fields_behavior": ("ignore", "forbid"), "extra_behavior": ("ignore", "forbid"), "init": True,
    "init_only": False,
}  # fmt: skip
_SCALARS: dict[Any, str] = {
    str: "str", bool: "bool", int: "int", float: "float", Decimal: "decimal", datetime: "datetime",
    bytes: "bytes",
}  # fmt: skip
_BASE64 = {"type": "no-info", "function": Base64._validated}  # pyright: ignore[reportPrivateUsage]
_JSON = "pydantic.types.JsonValue:"
#: Types of defaults that pydantic uses without copying.
_CONSTANTS = (type(None), bool, int, float, str, bytes)


class Kind(Enum):
    """The kind of a class, which decides how its instances are made."""

    MODEL = auto()
    DATACLASS = auto()
    SLOTTED = auto()
    TYPED_DICT = auto()


class FormField(NamedTuple):
    """A field: its ``key`` in a dict, what validates it (``whole``; ``node`` where it is not None)."""

    key: str
    whole: Node
    node: Node
    has_none: bool
    has_default: bool
    default: Any


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A class whose instances can be made without validation. ``fields`` are by attribute, in order;
    ``attributes`` are by their keys in a dict."""

    row_class: type[Any]
    kind: Kind
    fields: dict[str, FormField]
    attributes: dict[str, str]
    validator: Callable[[FormField], SchemaValidator]

    def refused(self, attribute: str) -> Callable[[Any], Any]:
        """Validates a value of a field by itself: it raises the ValidationError that says what is wrong."""
        field = self.fields[attribute]

        def refused(value: Any) -> Any:
            values, _, _ = self.validator(field).validate_python({field.key: value})
            return values[field.key]

        return refused


class Schemas:
    """The core schema of a list of rows; ``rows`` is what validates one."""

    def __init__(self, schema: Any) -> None:
        self._definitions: dict[str, Node] = {}
        if schema["type"] == "definitions":
            self._definitions = {node["ref"]: node for node in schema["definitions"]}
            schema = schema["schema"]
        self.rows: Node = self._resolved(schema)["items_schema"]

    def form(self, node: Node | None) -> Form | None:
        """The form of a class, or None if some field's default or settings need validation."""
        if node is None:
            return None
        node = self._resolved(node)
        config: Node = node.get("config") or {}
        kind = _kind(node)
        inner = node if kind is Kind.TYPED_DICT else node.get("schema", node)
        is_known = _knows(node, _CLASS) and _knows(config, _CONFIG) and _knows(inner, _CLASS | _FIELDS)
        new = dict.__new__ if kind is Kind.TYPED_DICT else object.__new__
        if kind is None or not is_known or node["cls"].__new__ is not new:
            return None
        if inner["type"] not in ("model-fields", "dataclass-args", "typed-dict"):
            return None
        given = inner["fields"]
        named: Iterable[tuple[str, Node]] = (
            cast("Mapping[str, Node]", given).items()
            if isinstance(given, dict)
            else [(field["name"], field) for field in cast("list[Node]", given)]
        )
        fields: dict[str, FormField] = {}
        for name, field in named:
            made = self._field(name, field)
            if made is None:
                return None
            fields[name] = made
        attributes = {field.key: name for name, field in fields.items()}
        if len(attributes) < len(fields):
            return None
        return Form(node["cls"], kind, fields, attributes, partial(self._validator, node["cls"], config))

    def keeps(self, field: FormField, column: Column, *, is_plain: bool) -> bool:
        """Whether a column's values go through validation unchanged, if it doesn't refuse them."""
        node = self._resolved(field.node)
        if node["type"] == "any":
            return True
        if column.is_list:
            if node["type"] != "list" or not _knows(node, _HARMLESS | {"items_schema"}):
                return False
            node = self._resolved(node.get("items_schema", {"type": "any"}))
        return _fits(node, bytes if is_plain else column.codec.holds)

    def related(self, field: FormField, *, is_list: bool) -> Node | None:
        """What validates a related row, if the field is such rows without further constraints."""
        node = self._resolved(field.node)
        if not is_list:
            return node
        if node["type"] != "list" or not _knows(node, _HARMLESS | {"items_schema"}):
            return None
        items: Node | None = node.get("items_schema")
        return items

    def _validator(self, row_class: type[Any], config: Node, field: FormField) -> SchemaValidator:
        node = {"type": "model-field", "schema": field.whole}
        schema: Any = {"type": "model-fields", "fields": {field.key: node}}
        if self._definitions:
            definitions = list(self._definitions.values())
            schema = {"type": "definitions", "schema": schema, "definitions": definitions}
        whole: Any = {**config, "title": row_class.__name__}
        return SchemaValidator(schema, whole)

    def _resolved(self, node: Node) -> Node:
        while node["type"] == "definition-ref" and _knows(node, _HARMLESS | {"schema_ref"}):
            node = self._definitions[node["schema_ref"]]
        return node

    def _field(self, name: str, field: Node) -> FormField | None:
        if not _knows(field, _FIELD):
            return None
        whole: Node = field["schema"]
        node = self._resolved(whole)
        has_default = node["type"] == "default"
        default = node.get("default")
        if has_default:
            is_constant = "default" in node and isinstance(default, (*_CONSTANTS, Enum))
            if not is_constant or not _knows(node, _HARMLESS | {"schema", "default"}):
                return None
            node = self._resolved(node["schema"])
        has_none = node["type"] == "nullable" and _knows(node, _HARMLESS | {"schema"})
        if has_none:
            node = self._resolved(node["schema"])
        key = field.get("validation_alias", name)
        if not isinstance(key, str):
            return None
        return FormField(key, whole, node, has_none or node["type"] == "any", has_default, default)


def _kind(node: Node) -> Kind | None:
    match node["type"]:
        case "model":
            return Kind.MODEL
        case "dataclass":
            return Kind.SLOTTED if node.get("slots") else Kind.DATACLASS
        case "typed-dict" if "cls" in node:
            return Kind.TYPED_DICT
        case _:
            return None


def _fits(node: Node, holds: Any) -> bool:
    """Whether a node accepts what is of exactly this type as it is."""
    kind = node["type"]
    if kind == "any":
        return True
    if holds is object:
        return bool(kind == "json-or-python" and node.get("ref", "").startswith(_JSON))
    if kind == "enum":
        return node["cls"] is holds and _knows(node, _HARMLESS | {"cls", "members", "sub_type", "missing"})
    if kind == "function-plain":
        return holds is Base64 and node["function"] == _BASE64 and _knows(node, _HARMLESS | {"function"})
    return _SCALARS.get(holds) == kind and _knows(node, _HARMLESS | {"microseconds_precision"})


def _knows(node: Node, known: frozenset[str]) -> bool:
    """Whether every key of a node is known, or switched off."""
    return all(key in known or (key in _OFF and _is_off(value, _OFF[key])) for key, value in node.items())


def _is_off(value: Any, off: Any) -> bool:
    return value in off if isinstance(off, tuple) else value == off
