"""The form of the statements in tables.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.model import Model

from ...names.naming import python_attribute

#: Attributes of every declarative class: https://docs.sqlalchemy.org/en/20/orm/mapping_api.html
_TAKEN = frozenset({"metadata", "registry", "type_annotation_map"})
LINE_LENGTH = 110


def called(prefix: str, arguments: Iterable[str], indent: int) -> str:
    """``prefix(arguments)`` on one line if it fits, else an argument on each, as ruff and black write it."""
    given = list(arguments)
    line = f"{prefix}({', '.join(given)})"
    if indent + len(line) <= LINE_LENGTH:
        return line
    pad = " " * indent
    return "\n".join([f"{prefix}(", *(f"{pad}    {argument}," for argument in given), f"{pad})"])


def named(arguments: Mapping[str, str]) -> list[str]:
    """``name=value`` of each."""
    return [f"{name}={value}" for name, value in arguments.items()]


def attribute_names(model: Model) -> dict[str, str]:
    """The attribute of each field: as in models.py, with ``_`` behind those that SQLAlchemy has taken."""
    names: dict[str, str] = {}
    given = {python_attribute(model, field.name) for field in model.fields}
    for field in model.fields:
        name = own = python_attribute(model, field.name)
        while name in _TAKEN or (name != own and name in given):
            name += "_"
        names[field.name] = name
    return names
