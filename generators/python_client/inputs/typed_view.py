"""How one type in types.py is written, and what the module imports."""

from __future__ import annotations

from dataclasses import dataclass

from ...names.reserved_names import PYTHON_KEYWORDS
from ...rendering.render import python_string

#: Names that annotations in types.py use: a key of that name would hide it inside its class.
_USED_NAMES = frozenset(
    {
        "Base64", "BytesInput", "Collection", "DateTimeInput", "Decimal", "DecimalInput", "Json",
        "JsonFieldInput", "JsonValue", "Literal", "Mapping", "Never", "NotRequired", "Sequence", "bool",
        "datetime", "dict", "enums", "filters", "float", "int", "list", "str",
    }
)  # fmt: skip

_FIELD_TYPES = (
    "BigInt", "Boolean", "Bytes", "DateTime", "Decimal", "Float", "Int", "Json", "String",
)  # fmt: skip
#: Types of the runtime that users find in types.py, as in Prisma Client Python's, and their modules.
_EXPORTED = {
    **dict.fromkeys(("DatasourceOverride", "HttpConfig", "MetricsFormat"), "client_types"),
    **dict.fromkeys(
        (
            "AtomicBigIntInput", "AtomicFloatInput", "AtomicIntInput", "Serializable", "SortMode",
            "SortOrder", *(f"{name}{kind}" for name in _FIELD_TYPES for kind in (
                "Filter", "ListFilter", "ListUpdate", "WithAggregatesFilter",
            )),
        ),
        "filters",
    ),
}  # fmt: skip

Entry = tuple[str, str]

_LINE_LENGTH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDictView:
    """One TypedDict, or an alias of other types or literals."""

    name: str
    documentation: str = ""
    entries: tuple[Entry, ...] = ()  # ``(key, type)``
    is_total: bool = False  # all entries are required
    base: str = "TypedDict"
    alias: tuple[str, ...] = ()  # the types that it stands for
    literals: tuple[str, ...] = ()  # the strings that it stands for

    @property
    def alias_statement(self) -> str:
        """The alias as one statement, broken where a formatter would."""
        if len(self.literals) == 1:
            return f"{self.name}: TypeAlias = Literal[{python_string(self.literals[0])}]"
        if self.literals:
            listed = "".join(f"    {python_string(literal)},\n" for literal in self.literals)
            return f"{self.name}: TypeAlias = Literal[\n{listed}]"
        union = python_string(" | ".join(self.alias))
        line = f"{self.name}: TypeAlias = {union}"
        return line if len(line) <= _LINE_LENGTH else f"{self.name}: TypeAlias = (\n    {union}\n)"

    @property
    def is_alias(self) -> bool:
        """Whether it is an alias, not a TypedDict."""
        return bool(self.alias or self.literals)

    @property
    def is_functional(self) -> bool:
        """Whether a key can't stand in class syntax: a keyword, or a name that the annotations use."""
        return any(key in PYTHON_KEYWORDS or key in _USED_NAMES for key, _ in self.entries)


def type_imports(typed: list[TypedDictView]) -> list[str]:
    """The import lines of types.py, in isort's order."""
    if not typed:
        return []
    text = "\n".join(" ".join([view.base, *(type_ for _, type_ in view.entries)]) for view in typed)
    text += "\n".join(" ".join(view.alias) for view in typed)
    words = set(text.replace("[", " ").replace("]", " ").replace(",", " ").split())
    typing = ["TypedDict"] * any(not view.is_alias for view in typed)
    typing += ["NotRequired"] * ("NotRequired" in words) + ["TypeAlias"] * any(
        view.is_alias for view in typed
    )
    typing += ["Literal"] * (any(view.literals for view in typed) or "Literal" in words)
    typing += ["Never"] * any(view.alias == ("Never",) for view in typed)
    known = ("Base64", "BytesInput", "DateTimeInput", "DecimalInput", "JsonFieldInput", "JsonValue")
    runtime = [name for name in known if name in words]
    abstract = [name for name in ("Collection", "Mapping", "Sequence") if name in words]
    standard = [
        *([f"from collections.abc import {', '.join(abstract)}"] if abstract else []),
        *(["from datetime import datetime"] if "datetime" in words else []),
        *(["from decimal import Decimal"] if "Decimal" in words else []),
        f"from typing import {', '.join(sorted(typing))}",
    ]
    uses_enums = any(word.startswith("enums.") for word in words)
    exported = _EXPORTED.keys() - {view.name for view in typed}
    local = [
        *(["from . import enums"] if uses_enums else []),
        "from ._runtime.public import filters",
        *_reexports("client_types", exported),
        *([f"from ._runtime.public.fields import {', '.join(runtime)}"] if runtime else []),
        *_reexports("filters", exported),
    ]
    return [*standard, "", *local]


def _reexports(module: str, names: set[str]) -> list[str]:
    found = sorted(name for name in names if _EXPORTED[name] == module)
    return [f"from ._runtime.public.{module} import {name} as {name}" for name in found]
