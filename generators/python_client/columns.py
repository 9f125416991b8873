"""What a Prisma field is in Postgres and in Python."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Field, FunctionDefault

#: A native type (``@db.X``) as the runtime's codecs spell it; ``{}`` stands for its precision.
#: https://www.prisma.io/docs/orm/core-concepts/supported-databases/postgresql#native-type-mapping
_NATIVE_TYPES = {
    "Text": "text", "VarChar": "varchar", "Char": "bpchar", "Citext": "citext", "Uuid": "uuid",
    "Inet": "inet", "Xml": "xml", "Bit": "varbit", "VarBit": "varbit", "Boolean": "bool",
    "SmallInt": "int2", "Integer": "int4", "BigInt": "int8", "Oid": "oid", "Real": "float4",
    "DoublePrecision": "float8", "Decimal": "numeric", "Money": "money", "Date": "date",
    "Timestamp": "timestamp({})", "Timestamptz": "timestamptz({})", "Time": "time({})",
    "Timetz": "timetz({})", "Json": "json", "JsonB": "jsonb", "ByteA": "bytea",
}  # fmt: skip
_DEFAULT_TYPES = {
    "String": "text", "Boolean": "bool", "Int": "int4", "BigInt": "int8", "Float": "float8",
    "Decimal": "numeric", "DateTime": "timestamp(3)", "Json": "jsonb", "Bytes": "bytea",
}  # fmt: skip
_NUMBERS = frozenset({"BigInt", "Decimal", "Float", "Int"})
_FULL_PRECISION = "6"  # the default types, if the schema names none
MADE_HERE = frozenset({"cuid", "nanoid", "ulid", "uuid"})


@dataclass(frozen=True, slots=True)
class PythonType:
    """A scalar's types in annotations: of values in rows, of input in ``data``, of the filter in a ``where``.

    They are spelled with the names that models.py (private ones) and types.py import.
    """

    row: str
    data: str
    filter: str

    @property
    def items(self) -> str:
        """A list of input. Any list of its types will do where one can't be mistaken for a value: a ``str``
        is a sequence of ``str``."""
        named = {
            "DecimalInput": "DecimalItems",
            "DateTimeInput": "DateTimeItems",
            "JsonFieldInput": "JsonItems",
        }
        if self.data in named:
            return f"filters.{named[self.data]}"
        return f"list[{self.data}]" if self.data == "str" else f"Sequence[{self.data}]"

    def of_lists(self, kind: str) -> str:
        """The type of a list's operations: ``kind`` is Filter, Set or Update."""
        return f"{self.filter.removesuffix('Filter')}List{kind}"


SCALARS = {
    "String": PythonType("str", "str", "filters.StringFilter"),
    "Boolean": PythonType("bool", "bool", "filters.BooleanFilter"),
    "Int": PythonType("int", "int", "filters.IntFilter"),
    "BigInt": PythonType("int", "int", "filters.IntFilter"),
    "Float": PythonType("float", "float", "filters.FloatFilter"),
    "Decimal": PythonType("_decimal.Decimal", "DecimalInput", "filters.DecimalFilter"),
    "DateTime": PythonType("_datetime.datetime", "DateTimeInput", "filters.DateTimeFilter"),
    "Json": PythonType("_JsonValue", "JsonFieldInput", "filters.JsonFilter"),
    "Bytes": PythonType("_Base64", "BytesInput", "filters.BytesFilter"),
}


def python_type(field: Field) -> PythonType:
    """The types of one value of a column (for a list: of one item)."""
    if field.kind == "enum":
        return PythonType(f"_enums.{field.type}", f"{field.type}OrName", f"{field.type}Filter")
    return SCALARS[field.type]


def is_number(field: Field) -> bool:
    """Whether the column has sums and averages."""
    return field.kind == "scalar" and field.type in _NUMBERS and not field.is_list


def stored_type(field: Field) -> str:
    """The column's type as the runtime spells it: ``int4``, ``timestamp(3)?``, ``@Role[]``."""
    suffix = "[]" if field.is_list else "" if field.is_required else "?"
    if field.kind == "enum":
        return f"@{field.type}{suffix}"
    native = field.native_type
    if native is None:
        return _DEFAULT_TYPES[field.type] + suffix
    if native.name == "Bit" and field.is_list:
        return "bit[]"  # a single value compares with varbit, a list of them doesn't
    precision = native.arguments[0] if native.arguments else _FULL_PRECISION
    return _NATIVE_TYPES[native.name].format(precision) + suffix


def stored_default(field: Field) -> str:
    """Who gives the column a value that a create leaves out; see the runtime's ``columns.ColumnData``."""
    if field.is_updated_at:
        return "updated_at()"
    default = field.default
    if isinstance(default, FunctionDefault) and default.name in MADE_HERE:
        return f"{default.name}({_argument(default)})"
    if default == FunctionDefault("now"):
        return "now()"
    return "" if default is None else "database"


def _argument(default: FunctionDefault) -> str:
    if default.arguments:
        return str(default.arguments[0])
    return {"uuid": "4", "cuid": "1", "nanoid": "21"}.get(default.name, "")
