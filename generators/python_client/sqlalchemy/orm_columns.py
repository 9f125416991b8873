"""A field for SQLAlchemy: its type, its default, and the Python type of its values.

Expressions are spelled with the private names that tables.py imports. Text of the schema enters them through
``render.python_string`` only.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

from schemas.model import Enum, Field, FunctionDefault, LiteralDefault, Literalish, Model, NativeType

from ...rendering.render import python_string
from ..columns import MADE_HERE, stored_default

_DEFAULT_TYPES = {
    "String": NativeType("Text"), "Boolean": NativeType("Boolean"), "Int": NativeType("Integer"),
    "BigInt": NativeType("BigInt"), "Float": NativeType("DoublePrecision"),
    "Decimal": NativeType("Decimal", ("65", "30")), "DateTime": NativeType("Timestamp", ("3",)),
    "Json": NativeType("JsonB"), "Bytes": NativeType("ByteA"),
}  # fmt: skip
#: A native type in SQLAlchemy: what makes it, and arguments after the schema's own.
_TYPES = {
    "Text": ("_pg.TEXT", ""), "VarChar": ("_pg.VARCHAR", ""), "Char": ("_pg.CHAR", ""),
    "Citext": ("_pg.CITEXT", ""), "Uuid": ("_pg.UUID", ""), "Inet": ("_orm.InetText", ""),
    "Xml": ("_orm.DatabaseType", '"xml"'), "Bit": ("_pg.BIT", ""), "VarBit": ("_pg.BIT", "varying=True"),
    "Boolean": ("_pg.BOOLEAN", ""), "SmallInt": ("_pg.SMALLINT", ""), "Integer": ("_pg.INTEGER", ""),
    "BigInt": ("_pg.BIGINT", ""), "Oid": ("_pg.OID", ""), "Real": ("_pg.REAL", ""),
    "DoublePrecision": ("_pg.DOUBLE_PRECISION", ""), "Decimal": ("_pg.NUMERIC", ""),
    "Money": ("_orm.Money", ""), "Date": ("_pg.DATE", ""), "Timestamp": ("_orm.UtcDateTime", ""),
    "Timestamptz": ("_orm.UtcDateTime", "timezone=True"), "Time": ("_pg.TIME", ""),
    "Timetz": ("_pg.TIME", "timezone=True"), "Json": ("_pg.JSON", ""), "JsonB": ("_pg.JSONB", ""),
    "ByteA": ("_orm.Bytes", ""),
}  # fmt: skip
#: The same in SQL, for the cast of a list's default.
_SQL_TYPES = {
    "VarBit": "varbit", "DoublePrecision": "double precision", "Integer": "integer", "ByteA": "bytea",
}  # fmt: skip
_NAMED_PRECISION = frozenset({"Time", "Timetz"})
_ROW_TYPES = {
    "String": "str", "Boolean": "bool", "Int": "int", "BigInt": "int", "Float": "float",
    "Decimal": "_decimal.Decimal", "DateTime": "_datetime.datetime", "Json": "_JsonValue", "Bytes": "bytes",
}  # fmt: skip
_NATIVE_ROW_TYPES = {
    "Uuid": "_uuid.UUID", "Date": "_datetime.date", "Time": "_datetime.time", "Timetz": "_datetime.time",
}  # fmt: skip
_QUOTED = frozenset({"Bytes", "DateTime", "Json", "String"})


def row_type(field: Field) -> str:
    """The type of one value, as an annotation."""
    if field.kind == "unsupported":
        return "str"
    if field.kind == "enum":
        return f"_enums.{field.type}"
    native = field.native_type
    return _NATIVE_ROW_TYPES.get(native.name if native else "", _ROW_TYPES[field.type])


def column_type(field: Field) -> str:
    """The column's type as an expression."""
    item = _item_type(field)
    return f"_orm.array({item})" if field.is_list else item


def schema_of(database_schema: str | None) -> str | None:
    """A schema as SQLAlchemy needs it: no name for the one that is searched anyway.

    https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#setting-alternate-search-paths-on-connect
    """
    return None if database_schema == "public" else database_schema


def enum_type_name(enum: str) -> str:
    """The variable that holds an enum's type."""
    return f"_{enum}_"


def defaults(model: Model, field: Field, enums: Mapping[str, Enum], base: str) -> dict[str, str]:
    """Arguments of ``mapped_column`` for the default: whether the client or the server makes it."""
    if field.kind == "unsupported":
        return {"server_default": _unsupported_default(field), "deferred": "True"}
    made = {}
    if field.is_updated_at:
        moment = {"Date": ".date()", "Time": ".time()", "Timetz": ".timetz()"}.get(
            field.native_type.name if field.native_type else "", ""
        )
        made = dict.fromkeys(("default", "onupdate"), f"lambda: _orm.now(){moment}" if moment else "_orm.now")
    default = field.default
    if isinstance(default, LiteralDefault):
        return {**made, "server_default": _literal_default(field, default, enums)}
    if not isinstance(default, FunctionDefault):
        return made
    if default.name in MADE_HERE:
        return {**made, "default": _made(field)}
    return {**made, **_function_default(model, field, default, base)}


