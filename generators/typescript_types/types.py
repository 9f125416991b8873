"""The TypeScript type of a column's value, in a row and in JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.model import Field

from .names import Names

_PLAIN = {"String": "string", "Boolean": "boolean", "Int": "number", "Float": "number", "BigInt": "bigint"}
_IMPORTED = {"Bytes": "Bytes", "Decimal": "DecimalString", "Json": "JsonValue"}

#: Scalars that JSON has no type for, with the name of the string type that carries them.
WIRE = {
    "BigInt": "BigIntString",
    "Bytes": "Base64String",
    "DateTime": "DateTimeString",
    "Decimal": "DecimalString",
}


@dataclass
class TypeWriter:
    """Writes types for one module and notes what that module has to import for them."""

    names: Names
    scalars: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)

    def value(self, column: Field) -> str:
        """A row's type of the column, e.g. ``Date | null`` or ``string[]``."""
        return _wrapped(self._one(column), column)

    def input(self, column: Field) -> str:
        """The type to write the column with: its value, but no bare JSON null, which Prisma refuses.

        Where a Json column can have no value, ``$Null`` is what says so.
        """
        if column.type != "Json":
            return self.value(column)
        item = self._scalar("JsonInput")
        return f"{item}[]" if column.is_list else f"{item} | $Null" if can_be_json_null(column) else item

    def wire(self, column: Field) -> str:
        """The JSON form's type of the column, e.g. ``DateTimeString | null``."""
        item = self._scalar(WIRE[column.type]) if column.type in WIRE else self._one(column)
        return _wrapped(item, column)

    def not_null(self, column: Field) -> str:
        """The type of the column's value where it has one."""
        return self._one(column)

    @property
    def scalar_specifiers(self) -> str:
        """What to import from ``scalars``; renamed where the schema has a model or enum of that name."""
        local = {name: self._local(name) for name in sorted(self.scalars)}
        return ", ".join(name if name == own else f"{name} as {own}" for name, own in local.items())

    @property
    def enum_specifiers(self) -> str:
        """What to import from ``enums``."""
        return ", ".join(sorted(self.enums))

    def _one(self, column: Field) -> str:
        if column.kind == "enum":
            self.enums.add(column.type)
            return column.type
        if column.type == "DateTime":
            return self.names.ambient("Date")
        return _PLAIN.get(column.type) or self._scalar(_IMPORTED[column.type])

    def _scalar(self, name: str) -> str:
        self.scalars.add(name)
        return self._local(name)

    def _local(self, name: str) -> str:
        return f"${name}" if self.names.is_own(name) else name


def can_be_json_null(column: Field) -> bool:
    """Whether it is a Json column that can have no value at all."""
    return column.type == "Json" and column.kind == "scalar" and not column.is_required and not column.is_list


def _wrapped(item: str, column: Field) -> str:
    if column.is_list:
        return f"{item}[]"
    return item if column.is_required else f"{item} | null"
