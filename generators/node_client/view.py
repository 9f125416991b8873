"""What the templates print about one package."""

from __future__ import annotations

from typing import Any

from schemas.model import Model, Schema

from ..database_range import database_range
from ..manual import closing_sections
from ..names.naming import javascript_accessor
from ..target import GenerationRequest

_DATES = ("exactDate", "exactText")
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
        "migrations_name": request.names.python_migrations,
        "database_range": database_range(request),
        "description": request.description,
        "generated": ["$Enums", "Prisma", "PrismaClient", *sorted(schema.enums_by_name)],
        "values": ["PrismaPg", *sorted(constants), "createClient", *_DATES],
        "dates": _DATES,
        "constants": constants,
        "types": [name for name in _TYPES if name not in own],
        "key_columns": _key_columns(schema),
        "scope": request.names.node_client.partition("/")[0] if "/" in request.names.node_client else "",
        "model": schema.models[0].name if schema.models else None,
        "models": [_listed(model) for model in schema.models],
        "closing": closing_sections(request, "node"),
        "delegate": javascript_accessor(schema.models[0].name) if schema.models else None,
        "moment": _moment(schema),
    }


def _key_columns(schema: Schema) -> list[str]:
    keys = ((model, model.primary_key) for model in schema.models)
    return sorted({model.field(name).column for model, key in keys if key for name in key.fields})


def _listed(model: Model) -> dict[str, Any]:
    fields = [field.name for field in model.fields]
    return {"name": model.name, "accessor": javascript_accessor(model.name), "fields": fields}


def _moment(schema: Schema) -> dict[str, str] | None:
    """The first field that is a date and a time, for an example."""
    found = ((model, field) for model in schema.models for field in model.columns)
    moments = ((model, field) for model, field in found if field.type == "DateTime" and not field.is_list)
    model, field = next(moments, (None, None))
    if model is None or field is None:
        return None
    return {"delegate": javascript_accessor(model.name), "field": field.name}
