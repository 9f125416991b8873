"""Orders and what is in them

Generated from version 1.2.0-rc.1 of the orders schema.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from . import enums, errors, fields
from ._registration import get_client, register, unregister
from .async_client import AsyncClient
from .client import Client
from .fields import Base64, Json

if TYPE_CHECKING:
    from . import bases, bodies, models, partials, tables, types
    from .metrics import Metric, MetricHistogram, Metrics

#: The version of the schema that this package was generated from.
SCHEMA_VERSION = "1.2.0-rc.1"
#: sha256 of that schema; the packages of the same version for other languages carry the same.
SCHEMA_DIGEST = "41b881543b27cf537c497395baca469709bab6c0f8a7061819511d9b97be4172"

__version__ = "1.2.0rc1"

#: The client this package is configured to prefer.
Prisma = AsyncClient

__all__ = [
    "SCHEMA_DIGEST",
    "SCHEMA_VERSION",
    "AsyncClient",
    "Base64",
    "Client",
    "Json",
    "Metric",
    "MetricHistogram",
    "Metrics",
    "Prisma",
    "__version__",
    "bases",
    "bodies",
    "enums",
    "errors",
    "fields",
    "get_client",
    "models",
    "partials",
    "register",
    "tables",
    "types",
    "unregister",
]


if not TYPE_CHECKING:  # to a checker, a module with this function has every name

    def __getattr__(name: str) -> ModuleType | type:
        """Imports these on first use: their classes take longer than the rest."""
        from importlib import import_module

        if name in ("bases", "bodies", "models", "partials", "tables", "types"):
            return import_module(f".{name}", __name__)
        if name in ("Metric", "MetricHistogram", "Metrics"):
            return getattr(import_module(".metrics", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
