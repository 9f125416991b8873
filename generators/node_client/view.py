"""What the templates print about one package."""

from __future__ import annotations

from typing import Any

from schemas.model import Schema

from ..names.naming import javascript_accessor
from ..target import GenerationRequest

_TYPES = ("ClientOptions", "CreateClientOptions", "PgConfig", "PgPool", "PrismaPgOptions")


def client_view(request: GenerationRequest) -> dict[str, Any]:
    """``generated`` are the values that Prisma's code exports, ``values`` ours, ``constants`` ours by text.

    ``types`` leaves out names that the schema has a model or enum of: the schema's own names win.
    """
    schema = request.schema
    own = schema.models_by_name.keys() | schema.enums_by_name.keys()
    constants = {"SCHEMA_DIGEST": schema.digest, "SCHEMA_VERSION": str(request.version)}
    return {
        "name": request.names.node_client,
        "version": str(request.version),
        "schema_name": request.schema_name,
        "description": request.description,
        "generated": ["$Enums", "Prisma", "PrismaClient", *sorted(schema.enums_by_name)],
        "values": ["PrismaPg", *sorted(constants), "createClient"],
        "constants": constants,
        "types": [name for name in _TYPES if name not in own],
        "key_columns": _key_columns(schema),
        "delegate": javascript_accessor(schema.models[0].name) if schema.models else None,
    }


def _key_columns(schema: Schema) -> list[str]:
    keys = ((model, model.primary_key) for model in schema.models)
    return sorted({model.field(name).column for model, key in keys if key for name in key.fields})
