"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from ._runtime.compatibility.database_range import DatabaseRange
from ._runtime.schema import EnumData, Schema
from ._runtime.tables import ModelData

#: enum: (class, database schema, type, ((value, database value), ...))
ENUMS: dict[str, EnumData] = {
    "OrderState": (
        "OrderState",
        None,
        "order_state",
        (
            ("OPEN", "open"),
            ("SENT", "sent"),
            ("None", "None"),
        ),
    ),
}

#: model: (class, database schema, table, ((field, attribute, column, type, default), ...), {key: fields},
#: relations); see ``_runtime.tables.ModelData``.
MODELS: dict[str, ModelData] = {
    "Order": (
        "Order",
        None,
        "orders",
        (
            ("id", "id", "id", "int4", "database"),
            ("ref", "ref", "ref", "uuid", "uuid(4)"),
            ("state", "state", "state", "@OrderState", "database"),
            ("weight", "weight", "weight", "numeric?", ""),
            ("from", "from_", "sent_from", "text?", ""),
            ("tags", "tags", "tags", "text[]", ""),
            ("extra", "extra", "extra", "jsonb?", ""),
            ("at", "at", "at", "timestamp(3)", "updated_at()"),
        ),
        {
            "id": ("id",),
            "ref": ("ref",),
        },
        (("lines", "lines", "OrderLine", "children", ("id",), ("orderId",), None),),
    ),
    "OrderLine": (
        "OrderLine",
        None,
        "OrderLine",
        (
            ("orderId", "orderId", "order_id", "int4", ""),
            ("number", "number", "number", "int4", ""),
        ),
        {
            "orderId_number": ("orderId", "number"),
        },
        (("order", "order", "Order", "parent", ("orderId",), ("id",), None),),
    ),
}

#: model: the client's attribute
ACCESSORS: dict[str, str] = {
    "Order": "order",
    "OrderLine": "orderline",
}

#: The versions of the database that the clients work with.
DATABASE = DatabaseRange(
    schema_name="orders",
    package="orders-db",
    version="1.2.0-rc.1",
    oldest="1.2.0-rc.1",
    until="2.0.0",
    migrations="schema-migrations",
    has_lines=False,
    has_schemas=False,
)
SCHEMA = Schema(models=MODELS, enums=ENUMS, package=__name__.rpartition(".")[0], database=DATABASE)
