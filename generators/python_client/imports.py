"""The import lines of generated modules, in isort's order.

Names are private: a schema's own names never begin with an underscore, so none can clash.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..target import Interface
from .body_view import Body
from .partial_view import PartialView
from .sqlalchemy.orm_view import OrmView
from .view import FieldView, ModelView

_MODULES = {"Actions": "actions", "KeyedReads": "read_methods", "Reads": "read_methods"}
_ALIASES = ["from typing import TypeAlias as _TypeAlias"]
_CHECKING = "from typing import TYPE_CHECKING as _TYPE_CHECKING"


def model_imports(models: tuple[ModelView, ...]) -> list[str]:
    """The import lines of models.py."""
    standard, pydantic, own = _field_imports([field for model in models for field in model.fields])
    aliases = _ALIASES if any(model.targets for model in models) else []
    rows = ["from ._runtime.results.model import Row as _Row"] if models else []
    checking = [_CHECKING] if models else []
    return _grouped([*standard, *checking, *aliases], pydantic, [*own, *rows])


def partial_imports(partials: tuple[PartialView, ...]) -> list[str]:
    """The import lines of partials.py."""
    fields = [field for partial in partials for field in partial.fields]
    standard, pydantic, own = _field_imports(fields)
    aliases = _ALIASES if any(partial.targets for partial in partials) else []
    bases = ["from . import bases as _bases"] if partials else []
    models = ["from . import models as _models"] if any("_models." in field.type for field in fields) else []
    # isort's order: modules of the package first.
    modules = sorted([*bases, *models, *(line for line in own if line.startswith("from . "))])
    rest = [line for line in own if not line.startswith("from . ")]
    return _grouped([*standard, *aliases], pydantic, [*modules, *rest])


def _field_imports(fields: Sequence[FieldView]) -> tuple[list[str], list[str], list[str]]:
    """The imports that the fields' lines need: standard library, pydantic, the package itself."""
    types = [field.type for field in fields]
    uses_field = any("_Field(" in field.default for field in fields)
    standard = [
        f"import {module} as _{module}"
        for module in ("builtins", "datetime", "decimal")
        if any(f"_{module}." in type_ for type_ in types)
    ]
    pydantic = ["from pydantic import Field as _Field"] if uses_field else []
    own = ["from . import enums as _enums"] if any("_enums." in type_ for type_ in types) else []
    if any("_Base64" in type_ for type_ in types):
        own.append("from ._runtime.public.fields import Base64 as _Base64")
    if any("_JsonValue" in type_ for type_ in types):
        own.append("from ._runtime.public.fields import JsonValue as _JsonValue")
    return standard, pydantic, own


def base_imports(models: tuple[ModelView, ...]) -> list[str]:
    """The import lines of bases.py."""
    return _grouped([_CHECKING], ["from ._runtime.results.access import Access as _Access"]) if models else []


def checking_imports(models: tuple[ModelView, ...], interface: Interface) -> list[str]:
    """What models.py and bases.py import for checkers alone: the actions of the client that is preferred."""
    if not models:
        return []
    is_async = interface == "asyncio"
    mode, prefix = ("aio", "Async") if is_async else ("sync", "")
    kinds = sorted({model.actions for model in models})
    runtime = [
        f"from ._runtime.client.{mode}.{_MODULES[kind]} import {prefix}{kind} as _{kind}" for kind in kinds
    ]
    never = (
        ["from typing import Never as _Never"] if any("_Never" in model.inputs for model in models) else []
    )
    client = f"from .{'async_client' if is_async else 'client'} import {prefix}Client as _Prisma"
    return _grouped(
        [*never, "from typing import Self as _Self"], ["from . import types as _types", *runtime, client]
    )


def body_imports(bodies: tuple[Body, ...]) -> list[str]:
    """The import lines of bodies.py."""
    text = "\n".join(field.line for body in bodies for field in body.fields)
    typing = [
        f"from typing import {name} as _{name}"
        for name, is_used in (
            ("TYPE_CHECKING", any(body.data for body in bodies)),
            ("Annotated", "_Annotated[" in text),
        )
        if is_used
    ]
    pydantic = ["from pydantic import Field as _Field"] if "_Field(" in text else []
    builtins = ["import builtins as _builtins"] if "_builtins." in text else []
    enums = ["from . import enums as _enums"] if "_enums." in text else []
    wire = ["from ._runtime.public import json_bodies as _wire"] if bodies else []
    return _grouped([*builtins, *typing], pydantic, [*enums, *wire])


def table_imports(tables: OrmView) -> list[str]:
    """The import lines of tables.py."""
    text = tables.text
    standard = [
        f"import {module} as _{module}"
        for module in ("builtins", "datetime", "decimal", "uuid")
        if f"_{module}." in text
    ]
    models = [model for model in tables.models if not model.is_table]
    has_options = any(model.options or model.identity for model in models)
    aliases = ["from typing import Any as _Any"] if has_options else []
    aliases += ["from typing import ClassVar as _ClassVar"] if tables.has_views else []
    aliases += ["from typing import TypeAlias as _TypeAlias"] if tables.aliases else []
    library = [
        line
        for line, is_used in (
            ("from sqlalchemy import Column as _Column", any(model.is_table for model in tables.models)),
            ("from sqlalchemy import MetaData as _MetaData", tables.has_views),
            (
                "from sqlalchemy import PrimaryKeyConstraint as _PrimaryKeyConstraint",
                any("_PrimaryKeyConstraint(" in model.options for model in models),
            ),
            ("from sqlalchemy import Table as _Table", any(model.is_table for model in tables.models)),
            ("from sqlalchemy import and_ as _and", "_and(" in text),
            ("from sqlalchemy.dialects import postgresql as _pg", "_pg." in text),
            ("from sqlalchemy.orm import DeclarativeBase as _DeclarativeBase", True),
            ("from sqlalchemy.orm import Mapped as _Mapped", bool(models)),
            ("from sqlalchemy.orm import mapped_column as _column", bool(models)),
            ("from sqlalchemy.orm import relationship as _relationship", "_relationship(" in text),
        )
        if is_used
    ]
    own = [
        line
        for line, is_used in (
            ("from . import enums as _enums", "_enums." in text),
            ("from ._runtime import ids as _ids", "_ids." in text),
            ("from ._runtime.public import orm as _orm", "_orm." in text),
            ("from ._runtime.public.fields import JsonValue as _JsonValue", "_JsonValue" in text),
        )
        if is_used
    ]
    return _grouped([*standard, *aliases], library, own)


def _grouped(*groups: list[str]) -> list[str]:
    return "\n\n".join("\n".join(group) for group in groups if group).split("\n")