def _function_default(model: Model, field: Field, default: FunctionDefault, base: str) -> dict[str, str]:
    if default.name == "autoincrement":
        if field.is_id or (model.primary_key and field.name in model.primary_key.fields):
            return {"autoincrement": "True"}
        database_schema = schema_of(model.database_schema)
        schema = "None" if database_schema is None else python_string(database_schema)
        name = python_string(_sequence_name(model.table, field.column))
        return {"server_default": f"_orm.serial({base}, {name}, {schema})"}
    if default.name == "now":
        return {"server_default": '_orm.sql("CURRENT_TIMESTAMP")'}
    return {"server_default": _expression(default)}


def _expression(default: FunctionDefault) -> str:
    """``dbgenerated("...")``: the schema's SQL, or the database's own where it gives none."""
    if not default.arguments:
        return "_orm.made_by_database()"
    return f"_orm.sql({python_string(str(default.arguments[0]))})"


def _unsupported_default(field: Field) -> str:
    # Also where there is none: an INSERT must leave out a generated column, even NULL would be refused.
    return (
        _expression(field.default)
        if isinstance(field.default, FunctionDefault)
        else "_orm.made_by_database()"
    )


def _made(field: Field) -> str:
    name, _, argument = stored_default(field).rstrip(")").partition("(")
    maker = f"_ids.{name}" if name in ("nanoid", "ulid") else f"_ids.{name}{argument}"
    call = f"_ids.nanoid({argument})" if name == "nanoid" else f"{maker}()"
    if field.native_type and field.native_type.name == "Uuid":
        return f"lambda: _uuid.UUID({call})"
    return f"lambda: {call}" if name == "nanoid" else maker


def _item_type(field: Field) -> str:
    if field.kind == "unsupported":
        return f"_orm.DatabaseType({python_string(field.type)})"
    if field.kind == "enum":
        return enum_type_name(field.type)
    native = _native(field)
    type_, fixed = _TYPES[native.name]
    given = [str(int(argument)) for argument in native.arguments]
    if native.name in _NAMED_PRECISION:
        given = [f"precision={argument}" for argument in given]
    if native.name in ("Json", "JsonB") and not field.is_required:
        given = ["none_as_null=True"]
    return f"{type_}({', '.join(filter(None, [*given, fixed]))})"


def _native(field: Field) -> NativeType:
    return field.native_type or _DEFAULT_TYPES[field.type]


def _literal_default(field: Field, default: LiteralDefault, enums: Mapping[str, Enum]) -> str:
    value = default.value
    if isinstance(value, tuple):
        items = ", ".join(_sql_literal(field, item, enums) for item in value)
        return f"_orm.sql({python_string(f'ARRAY[{items}]::{_sql_type(field, enums)}[]')})"
    text = _text(field, value, enums)
    if _is_quoted(field) and "'" not in text:
        return python_string(text)
    # With a quote inside, SQL too: Alembic puts quotes around a plain string without looking into it.
    return f"_orm.sql({python_string(_sql_literal(field, value, enums))})"


def _is_quoted(field: Field) -> bool:
    return field.kind == "enum" or field.type in _QUOTED


def _sql_literal(field: Field, value: Literalish, enums: Mapping[str, Enum]) -> str:
    text = _text(field, value, enums)
    if not _is_quoted(field):
        return text
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


def _text(field: Field, value: Literalish, enums: Mapping[str, Enum]) -> str:
    """A literal as Postgres reads it from text."""
    if field.kind == "enum":
        return next(stored.database_name for stored in enums[field.type].values if stored.name == value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.type == "Bytes":
        return f"\\x{b64decode(str(value)).hex()}"
    return str(value)


def _sql_type(field: Field, enums: Mapping[str, Enum]) -> str:
    if field.kind == "enum":
        enum = enums[field.type]
        parts = [part for part in (enum.database_schema, enum.database_name) if part is not None]
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
    native = _native(field)
    name = _SQL_TYPES.get(native.name, native.name.lower())
    arguments = ",".join(str(int(argument)) for argument in native.arguments)
    return f"{name}({arguments})" if arguments else name


def _sequence_name(table: str, column: str) -> str:
    """What Postgres calls the sequence of a ``serial`` column: the longer name is cut first."""
    while len(f"{table}_{column}_seq".encode()) > 63:
        if len(table.encode()) > len(column.encode()):
            table = table[:-1]
        else:
            column = column[:-1]
    return f"{table}_{column}_seq"
