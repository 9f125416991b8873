"""Which name each generated declaration gets, when the schema may already use it.

A schema's own names always stay as they are. What we add (``ProductCreate``, ``Models``) steps aside with a
trailing ``_``: with models ``Api`` and ``ApiKey``, the key type of the first is ``ApiKey_``. A built-in that
the schema has a model of (``Date``) is reached through ``globalThis``.
"""

from __future__ import annotations

from schemas.model import Schema

#: What the package's hand-written modules export, by module: values, then types.
SUPPORT: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "json": (("fromJson", "toJson"), ("DecimalLike", "Encodable", "FromJson", "JsonForm")),
    "scalars": (
        (),
        (
            "Base64String",
            "BigIntString",
            "Bytes",
            "DateTimeString",
            "DecimalString",
            "JsonArray",
            "JsonInput",
            "JsonObject",
            "JsonValue",
        ),
    ),
    "version": (("SCHEMA_DIGEST", "SCHEMA_VERSION"), ()),
}


class Names:
    """The names in use."""

    def __init__(self, schema: Schema) -> None:
        self._own = frozenset(schema.models_by_name) | frozenset(schema.enums_by_name)
        self._taken = self._own.union(*(values + types for values, types in SUPPORT.values()))

    def derived(self, name: str) -> str:
        """``name``, with as many ``_`` as make it new; in use from now on."""
        while name in self._taken:
            name += "_"
        self._taken |= {name}
        return name

    def is_own(self, name: str) -> bool:
        """Whether the schema itself has a model or enum of this name."""
        return name in self._own

    def ambient(self, name: str) -> str:
        """How a built-in of JavaScript is written where the schema's names are in scope."""
        return f"globalThis.{name}" if name in self._own else name
