"""A page with every key of schema-service.toml, from the models that read it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..config.settings import Settings
from .markdown import GENERATED, code, table

#: The second and further registries of a kind: in the file they are items of an array.
_SEVERAL = ("more_pypi", "more_npm")
_INTRODUCTION = f"""\
{GENERATED}
# schema-service.toml

The settings of a workspace. Only `name` has to be there; a key that doesn't exist is refused.

```toml
name = "shop"

[packages]
python_client = "shop-client"
node_client = "@org/shop-client"

[registries.pypi]
url = "https://packages.example/team/prod/"

[registries.npm]
url = "https://npm.example/"

[databases.main]
url_env = "MAIN_DATABASE_URL"
labels = ["production"]
```

Every key can come from the [environment](environment.md) instead, which wins over the file. Credentials are
in neither: [where they are read from](../registries.md#credentials).
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the file. ``path`` is that of its table; NAME stands for what the user calls it."""

    path: tuple[str, ...]
    name: str
    field: FieldInfo

    @property
    def variable(self) -> str:
        """The variable that sets it."""
        return "SCHEMA_SERVICE_" + "__".join((*self.path, self.name)).upper()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file; the first is the file itself."""

    path: tuple[str, ...]
    meaning: str
    keys: tuple[Key, ...]


def tables() -> Iterator[Table]:
    """Every table that has keys of its own, in the order of the models."""
    return _tables((), "", Settings)


def settings_page() -> str:
    """docs/reference/schema-service-toml.md."""
    lines = [_INTRODUCTION]
    for each in tables():
        if each.path:
            lines += [f"## [{'.'.join(each.path)}]", "", each.meaning, ""]
        lines += table(["key", "value", "default", "meaning"], (_row(key) for key in each.keys))
    return "\n".join(lines).rstrip() + "\n"


def _tables(path: tuple[str, ...], meaning: str, model: type[BaseModel]) -> Iterator[Table]:
    fields = {name: each for name, each in model.model_fields.items() if name not in _SEVERAL}
    below = {name: _model(each.annotation) for name, each in fields.items()}
    keys = tuple(Key(path, name, each) for name, each in fields.items() if below[name] is None)
    if keys:
        yield Table(path, meaning, keys)
    for name, found in below.items():
        if found is not None:
            inner, is_named = found
            where = (*path, name, "NAME") if is_named else (*path, name)
            yield from _tables(where, fields[name].description or "", inner)


def _model(annotation: Any) -> tuple[type[BaseModel], bool] | None:
    """The model of a table, and whether the file has any number of them, each with a name."""
    if get_origin(annotation) is dict:
        found = _model(get_args(annotation)[1])
        return (found[0], True) if found else None
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each, False
    return None


def _row(key: Key) -> tuple[str, str, str, str]:
    return code(key.name), _value(key.field.annotation), _default(key.field), key.field.description or ""


def _value(annotation: Any) -> str:
    """What may be written, for people."""
    if get_origin(annotation) is Annotated:
        return _value(get_args(annotation)[0])
    arguments = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType):
        return _value(arguments[0])
    if get_origin(annotation) is tuple:
        return (
            f"a list of: {_value(arguments[0])}" if get_origin(arguments[0]) is Literal else "a list of texts"
        )
    if get_origin(annotation) is Literal:
        return ", ".join(code(f'"{each}"') for each in arguments)
    if get_origin(annotation) is dict:
        return "a table"
    return {bool: "true or false", int: "a number"}.get(annotation, "text")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "has to be given"
    if isinstance(field.default, int):
        return code(str(field.default).lower())
    return code(f'"{field.default}"') if isinstance(field.default, str) else ""
